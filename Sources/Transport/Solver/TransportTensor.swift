import Foundation
public import Volumetry

/// The full tensor of relative effective diffusivity, by homogenisation over a periodic box.
public struct TransportTensor: Sendable, Hashable {
  /// Rows and columns in the order x, y, z; symmetric.
  public let diffusivity: [[Double]]
  /// Largest difference between an element and its mirror before they were averaged, over the largest
  /// element: what the solver's tolerance leaves.
  public let asymmetry: Double
  /// Largest relative residual of the three solves.
  public let residual: Double
  /// Iterations of the three solves together.
  public let iterations: Int
  /// Why the tensor is zero, where nothing percolates.
  public let reason: String?

  init(columns: [[Double]], residual: Double, iterations: Int, reason: String? = nil) {
    var largest = 0.0
    var difference = 0.0
    var rows = [[Double]](repeating: [0, 0, 0], count: 3)
    for i in 0..<3 {
      for j in 0..<3 {
        rows[i][j] = 0.5 * (columns[j][i] + columns[i][j])
        largest = max(largest, abs(rows[i][j]))
        difference = max(difference, abs(columns[j][i] - columns[i][j]))
      }
    }
    diffusivity = rows
    asymmetry = largest > 0 ? difference / largest : 0
    self.residual = residual
    self.iterations = iterations
    self.reason = reason
  }
}

extension TransportTensor: Encodable {
  enum CodingKeys: String, CodingKey {
    case diffusivity = "effective_diffusivity"
    case order
    case boundary
    case asymmetry
    case residual
    case iterations
    case reason
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(diffusivity, forKey: .diffusivity)
    try container.encode("xyz", forKey: .order)
    try container.encode("periodic", forKey: .boundary)
    try container.encode(asymmetry, forKey: .asymmetry)
    try container.encode(residual, forKey: .residual)
    try container.encode(iterations, forKey: .iterations)
    try container.encodeIfPresent(reason, forKey: .reason)
  }
}

extension TransportSolver {
  /// The full tensor of relative effective diffusivity.
  ///
  /// Three solves in a box that repeats along all axes; the concentration is a mean gradient plus a
  /// periodic part, and column j is the mean flux for a unit gradient along axis j (the cell problem
  /// of homogenisation; S. Torquato, Random Heterogeneous Materials, 2002, chapter 13). The diagonal
  /// follows from the dissipation. It differs from the values between insulated walls by what the
  /// box leaves of being representative: across the period pores must meet pores.
  ///
  /// - Throws: `data` where the iteration limit is reached; `cancelled`.
  public mutating func tensor() throws(VoxelithError) -> TransportTensor {
    var columns: [[Double]] = []
    var residual = 0.0
    var iterations = 0
    for axis in [Axis.x, .y, .z] {
      guard let field = try solve(.periodic(driven: axis)) else {
        return TransportTensor(
          columns: [[Double]](repeating: [0, 0, 0], count: 3), residual: 0, iterations: 0,
          reason: "no conducting cluster is joined to its copy in the next period")
      }
      columns.append(try field.tensorColumn())
      residual = max(residual, field.residual)
      iterations += field.iterations
    }
    return TransportTensor(columns: columns, residual: residual, iterations: iterations)
  }
}

extension DiffusionField {
  /// Mean flux (x, y, z) relative to an empty box; the driven component from the dissipation.
  func tensorColumn() throws(VoxelithError) -> [Double] {
    let field = self
    let parts = try Parallel.map(grid.shape.z, threads: flows.fine.threads) { z in
      var sum = SIMD3<Double>.zero
      field.flows.forEachActive(z: z) { voxel, position in sum += field.flux(voxel, at: position) }
      return sum
    }
    var mean = parts.reduce(SIMD3<Double>.zero) { $0 + $1 } / voxelCount
    let effective = try sums().effectiveDiffusivity
    switch axis {
    case .x: mean.x = effective
    case .y: mean.y = effective
    case .z: mean.z = effective
    }
    return [mean.x, mean.y, mean.z]
  }
}
