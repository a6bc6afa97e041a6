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
    let rows = DerivativeRows(
      lattice: lattice, transform: transform, parameters: parameters,
      gain: hasNuisances ? evaluation.gain : nil)
    let partial =
      (try? Parallel.map(lattice.shape.z, threads: threads) {
        (z) throws(VoxelithError) -> ([Double], [Double]) in
        n <= 8
          ? sums(SIMD8<Double>.self, z, n, rows, evaluation.scores, evaluation.curvatures, samples)
          : sums(SIMD16<Double>.self, z, n, rows, evaluation.scores, evaluation.curvatures, samples)
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

  /// The gradient alone.
  static func gradient(
    _ evaluation: Evaluation, samples: [Float], lattice: Grid, transform: SpatialTransform,
    parameters: LocalParameters, hasNuisances: Bool, threads: Int
  ) -> [Double] {
    let rows = DerivativeRows(
      lattice: lattice, transform: transform, parameters: parameters,
      gain: hasNuisances ? evaluation.gain : nil)
    let shape = lattice.shape
    let partial =
      (try? Parallel.map(shape.z, threads: threads) { (z) throws(VoxelithError) -> SIMD16<Double> in
        var sum = SIMD16<Double>.zero
        for y in 0..<shape.y {
          let (first, step) = rows.arms(z: z, y: y)
          for x in 0..<shape.x {
            let i = (z * shape.y + y) * shape.x + x
            guard evaluation.curvatures[i] != 0 else { continue }
            let row: SIMD16<Double> = rows.row(first + Double(x) * step, voxel: i, samples.span)
            sum += Double(evaluation.scores[i]) * row
          }
        }
        return sum
      }) ?? []
    let total = partial.reduce(SIMD16<Double>.zero, +)
    return (0..<parameters.model.parameterCount).map { total[$0] }
  }

  /// Solution of the equations with the diagonal raised by a factor 1 + `damping`; nil where the
  /// parameters cannot be told apart.
  func step(damping: Double) -> [Double]? {
    var damped = curvature
    for i in 0..<curvature.rows { damped[i, i] *= 1 + damping }
    return Cholesky(damped)?.solve(gradient)
  }
}

/// Gradient and curvature (upper triangle at least, by rows) of the voxels of one slice.
@inline(__always)
private func sums<Row: SIMD>(
  _: Row.Type, _ z: Int, _ n: Int, _ rows: DerivativeRows, _ scores: [Float], _ curvatures: [Float],
  _ samples: [Float]
) -> ([Double], [Double]) where Row.Scalar == Double {
  let shape = rows.lattice.shape
  var gradient = Row.zero
  var upper = [Row](repeating: .zero, count: n)
  for y in 0..<shape.y {
    let (first, step) = rows.arms(z: z, y: y)
    for x in 0..<shape.x {
      let i = (z * shape.y + y) * shape.x + x
      let weight = Double(curvatures[i])
      if weight == 0 { continue }
      let row: Row = rows.row(first + Double(x) * step, voxel: i, samples.span)
      gradient += Double(scores[i]) * row
      let weighted = weight * row
      for k in 0..<n { upper[k] += weighted[k] * row }
    }
  }
  return ((0..<n).map { gradient[$0] }, upper.flatMap { row in (0..<n).map { row[$0] } })
}

/// Derivatives of the modelled value of one voxel with respect to all parameters.
struct DerivativeRows: Sendable {
  let lattice: Grid
  let transform: SpatialTransform
  let parameters: LocalParameters
  /// Slope of the fixed values; nil where gain and offset are no parameters.
  let gain: Double?
  private let held: [Int]
  private let count: Int

  init(lattice: Grid, transform: SpatialTransform, parameters: LocalParameters, gain: Double?) {
    self.lattice = lattice
    self.transform = transform
    self.parameters = parameters
    self.gain = gain
    held = parameters.held
    count = parameters.model.parameterCount
  }

  /// From the centre of turns to the image of the first voxel of a row, and on to that of the next.
  @inline(__always)
  func arms(z: Int, y: Int) -> (first: SIMD3<Double>, step: SIMD3<Double>) {
    let start = lattice.center(z: z, y: y, x: 0)
    let first = transform(start)
    let next = transform(start + SIMD3(lattice.spacing.x, 0, 0))
    return (first - parameters.center, next - first)
  }

  func fill(_ row: inout [Double], voxel: Int, samples: [Float]) {
    let shape = lattice.shape
    let (first, step) = arms(z: voxel / (shape.x * shape.y), y: (voxel / shape.x) % shape.y)
    let full: SIMD16<Double> = self.row(first + Double(voxel % shape.x) * step, voxel: voxel, samples.span)
    for i in row.indices { row[i] = full[i] }
  }

  /// - Parameters:
  ///   - arm: from the centre of turns to the image of the voxel.
  ///   - samples: of the forward model, four numbers a voxel.
  @inline(__always)
  func row<Row: SIMD>(
    _ arm: SIMD3<Double>, voxel: Int, _ samples: Span<Float>
  ) -> Row where Row.Scalar == Double {
    var row = Row.zero
    let slope =
      (gain ?? 1)
      * SIMD3(Double(samples[4 * voxel + 1]), Double(samples[4 * voxel + 2]), Double(samples[4 * voxel + 3]))
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
    for i in held { row[i] = 0 }
    if gain != nil {
      row[count] = Double(samples[4 * voxel])
      row[count + 1] = 1
    }
    return row
  }
}
