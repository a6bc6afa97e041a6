public import Volumetry

extension Interpolation {
  /// Different values up to which whole numbers count as labels.
  public static let mostLabels = 32

  /// The interpolation that suits a volume where nobody names one: nearest for labels, between which nothing lies,
  /// else linear.
  ///
  /// Labels are whole numbers of few different values, in up to 32 slices spread over the volume.
  ///
  /// - Returns: the interpolation, and for labels the number of values that were found.
  public static func suited(
    to source: any VolumeSource
  ) throws(VoxelithError) -> (interpolation: Interpolation, labels: Int?) {
    guard !source.voxelType.isFloatingPoint else { return (.linear, nil) }
    let shape = source.grid.shape
    var found: Set<Double> = []
    let slices = min(shape.z, 32)
    for k in 0..<slices {
      let z = (2 * k + 1) * shape.z / (2 * slices)
      let region = Region(
        lower: Shape(z: z, y: 0, x: 0), shape: Shape(z: 1, y: shape.y, x: shape.x))
      for value in try source.read(region).doubles() where !found.contains(value) {
        found.insert(value)
        if found.count > mostLabels { return (.linear, nil) }
      }
    }
    return (.nearest, found.count)
  }
}
