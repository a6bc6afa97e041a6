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

  /// Whether whole numbers of many values look like labels all the same: most neighbours along a row have the same one, which
  /// grey values of a detector do not.
  public static func looksLikeLabels(_ source: any VolumeSource) throws(VoxelithError) -> Bool {
    guard !source.voxelType.isFloatingPoint else { return false }
    let shape = source.grid.shape
    guard shape.x > 1 else { return false }
    var (equal, pairs) = (0, 0)
    let slices = min(shape.z, 8)
    for k in 0..<slices {
      let z = (2 * k + 1) * shape.z / (2 * slices)
      let values = try source.read(
        Region(lower: Shape(z: z, y: 0, x: 0), shape: Shape(z: 1, y: shape.y, x: shape.x))
      ).doubles()
      for y in 0..<shape.y {
        for i in (y * shape.x)..<((y + 1) * shape.x - 1) {
          // A background of one value says nothing.
          if values[i] == 0 && values[i + 1] == 0 { continue }
          pairs += 1
          if values[i] == values[i + 1] { equal += 1 }
        }
      }
    }
    return pairs > 0 && 2 * equal > pairs
  }
}
