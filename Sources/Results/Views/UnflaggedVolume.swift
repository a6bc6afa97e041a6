package import Volumetry

/// A map's values where nothing speaks against them: NaN where its mask gives a reason, also one that keeps the value.
package struct UnflaggedVolume: VolumeSource {
  private let values: any VolumeSource
  private let mask: any VolumeSource

  /// - Throws: `data` where the two differ in their shape.
  package init(_ values: any VolumeSource, mask: any VolumeSource) throws(VoxelithError) {
    guard values.grid.shape == mask.grid.shape else {
      throw VoxelithError(
        .data, "the mask has \(mask.grid.shape) voxels, the map \(values.grid.shape)", file: mask.name)
    }
    self.values = values
    self.mask = mask
  }

  package var grid: Grid { values.grid }
  package var voxelType: VoxelType { .float32 }
  package var chunkShape: Shape { values.chunkShape }
  package var name: String { values.name }

  package func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    var numbers = try values.readFloats(region)
    let reasons = try mask.readLabels(region)
    for index in numbers.indices where reasons[index] != 0 { numbers[index] = .nan }
    return .float32(numbers)
  }
}
