import Volumetry

/// Squares of standard errors where another volume has values.
struct SquaredVolume: VolumeView {
  let base: any VolumeSource
  let other: any VolumeSource

  init(_ base: any VolumeSource, where other: any VolumeSource) {
    self.base = base
    self.other = other
  }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    var values = try base.readFloats(region)
    let known = try other.readFloats(region)
    for index in values.indices {
      guard !(values[index] < 0) else {
        throw VoxelithError(
          .data, "holds a negative standard error, \(values[index])", file: name,
          advice: "errors are zero or more, NaN where there is none")
      }
      values[index] = known[index].isFinite ? values[index] * values[index] : .nan
    }
    return .float32(values)
  }
}
