import Volumetry

/// Gradient and curvature of a metric with respect to the local parameters, and gain and offset where
/// the metric has them.
struct NormalEquations {
  let gradient: [Double]
  let curvature: Matrix

  /// Sums over the voxels, slice by slice.
  init(
    _ evaluation: Evaluation, samples: [Float], lattice: Grid, transform: SpatialTransform,
    parameters: LocalParameters, hasNuisances: Bool, threads: Int
  ) {
    let n = parameters.model.parameterCount + (hasNuisances ? 2 : 0)
    let slice = lattice.shape.y * lattice.shape.x
    let rows = DerivativeRows(
      lattice: lattice, transform: transform, parameters: parameters,
      gain: hasNuisances ? evaluation.gain : nil)
    let partial =
      (try? Parallel.map(lattice.shape.z, threads: threads) {
        (z) throws(VoxelithError) -> ([Double], [Double]) in
        var gradient = [Double](repeating: 0, count: n)
        var upper = [Double](repeating: 0, count: n * n)
        var row = [Double](repeating: 0, count: n)
        for i in (z * slice)..<((z + 1) * slice) where evaluation.curvatures[i] != 0 {
          rows.fill(&row, voxel: i, samples: samples)
          let score = Double(evaluation.scores[i])
          let weight = Double(evaluation.curvatures[i])
          accumulate(&gradient, &upper, row.span, score, weight)
        }
        return (gradient, upper)
      }) ?? []
    var gradient = [Double](repeating: 0, count: n)
    var upper = [Double](repeating: 0, count: n * n)
    for (g, u) in partial {
      for i in 0..<n { gradient[i] += g[i] }
      for i in 0..<(n * n) { upper[i] += u[i] }
    }
    var curvature = Matrix(rows: n, columns: n, elements: upper)
    for i in 0..<n { for j in 0..<i { curvature[i, j] = curvature[j, i] } }
    // A held parameter has rows of zeros: its equation says that it does not change.
    for i in parameters.held { curvature[i, i] = 1 }
    self.gradient = gradient
    self.curvature = curvature
  }

  /// Solution of the equations with the diagonal raised by a factor 1 + `damping`; nil where the
  /// parameters cannot be told apart.
  func step(damping: Double) -> [Double]? {
    var damped = curvature
    for i in 0..<curvature.rows { damped[i, i] *= 1 + damping }
    return Cholesky(damped)?.solve(gradient)
  }
}

private func accumulate(
  _ gradient: inout [Double], _ upper: inout [Double], _ row: Span<Double>, _ score: Double, _ weight: Double
) {
  let n = row.count
  for i in 0..<n {
    gradient[i] += score * row[i]
    let scaled = weight * row[i]
    for j in i..<n { upper[i * n + j] += scaled * row[j] }
  }
}

/// Derivatives of the modelled value of one voxel with respect to all parameters.
struct DerivativeRows: Sendable {
  let lattice: Grid
  let transform: SpatialTransform
  let parameters: LocalParameters
  /// Slope of the fixed values; nil where gain and offset are no parameters.
  let gain: Double?

  func fill(_ row: inout [Double], voxel: Int, samples: [Float]) {
    let shape = lattice.shape
    let x = voxel % shape.x
    let y = (voxel / shape.x) % shape.y
    let z = voxel / (shape.x * shape.y)
    let arm = transform(lattice.center(z: z, y: y, x: x)) - parameters.center
    let slope =
      (gain ?? 1)
      * SIMD3(Double(samples[4 * voxel + 1]), Double(samples[4 * voxel + 2]), Double(samples[4 * voxel + 3]))
    let count = parameters.model.parameterCount
    switch parameters.model {
    case .rigid, .similarity:
      let turn = cross(arm, slope)
      row[0] = turn.x
      row[1] = turn.y
      row[2] = turn.z
      row[3] = slope.x
      row[4] = slope.y
      row[5] = slope.z
      if count == 7 { row[6] = (arm * slope).sum() }
    case .affine:
      for i in 0..<3 {
        for j in 0..<3 { row[3 * i + j] = slope[i] * arm[j] }
        row[9 + i] = slope[i]
      }
    }
    for i in parameters.held { row[i] = 0 }
    if gain != nil {
      row[count] = Double(samples[4 * voxel])
      row[count + 1] = 1
    }
  }
}
