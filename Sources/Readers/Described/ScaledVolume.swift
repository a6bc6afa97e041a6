import Volumetry

/// A volume whose file tells what its numbers stand for: each is multiplied and shifted, and marks of missing values are NaN.
struct ScaledVolume: DescribedVolume, GrowingSource {
  let voxelType: VoxelType
  let description: VolumeDescription
  private let source: any DescribedVolume
  private let scale: ValueScale

  /// The volume itself where the numbers stand for themselves.
  static func scaled(_ source: any DescribedVolume, _ scale: ValueScale) -> any DescribedVolume {
    scale.isNone || !scale.slope.isFinite || scale.slope == 0 || !scale.offset.isFinite
      ? source : ScaledVolume(source, scale)
  }

  private init(_ source: any DescribedVolume, _ scale: ValueScale) {
    self.source = source
    self.scale = scale
    voxelType = source.voxelType.size > 2 && source.voxelType != .float32 ? .float64 : .float32
    var description = source.description
    description.type = voxelType.rawValue
    description.notes += [scale.note].compactMap { $0 }
    self.description = description
  }

  var grid: Grid { source.grid }
  var name: String { source.name }
  var chunkShape: Shape { source.chunkShape }

  var writingNotice: String? {
    let own = scale.note.map { "\(name): \($0)" }
    return [(source as? any GrowingSource)?.writingNotice, own].compactMap { $0 }.joined(separator: "\n")
  }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    let stored = try source.read(region)
    if voxelType == .float64 { return .float64(stored.doubles().map { scale($0) }) }
    if let missing = scale.missing {
      let (mark, slope, offset) = (Float(missing), Float(scale.slope), Float(scale.offset))
      return .float32(stored.floats().map { $0 == mark ? .nan : slope * $0 + offset })
    }
    let (slope, offset) = (Float(scale.slope), Float(scale.offset))
    return .float32(stored.floats().map { slope * $0 + offset })
  }
}
