public import Volumetry

/// Two quantities on the voxels of one grid where both have values, and what the statistics need of them.
public struct FieldPair: Sendable {
  public let shape: Shape
  /// Positions in the grid of the voxels that have both values.
  public let voxels: [Int]
  public let x: [Double]
  public let y: [Double]
  /// Positive weights; all one where none were given.
  public let weights: [Double]

  /// - Parameters:
  ///   - x: one value per voxel of the grid, NaN where missing.
  ///   - y: the same of the other field.
  ///   - weights: not negative; voxels of weight zero are left out.
  ///   - minimum: voxels that the statistics need.
  /// - Throws: `data` where lengths differ, too few voxels have both values, or one side is constant.
  public init(
    _ x: [Double], _ y: [Double], shape: Shape, weights: [Double]? = nil, minimum: Int = 4,
    names: (String, String) = ("x", "y")
  ) throws(VoxelithError) {
    guard x.count == shape.count, y.count == shape.count, weights.map({ $0.count == shape.count }) ?? true
    else {
      throw VoxelithError(
        .data, "\(names.0) has \(x.count) values and \(names.1) \(y.count) for a grid of \(shape) voxels")
    }
    var voxels: [Int] = []
    for i in x.indices where x[i].isFinite && y[i].isFinite {
      if let weights, !(weights[i] > 0 && weights[i].isFinite) { continue }
      voxels.append(i)
    }
    guard voxels.count >= max(4, minimum) else {
      throw VoxelithError(
        .data,
        "\(voxels.count) voxels have both \(names.0) and \(names.1); at least \(max(4, minimum)) are needed")
    }
    self.shape = shape
    self.voxels = voxels
    self.x = voxels.map { x[$0] }
    self.y = voxels.map { y[$0] }
    self.weights =
      weights.map { all in voxels.map { all[$0] } } ?? [Double](repeating: 1, count: voxels.count)
    for (values, name) in [(self.x, names.0), (self.y, names.1)] {
      var moments = Moments()
      for value in values { moments.add(value) }
      guard moments.variance > 1e-24 * moments.mean * moments.mean, moments.variance > 0 else {
        throw VoxelithError(.data, "\(name) is constant (\(moments.mean)) over the voxels used")
      }
    }
  }

  public var count: Int { voxels.count }

  /// The pair with other values on the same voxels.
  func replacing(x: [Double], y: [Double]) -> FieldPair {
    FieldPair(shape: shape, voxels: voxels, x: x, y: y, weights: weights)
  }

  private init(shape: Shape, voxels: [Int], x: [Double], y: [Double], weights: [Double]) {
    self.shape = shape
    self.voxels = voxels
    self.x = x
    self.y = y
    self.weights = weights
  }

  /// Values put back on the grid, NaN elsewhere.
  func onGrid(_ values: [Double]) -> [Double] {
    var field = [Double](repeating: .nan, count: shape.count)
    for (i, voxel) in voxels.enumerated() { field[voxel] = values[i] }
    return field
  }
}
