import Foundation
import Volumetry

/// What a linear model's slopes and shares scatter by when neighbouring voxels are alike.
///
/// The standard error of the slope of a column is `s_y / (s_x sqrt(n - 2))` with the deviations that the other columns
/// leave of the quantity and of the column, and the number n of independent voxels among these residuals
/// (Dutilleul, Biometrics 49 (1993) 305).
struct ModelScatter {
  /// Of each column.
  private let errors: [Double]
  /// The least number of independent voxels of all columns.
  let effective: Double
  /// Part of the quantity's variance that is not error.
  private let reliability: Double

  /// - Throws: `data` where descriptors depend on each other.
  init(_ pair: FieldPair, _ descriptors: [DescriptorColumns], _ total: GramSums) throws(VoxelithError) {
    let columns = descriptors.flatMap(\.columns)
    let quantity = try Correlations.residuals(pair.y, controls: columns)
    let spent = columns.count
    var errors: [Double] = []
    var least = Double(pair.count)
    for index in columns.indices {
      let others = columns.indices.filter { $0 != index }.map { columns[$0] }
      let own = try Correlations.residuals(columns[index], controls: others)
      let count = try pair.effectiveCount(of: own, quantity, spent: spent - 1)
      least = min(least, count)
      let scale = deviation(own)
      errors.append(scale > 0 ? deviation(quantity) / (scale * max(1, count - 2).squareRoot()) : 0)
    }
    self.errors = errors
    effective = least
    let p = total.products.rows - 2
    let whole = total.withoutErrors.covariances[p, p]
    reliability = whole > 0 ? max(1e-3, total.covariances[p, p] / whole) : 1
  }

  /// How much wider resampled slopes must be to scatter as they should, at least 1, column by column.
  ///
  /// - Parameter slopes: of every sample, errors in variables left in.
  func stretches(of slopes: [[Double]]) -> [Double] {
    errors.indices.map { column in
      var moments = Moments()
      for sample in slopes { moments.add(sample[column]) }
      let spread = moments.count > 2 ? moments.standardDeviation : 0
      return spread > 0 ? max(1, errors[column] / spread) : 1
    }
  }

  /// Scatter of the share of some columns that explain nothing, beside others that explain a part.
  func ofShare(columns: Int, explained: Double) -> NullScatter {
    let rest = min(1 / reliability, max(0.05, 1 / reliability - explained))
    let one = rest / max(2, effective - 1)
    let k = Double(columns)
    return NullScatter(
      mean: k * one, variance: 2 * k * one * one, least: 1 / (reliability * max(2, effective)))
  }
}
