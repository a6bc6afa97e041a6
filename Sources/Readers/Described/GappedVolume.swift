import Volumetry

/// A volume of which some slices are missing: their voxels are NaN.
final class GappedVolume: DescribedVolume, GrowingSource {
  let grid: Grid
  let voxelType: VoxelType
  let description: VolumeDescription
  private let source: any DescribedVolume
  /// Slice of the source that each slice is; nil for those that are missing.
  private let slices: [Int?]

  init(_ source: any DescribedVolume, slices present: [Bool]) {
    var slices: [Int?] = []
    var next = 0
    for isThere in present {
      slices.append(isThere ? next : nil)
      if isThere { next += 1 }
    }
    self.source = source
    self.slices = slices
    var grid = source.grid
    grid.shape = Shape(z: present.count, y: grid.shape.y, x: grid.shape.x)
    self.grid = grid
    voxelType = source.voxelType == .float64 ? .float64 : .float32
    var description = source.description
    description.shape[0] = present.count
    description.type = voxelType.rawValue
    self.description = description
  }

  var name: String { source.name }

  var writingNotice: String? {
    let missing = slices.count { $0 == nil }
    let own = "\(name): \(missing) of \(slices.count) slices have no file: their voxels are missing (NaN)"
    return [(source as? any GrowingSource)?.writingNotice, own].compactMap { $0 }.joined(separator: "\n")
  }
  var chunkShape: Shape { source.chunkShape }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    var values: [Double] = []
    var floats: [Float] = []
    let plane = region.shape.y * region.shape.x
    for z in region.z {
      guard let slice = slices[z] else {
        if voxelType == .float64 {
          values += [Double](repeating: .nan, count: plane)
        } else {
          floats += [Float](repeating: .nan, count: plane)
        }
        continue
      }
      let part = try source.read(
        Region(
          lower: Shape(z: slice, y: region.lower.y, x: region.lower.x),
          shape: Shape(z: 1, y: region.shape.y, x: region.shape.x)))
      if voxelType == .float64 { values += part.doubles() } else { floats += part.floats() }
    }
    return voxelType == .float64 ? .float64(values) : .float32(floats)
  }
}
