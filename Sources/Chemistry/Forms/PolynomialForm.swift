import Volumetry

/// A polynomial fitted to some bins of a spectrum by least squares with equal weights, as linear forms of the values.
///
/// The weights are the same for every voxel, so the value of the polynomial at any energy is a fixed combination of the
/// measured values, and its error follows exactly from theirs.
struct PolynomialForm: Sendable {
  /// Bins that are fitted.
  let bins: [Int]
  let degree: Int
  private let center: Double
  private let scale: Double
  /// Coefficient `j` of the polynomial in (E - center) / scale as weights of the bins, `degree + 1` rows.
  private let weights: [Double]

  /// - Parameter energies: of all bins of the axis, in eV.
  /// - Throws: `data` where the bins are too few for the degree.
  init(_ bins: [Int], degree: Int, energies: [Double]) throws(VoxelithError) {
    guard bins.count > degree, let first = bins.first, let last = bins.last else {
      throw VoxelithError(
        .data, "\(bins.count) energies do not determine a polynomial of degree \(degree)",
        advice: "widen the range, or lower the degree")
    }
    self.bins = bins
    self.degree = degree
    center = 0.5 * (energies[first] + energies[last])
    scale = max(0.5 * abs(energies[last] - energies[first]), 1e-9)
    let terms = degree + 1
    var design = Matrix(zeros: bins.count, terms)
    for (row, bin) in bins.enumerated() {
      let t = (energies[bin] - center) / scale
      var power = 1.0
      for j in 0..<terms {
        design[row, j] = power
        power *= t
      }
    }
    guard let factor = Cholesky(design.transposed * design) else {
      throw VoxelithError(.data, "the energies of a range do not determine a polynomial of degree \(degree)")
    }
    weights = (factor.inverse * design.transposed).elements
  }

  var count: Int { degree + 1 }

  /// Degrees of freedom that the fit leaves.
  var freedom: Int { bins.count - count }

  /// The coefficients for the values of a spectrum.
  func fit(_ values: [Double], into coefficients: inout [Double]) {
    for j in 0..<count {
      var sum = 0.0
      let row = j * bins.count
      for (place, bin) in bins.enumerated() { sum += weights[row + place] * values[bin] }
      coefficients[j] = sum
    }
  }

  /// The polynomial at an energy in eV.
  func value(_ coefficients: [Double], at energy: Double) -> Double {
    let t = (energy - center) / scale
    var sum = 0.0
    for j in stride(from: degree, through: 0, by: -1) { sum = sum * t + coefficients[j] }
    return sum
  }

  /// Its slope per eV.
  func slope(_ coefficients: [Double], at energy: Double) -> Double {
    let t = (energy - center) / scale
    var sum = 0.0
    for j in stride(from: degree, to: 0, by: -1) { sum = sum * t + Double(j) * coefficients[j] }
    return sum / scale
  }

  /// Adds `factor` times the weights of the value at an energy to a form over all bins.
  func add(_ factor: Double, at energy: Double, to form: inout [Double]) {
    let t = (energy - center) / scale
    var power = factor
    for j in 0..<count {
      let row = j * bins.count
      for (place, bin) in bins.enumerated() { form[bin] += power * weights[row + place] }
      power *= t
    }
  }

  /// Sum of squared residuals, and of those over the fitted values as the variances that counts have.
  func residuals(_ values: [Double], _ coefficients: [Double], energies: [Double]) -> (
    squares: Double, overFit: Double
  ) {
    var squares = 0.0
    var overFit = 0.0
    for bin in bins {
      let fitted = value(coefficients, at: energies[bin])
      let rest = values[bin] - fitted
      squares += rest * rest
      overFit += rest * rest / max(fitted, 1e-12)
    }
    return (squares, overFit)
  }
}
