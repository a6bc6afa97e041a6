import Foundation
import Volumetry

/// Which of several descriptors explain a quantity, and how much: one linear model of all of them.
public struct DescriptorRegression: Sendable, Codable, Equatable {
  /// What one descriptor adds.
  public struct Share: Sendable, Codable, Equatable {
    public let name: String
    /// Change of the quantity by one of the descriptor's unit with the others as they are; nil for a descriptor of
    /// several columns (depth).
    public let slope: Estimate?
    /// The same in standard deviations of both.
    public let standardisedSlope: Estimate?
    /// Part of the variance that falls to the descriptor: the mean of what it adds over all orders of entering
    /// (Lindeman, Merenda and Gold, Introduction to Bivariate and Multivariate Analysis (1980), p. 119).
    public let share: Estimate
    /// What the prediction of unseen blocks loses without it; nil where there are too few blocks to leave some out.
    public let predictiveLoss: Double?
    /// By how much the others inflate the variance of its slope: 1 where they know nothing of it.
    public let varianceInflation: Double
    /// Part of its variance that is not error; nil where its errors are not known.
    public let reliability: Double?

    enum CodingKeys: String, CodingKey {
      case name, slope, share, reliability
      case standardisedSlope = "standardised_slope"
      case predictiveLoss = "predictive_loss"
      case varianceInflation = "variance_inflation"
    }
  }

  public let quantity: String
  public let voxels: Int
  public let effectiveVoxels: Double
  /// Part of the variance that the model explains, errors in variables taken out where they are known.
  public let explained: Estimate
  /// The same for blocks of voxels that the model has not seen; below zero where it predicts worse than the mean, nil
  /// where there are too few blocks to leave some out.
  public let predicted: Double?
  /// Sides of the blocks in voxels (z, y, x), and the number of parts that they were left out in.
  public let block: [Int]
  public let folds: Int
  public let descriptors: [Share]
  /// Root of the ratio of the extreme eigenvalues of the descriptors' correlations.
  public let conditionNumber: Double?
  /// What cannot be told apart.
  public let notes: [String]

  enum CodingKeys: String, CodingKey {
    case quantity, voxels, explained, predicted, folds, descriptors, notes
    case effectiveVoxels = "effective_voxels"
    case block = "block_voxels"
    case conditionNumber = "condition_number"
  }
}

/// A descriptor as columns on the voxels that count.
struct DescriptorColumns: Sendable {
  let name: String
  var columns: [[Double]]
  /// Variance of the errors and their covariance with those of the quantity; empty where there are none.
  var errors: [Double] = []
  var sharedErrors: [Double] = []
}

/// Sums of products over voxels, from which models of any of the descriptors follow.
struct GramSums: Sendable {
  /// Over [1, columns, quantity].
  var products: Matrix
  /// Sum of the covariances of the errors, of the same columns.
  var errors: Matrix
  var count: Double

  init(columns: Int) {
    products = Matrix(zeros: columns + 2, columns + 2)
    errors = products
    count = 0
  }

  static func + (a: GramSums, b: GramSums) -> GramSums {
    var sum = a
    sum.products = a.products + b.products
    sum.errors = a.errors + b.errors
    sum.count += b.count
    return sum
  }

  static func - (a: GramSums, b: GramSums) -> GramSums {
    var difference = a
    difference.products = a.products + -1 * b.products
    difference.errors = a.errors + -1 * b.errors
    difference.count -= b.count
    return difference
  }

  /// Covariances of columns and quantity without what errors add.
  var covariances: Matrix {
    let p = products.rows
    var result = Matrix(zeros: p - 1, p - 1)
    for i in 1..<p {
      for j in 1..<p {
        let centred = products[i, j] - products[i, 0] * products[0, j] / count
        result[i - 1, j - 1] = centred / max(1, count - 1) - errors[i, j] / count
      }
    }
    return result
  }

  /// The same with errors of values as part of them.
  var withoutErrors: GramSums {
    var sums = self
    sums.errors = Matrix(zeros: errors.rows, errors.columns)
    return sums
  }

  /// Intercept and slopes of the chosen columns, other slopes zero; nil where they depend on each other.
  ///
  /// - Parameter known: ``covariances``, where they were made before.
  func model(_ chosen: [Int], covariances known: Matrix? = nil) -> [Double]? {
    let p = products.rows - 2
    let c = known ?? covariances
    var slopes = [Double](repeating: 0, count: p)
    if !chosen.isEmpty {
      let inner = Matrix(chosen.map { i in chosen.map { c[i, $0] } })
      guard let factor = Cholesky(inner, tolerance: 1e-10) else { return nil }
      for (i, slope) in zip(chosen, factor.solve(chosen.map { c[$0, p] })) { slopes[i] = slope }
    }
    var intercept = products[0, p + 1] / count
    for i in 0..<p { intercept -= slopes[i] * products[0, i + 1] / count }
    return [intercept] + slopes
  }

  /// Part of the variance that the chosen columns explain; NaN where they depend on each other.
  ///
  /// - Parameter c: ``covariances``.
  func explained(_ chosen: [Int], covariances c: Matrix) -> Double {
    guard let model = model(chosen, covariances: c) else { return .nan }
    let p = products.rows - 2
    guard c[p, p] > 0 else { return .nan }
    return chosen.reduce(0.0) { $0 + model[$1 + 1] * c[$1, p] } / c[p, p]
  }

  /// Sum of squares that a model leaves of these voxels.
  func rest(_ model: [Double]) -> Double {
    let p = products.rows - 2
    var vector = model
    vector.append(-1)
    var sum = 0.0
    for i in 0...(p + 1) { for j in 0...(p + 1) { sum += vector[i] * vector[j] * products[i, j] } }
    return sum
  }
}
