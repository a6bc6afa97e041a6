import Volumetry

/// Covariance of the fitted parameters when the residuals of neighbouring voxels are correlated.
///
/// `C = H^-1 S H^-1` with the curvature H and the covariance S of the gradient, the sum over pairs of
/// voxels up to `reach` lattice steps apart, with Bartlett's taper (Conley, J. Econometrics 92 (1999) 1,
/// for a grid). For least squares the covariance of a pair is the variance of the residuals times their
/// autocorrelation at the lag, estimated over the whole grid, which scatters less than the raw products;
/// for mutual information it is the product of the two scores.
struct Covariance {
  let matrix: Matrix
  /// Variance of the weighted residuals: chi-squared per degree of freedom where weights are known.
  let reducedChiSquared: Double
  /// Sum of the residuals' autocorrelation over the lags: 1 for independent voxels.
  let correlationVolume: Double

  /// Nil where the parameters cannot be told apart.
  init?(
    _ solution: Solver.Solution, fixed: FixedSamples, lattice: Grid, metric: any Metric, reach: Int = 3,
    threads: Int
  ) {
    let evaluation = solution.evaluation
    let equations = NormalEquations(
      evaluation, samples: solution.samples, lattice: lattice, transform: solution.transform,
      parameters: solution.parameters, hasNuisances: metric.hasNuisances, threads: threads)
    guard let inverse = Cholesky(equations.curvature)?.inverse else { return nil }
    let n = inverse.rows
    let shape = lattice.shape
    let taken = evaluation.curvatures.map { $0 != 0 }
    let rows = DerivativeRows(
      lattice: lattice, transform: solution.transform, parameters: solution.parameters,
      gain: metric.hasNuisances ? evaluation.gain : nil)

    // Rows scaled so that, for least squares, the noise of every voxel has the same variance.
    let isScore = !metric.hasNuisances
    var design = [Float](repeating: 0, count: taken.count * n)
    var noise = [Float](repeating: 0, count: taken.count)
    Parallel.forEachSlab(of: &design, stride: n * shape.y * shape.x, threads: threads) { z, slab in
      var row = [Double](repeating: 0, count: n)
      let first = z * shape.y * shape.x
      for k in 0..<(shape.y * shape.x) where taken[first + k] {
        rows.fill(&row, voxel: first + k, samples: solution.samples)
        let scale =
          isScore
          ? Double(evaluation.scores[first + k]) : Double(evaluation.curvatures[first + k]).squareRoot()
        for i in 0..<n { slab[n * k + i] = Float(scale * row[i]) }
      }
    }
    var squares = 0.0
    for i in noise.indices where taken[i] {
      noise[i] = isScore ? 1 : evaluation.scores[i] / evaluation.curvatures[i].squareRoot()
      squares += Double(noise[i]) * Double(noise[i])
    }
    let count = Double(evaluation.count)
    let variance = isScore ? 1 : squares / max(1, count - Double(n))

    let middle: [Double]
    var volume = 1.0
    if isScore {
      let bartlett = (-reach...reach).map { 1 - Float(abs($0)) / Float(reach + 1) }
      middle = Self.taperedProducts(
        design, shape: shape, n: n, taper: { _ in bartlett }, threads: threads)
    } else {
      (middle, volume) = Self.correlatedProducts(
        design, noise: noise, taken: taken, shape: shape, n: n, reach: reach, variance: variance,
        squares: squares, threads: threads)
    }
    let sandwich = inverse * Matrix(rows: n, columns: n, elements: middle) * inverse
    let p = solution.parameters.model.parameterCount
    var cut = Matrix(zeros: p, p)
    for i in 0..<p { for j in 0..<p { cut[i, j] = 0.5 * (sandwich[i, j] + sandwich[j, i]) } }
    let held = solution.parameters.held
    guard (0..<p).allSatisfy({ held.contains($0) || (cut[$0, $0] > 0 && cut[$0, $0].isFinite) }) else {
      return nil
    }
    matrix = cut
    reducedChiSquared = variance
    correlationVolume = max(volume, 0.05)
  }

