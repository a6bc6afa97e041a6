import Foundation
import Volumetry

/// What the map of one state says of the modes.
struct StateEvidence: Sendable {
  /// Information on the orthonormal coefficients, and its product with their best values.
  let information: Matrix
  let projection: [Double]
  /// Sum of weight times x squared.
  let square: Double
  /// Voxels that were used, and the weight of every voxel (0 where not).
  let voxels: Int
  let weights: [Double]
  /// Chi-squared about the smooth field that fits this state best, and its degrees of freedom.
  let chiSquared: Double
  let degreesOfFreedom: Int
  /// Information on the modes that are the same everywhere in the plane.
  let depthInformation: [[Double]]
  /// Standard deviation of what varies from voxel to voxel beyond the errors; 0 where these suffice.
  let roughness: Double

  /// - Throws: `data` where too few voxels have a value.
  init(_ state: OperandoState, storage: [Double], modes: DiffusionModes) throws(VoxelithError) {
    let used = state.x.indices.filter {
      state.x[$0].isFinite && state.sigma[$0].isFinite && state.sigma[$0] > 0 && storage[$0] > 0
    }
    let free = used.count - modes.visible.count
    guard !used.isEmpty else {
      throw VoxelithError(
        .data, "a state has no good voxel",
        advice:
          "look at the map.json of the states: it counts voxels that are masked or outside the calibrated range"
      )
    }
    guard free > 0 else {
      throw VoxelithError(
        .data, "a state has \(used.count) voxels with a value, too few for \(modes.visible.count) modes",
        advice: "lower the number of modes, along the depth or in the plane")
    }
    var plain = [Double](repeating: 0, count: storage.count)
    var values = plain
    for voxel in used {
      plain[voxel] = 1
      values[voxel] = Double(state.x[voxel])
    }
    let told = used.map { Double(state.sigma[$0]) * Double(state.sigma[$0]) }
    var deviations: [Double] = []
    var variances = told
    // About the plain smooth field first: its weights follow no error. About the weighted one then: the plain one has more noise
    // than voxels that are known well.
    for pass in 0..<2 {
      if pass > 0 { for (index, voxel) in used.enumerated() { plain[voxel] = 1 / variances[index] } }
      let smooth = try Self.smooth(zip(values, plain).map { $0 * $1 }, weights: plain, modes)
      deviations = used.map { values[$0] - smooth[$0] }
      variances = Self.expected(told, deviations: deviations)
    }
    let own = deviations.reduce(0) { $0 + $1 * $1 }
    func chi(_ extra: Double) -> Double {
      var sum = 0.0
      for (index, deviation) in deviations.enumerated() {
        sum += deviation * deviation / (variances[index] + extra)
      }
      return sum
    }
    let dof = Double(free)
    var extra = 0.0
    if chi(0) > dof + 4 * (2 * dof).squareRoot() {
      var (low, high) = (0.0, max(1e-12, own / dof))
      while chi(high) > dof { high *= 2 }
      for _ in 0..<60 {
        extra = 0.5 * (low + high)
        if chi(extra) > dof { low = extra } else { high = extra }
      }
    }
    var weights = [Double](repeating: 0, count: storage.count)
    var weighted = weights
    var square = 0.0
    for (index, voxel) in used.enumerated() {
      weights[voxel] = 1 / (variances[index] + extra)
      weighted[voxel] = weights[voxel] * values[voxel]
      square += weighted[voxel] * values[voxel]
    }
    self.weights = weights
    self.square = square
    voxels = used.count
    roughness = extra.squareRoot()
    degreesOfFreedom = free
    let gram = try modes.information(weights)
    let sums = try modes.sums.projection(weighted, modes.axes)
    let best = try Self.solution(gram, sums, modes)
    chiSquared = square - zip(modes.visible, best).reduce(0) { $0 + sums[$1.0] * $1.1 }
    depthInformation = modes.depthOnly.map { a in modes.depthOnly.map { gram[a, $0] } }
    information = modes.whitened(gram)
    projection = modes.whitening.transposedTimes(sums)
  }

  /// Variances without the part that goes with the voxels' own deviations: a weight that follows the error of x biases a fit.
  ///
  /// A voxel's variance grows as exp(c d) with its deviation d, whatever it is at d = 0 (a voxel with little active material has a
  /// larger one). c is the plain regression of the logarithms on the deviations: what the logarithms vary by from voxel to voxel is noise
  /// to it that all voxels share alike.
  private static func expected(_ variances: [Double], deviations: [Double]) -> [Double] {
    let logs = variances.map { log($0) }
    let mean = logs.reduce(0, +) / Double(max(1, logs.count))
    var (both, squares) = (0.0, 0.0)
    for index in variances.indices {
      both += deviations[index] * (logs[index] - mean)
      squares += deviations[index] * deviations[index]
    }
    let slope = squares > 0 ? both / squares : 0
    return variances.indices.map { index in
      variances[index] * exp(min(log(4), max(-log(4), -slope * deviations[index])))
    }
  }

  /// Coefficients of the visible modes that fit best.
  private static func solution(
    _ gram: Matrix, _ right: [Double], _ modes: DiffusionModes
  ) throws(VoxelithError) -> [Double] {
    let visible = modes.visible
    var normal = Matrix(zeros: visible.count, visible.count)
    for (i, a) in visible.enumerated() {
      for (j, b) in visible.enumerated() { normal[i, j] = gram[a, b] }
      normal[i, i] += 1e-9 * gram[0, 0]
    }
    guard let factor = Cholesky(normal) else {
      throw VoxelithError(
        .data, "the voxels that have a value do not determine a smooth field",
        advice: "lower the number of modes, along the depth or in the plane")
    }
    return factor.solve(visible.map { right[$0] })
  }

  /// The smooth field that fits values best.
  ///
  /// - Parameter values: times their weights.
  private static func smooth(
    _ values: [Double], weights: [Double], _ modes: DiffusionModes
  ) throws(VoxelithError) -> [Double] {
    let solution = try solution(
      try modes.information(weights), try modes.sums.projection(values, modes.axes), modes)
    var coefficients = [Double](repeating: 0, count: modes.sums.modes.count)
    for (i, a) in modes.visible.enumerated() { coefficients[a] = solution[i] }
    return try modes.sums.field(coefficients, modes.axes)
  }
}
