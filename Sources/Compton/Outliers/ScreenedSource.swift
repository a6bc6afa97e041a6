public import Volumetry

/// Spectra without those of outliers: in their place stand marks that every stage takes for the reason why there is no
/// value.
public struct ScreenedSource: WrappedSource {
  public let base: any SpectralSource
  public let outliers: CountOutliers

  /// Looks for outliers, which reads all spectra once.
  public init(_ base: any SpectralSource, resources: Resources) throws(VoxelithError) {
    self.base = base
    outliers = try CountOutliers(base, resources: resources)
  }

  /// - Parameter outliers: those of the same spectra.
  public init(_ base: any SpectralSource, outliers: CountOutliers) {
    self.base = base
    self.outliers = outliers
  }

  /// What was found, for people; nil where there is nothing.
  public var notice: String? {
    guard !outliers.isEmpty else { return nil }
    var parts: [String] = []
    for (found, what) in [(outliers.voxels, "voxel"), (outliers.pixels, "pixel")] {
      for reason in [VoxelStatus.hot, .dead] {
        let count = found.values.count { $0 == reason }
        if count > 0 { parts.append("\(count) \(reason.key) \(what)\(count == 1 ? "" : "s")") }
      }
    }
    return "\(name): masked \(parts.joined(separator: ", "))"
  }

  public func pass(_ counts: inout [Float], of region: Region) {
    if outliers.isEmpty { return }
    let shape = grid.shape
    let bins = energy.count
    var voxel = 0
    for z in region.z {
      for y in region.y {
        for x in region.x {
          let pixel = y * shape.x + x
          if let reason = outliers.pixels[pixel] ?? outliers.voxels[shape.index(z: z, y: y, x: x)] {
            let mark = Self.mark(reason)
            for bin in (voxel * bins)..<((voxel + 1) * bins) { counts[bin] = mark }
          }
          voxel += 1
        }
      }
    }
  }

  /// A number that is no count, of which no file has so many.
  static func mark(_ reason: VoxelStatus) -> Float {
    switch reason {
    case .hot: -Float.greatestFiniteMagnitude
    case .dead: -Float.greatestFiniteMagnitude.nextDown
    default: .nan
    }
  }

  /// Whether a number stands for a reason.
  static func isMark(_ count: Float) -> Bool { count <= mark(.dead) }

  /// The reason that bad counts stand for.
  static func reason(_ counts: Span<Float>) -> VoxelStatus {
    guard !counts.isEmpty else { return .badCounts }
    return [.hot, .dead].first { mark($0) == counts[0] } ?? .badCounts
  }
}