  /// Sum over pairs of voxels of the products of their rows with a taper, which is a product over the axes: one
  /// filter per component instead of a sum per lag.
  ///
  /// - Parameter taper: weights of the lags along each axis, of odd number, lag zero in the middle.
  static func taperedProducts(
    _ design: [Float], shape: Shape, n: Int, taper: (Axis) -> [Float], threads: Int
  ) -> [Double] {
    var pad = shape
    var wide = shape
    for axis in Axis.allCases {
      pad[axis] = taper(axis).count / 2
      wide[axis] = shape[axis] + 2 * pad[axis]
    }
    var middle = [Double](repeating: 0, count: n * n)
    for j in 0..<n {
      var field = [Float](repeating: 0, count: wide.count)
      for z in 0..<shape.z {
        for y in 0..<shape.y {
          let from = shape.index(z: z, y: y, x: 0)
          let to = wide.index(z: z + pad.z, y: y + pad.y, x: pad.x)
          for x in 0..<shape.x { field[to + x] = design[(from + x) * n + j] }
        }
      }
      for axis in Axis.allCases {
        field = SeparableFilter.convolve(
          field, shape: wide, along: axis, with: Kernel(weights: taper(axis)), threads: threads)
      }
      for z in 0..<shape.z {
        for y in 0..<shape.y {
          let from = shape.index(z: z, y: y, x: 0)
          let to = wide.index(z: z + pad.z, y: y + pad.y, x: pad.x)
          for x in 0..<shape.x {
            let value = Double(field[to + x])
            for i in 0..<n { middle[i * n + j] += Double(design[(from + x) * n + i]) * value }
          }
        }
      }
    }
    return middle
  }

  /// The same with the autocorrelation of the residuals at every lag, and the sum of that over the lags.
  private static func correlatedProducts(
    _ design: [Float], noise: [Float], taken: [Bool], shape: Shape, n: Int, reach: Int, variance: Double,
    squares: Double, threads: Int
  ) -> ([Double], Double) {
    let lags = halfSpace(reach: reach, shape: shape)
    let parts =
      (try? Parallel.map(lags.count, threads: threads) {
        (index) throws(VoxelithError) -> (outer: [Double], products: Double) in
        lagSum(lags[index], design: design, noise: noise, taken: taken, shape: shape, n: n)
      }) ?? []
    var middle = [Double](repeating: 0, count: n * n)
    var volume = 0.0
    for (lag, part) in zip(lags, parts) {
      let isZero = lag == SIMD3(0, 0, 0)
      func share(_ step: Int) -> Double { 1 - Double(abs(step)) / Double(reach + 1) }
      let taper = share(lag.x) * share(lag.y) * share(lag.z)
      // The mean product of the residuals over all voxels (not over the pairs) keeps the sum positive.
      let correlation = part.products / max(squares, .leastNormalMagnitude)
      volume += (isZero ? 1 : 2) * taper * correlation
      for i in 0..<n {
        for j in 0..<n {
          let symmetric = isZero ? part.outer[i * n + j] : part.outer[i * n + j] + part.outer[j * n + i]
          middle[i * n + j] += taper * correlation * variance * symmetric
        }
      }
    }
    return (middle, volume)
  }

  /// Lag zero and one of each pair of opposite lags.
  private static func halfSpace(reach: Int, shape: Shape) -> [SIMD3<Int>] {
    var lags: [SIMD3<Int>] = []
    for z in 0...min(reach, shape.z - 1) {
      for y in -min(reach, shape.y - 1)...min(reach, shape.y - 1) {
        for x in -min(reach, shape.x - 1)...min(reach, shape.x - 1) {
          if z > 0 || y > 0 || (y == 0 && x >= 0) { lags.append(SIMD3(x, y, z)) }
        }
      }
    }
    return lags
  }

  private static func lagSum(
    _ lag: SIMD3<Int>, design: [Float], noise: [Float], taken: [Bool], shape: Shape, n: Int
  ) -> (outer: [Double], products: Double) {
    var outer = [Double](repeating: 0, count: n * n)
    var products = 0.0
    let step = (lag.z * shape.y + lag.y) * shape.x + lag.x
    let rows = design.span
    // A large grid needs not every slice for the products of the rows.
    let stride = max(1, shape.count / 60_000)
    let slices = shape.z - lag.z
    let sampled = (slices + stride - 1) / stride
    for z in 0..<slices {
      let isSampled = z % stride == 0
      for y in max(0, -lag.y)..<min(shape.y, shape.y - lag.y) {
        for x in max(0, -lag.x)..<min(shape.x, shape.x - lag.x) {
          let a = (z * shape.y + y) * shape.x + x
          let b = a + step
          guard taken[a], taken[b] else { continue }
          products += Double(noise[a]) * Double(noise[b])
          guard isSampled else { continue }
          addOuter(&outer, rows.extracting((n * a)..<(n * a + n)), rows.extracting((n * b)..<(n * b + n)))
        }
      }
    }
    let scale = Double(slices) / Double(max(1, sampled))
    return (outer.map { scale * $0 }, products)
  }
}

private func addOuter(_ outer: inout [Double], _ a: Span<Float>, _ b: Span<Float>) {
  let n = a.count
  for i in 0..<n {
    let left = Double(a[i])
    for j in 0..<n { outer[i * n + j] += left * Double(b[j]) }
  }
}
