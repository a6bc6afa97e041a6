package import Volumetry

/// A map's values where nothing speaks against them: NaN where its mask gives a reason, also one that keeps the value.
package struct UnflaggedVolume: VolumeView {
  package let base: any VolumeSource
  private let mask: any VolumeSource

  /// - Throws: `data` where the two differ in their shape.
  package init(_ values: any VolumeSource, mask: any VolumeSource) throws(VoxelithError) {
    guard values.grid.shape == mask.grid.shape else {
      throw VoxelithError(
        .data, "the mask has \(mask.grid.shape) voxels, the map \(values.grid.shape)", file: mask.name)
    }
    base = values
    self.mask = mask
  }

  package func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    var numbers = try base.readFloats(region)
    let reasons = try mask.readLabels(region)
    for index in numbers.indices where reasons[index] != 0 { numbers[index] = .nan }
    return .float32(numbers)
  }
}
