import Volumetry

/// The density of a slice: the first number's field, found by the same regularised least squares, with an error of the model beside that
/// of the counts.
///
/// Counts tell the density to less than a hundredth, which is better than a picture of voxels tells a sharp border; that misfit enters
/// the weights as a variance that all rays share, found from the residuals.
struct DensityModel: Sendable {
  /// Variance of the prior's modes over ``FieldPrior``'s, in units of the slice's own density.
  var scale: Double
  /// Standard deviation of the model's misfit over the largest ray.
  var misfit: Double
}

/// A slice that is being reconstructed.
struct SliceWork: Sendable {
  let row: Int
  var first: [Float]
  var second: [Float]
  var isMissing: [Bool]
  /// Of every column.
  let noise: [PairNoise]
  /// Largest ray of the first number over the side of the slice: the unit of the density.
  var unit: Double
  /// The largest ray.
  var largest: Double

  init(_ data: AmplitudeProjections, row: Int) {
    self.row = row
    let range = data.range(row: row)
    first = Array(data.first[range])
    second = Array(data.second[range])
    isMissing = Array(data.isMissing[range])
    noise = Array(data.noise[(row * data.columns)..<((row + 1) * data.columns)])
    largest = Double(first.max() ?? 0)
    unit = max(largest, 1e-30) / (0.5 * Double(data.columns))
  }

  /// Weights of the first number's rays; `expected` are the numbers of the last model.
  func densityWeights(expected: [Float], misfit: Double) -> [Float] {
    let excess = misfit * largest * misfit * largest
    return first.indices.map { ray in
      if isMissing[ray] { return 0 }
      let counts = covariance(ray, first: Double(expected[ray])).x
      return Float(1 / (counts + excess))
    }
  }

  /// Covariance of the numbers of a ray that expects `first`.
  func covariance(_ ray: Int, first: Double) -> SIMD3<Double> {
    noise[ray % noise.count].covariance(first: first)
  }
}
