import Foundation
import Volumetry

/// What a linear model's slopes and shares scatter by when neighbouring voxels are alike.
///
/// The standard error of the slope of a column is `s_y / (s_x sqrt(n - k - 1))` with the deviations that all k columns leave of the
/// quantity and the others of the column, and the number n of independent voxels among these residuals (Dutilleul, Biometrics 49
/// (1993) 305). What the columns explain by chance is told apart by Fisher's F with k and n - k - 1 degrees of freedom.
struct ModelScatter {
  /// Of each column.
  private let errors: [Double]
  /// The least number of independent voxels of all columns.
  let effective: Double
  /// Part of the quantity's variance that is not error.
  private let reliability: Double
  /// Degrees of freedom of the residuals of each column.
  private let degrees: [Double]
  private let columns: Int

  /// - Throws: `data` where descriptors depend on each other.
  init(_ pair: FieldPair, _ descriptors: [DescriptorColumns], _ total: GramSums) throws(VoxelithError) {
    let columns = descriptors.flatMap(\.columns)
    let quantity = try Correlations.residuals(pair.y, controls: columns)
    let spent = columns.count
    var errors: [Double] = []
    var degrees: [Double] = []
    var least = Double(pair.count)
    for index in columns.indices {
      let others = columns.indices.filter { $0 != index }.map { columns[$0] }
      let own = try Correlations.residuals(columns[index], controls: others)
      let count = try pair.effectiveCount(of: own, quantity)
      least = min(least, count)
      let scale = deviation(own)
      let left = Self.degrees(count, columns: spent)
      degrees.append(left)
      errors.append(scale > 0 ? deviation(quantity) / (scale * left.squareRoot()) : 0)
    }
    self.errors = errors
    self.degrees = degrees
    self.columns = spent
    effective = least
    let p = total.products.rows - 2
    let whole = total.withoutErrors.covariances[p, p]
    reliability = whole > 0 ? max(1e-3, total.covariances[p, p] / whole) : 1
  }

  /// Never fewer than one: where columns are as many as independent voxels, nothing is known.
  private static func degrees(_ effective: Double, columns: Int) -> Double {
    max(1, effective - Double(columns) - 1)
  }

  /// How much wider resampled slopes must be to scatter as they should, at least 1, column by column; of Student's distribution.
  ///
  /// - Parameter slopes: of every sample, errors in variables left in.
  func stretches(of slopes: [[Double]], confidence: Double) -> [Double] {
    let reach = Distributions.normalQuantile(0.5 + 0.5 * confidence)
    return errors.indices.map { column in
      var moments = Moments()
      for sample in slopes { moments.add(sample[column]) }
      let spread = moments.count > 2 ? moments.standardDeviation : 0
      let wider = Distributions.studentQuantile(0.5 + 0.5 * confidence, dof: degrees[column]) / reach
      return spread > 0 ? wider * max(1, errors[column] / spread) : wider
    }
  }

  /// Scatter of the share of some columns that explain nothing, beside others that explain a part.
  func ofShare(columns: Int, explained: Double) -> NullScatter {
    let rest = min(1 / reliability, max(0.05, 1 / reliability - explained))
    let left = Self.degrees(effective, columns: self.columns)
    // The distribution of F has no variance below four degrees of freedom.
    let nu = max(5, left)
    let one = rest / left
    let k = Double(columns)
    return NullScatter(
      mean: k * one * nu / (nu - 2),
      variance: 2 * k * one * one * nu * nu * (k + nu - 2) / ((nu - 2) * (nu - 2) * (nu - 4)),
      least: 1 / (reliability * max(2, effective)))
  }
}
