import Volumetry

/// A few voxels of a quantity that differ from all others and from their neighbours: a hot voxel, a broken fit.
///
/// One such voxel makes a coefficient of anything. It is left out of coefficients, profiles and figures, told with its count and its reason, and
/// stays in the table of the voxels.
public struct FieldOutliers: Sendable, Codable, Equatable {
  public let quantity: String
  /// Places in the grid as z, y, x.
  public let voxels: [[Int]]
  public let values: [Double]
  public let reason: String

  /// How much further from the median than all others, and how many times the spread of the middle two thirds, an outlier lies.
  static let gap = 3.0
  static let spreads = 10.0
  /// One voxel in a hundred can be such; more are a feature of the sample.
  static let part = 100
  /// Neighbours that may be as far out: those of a column of a detector.
  static let company = 2
  /// Fewer values have no spread to speak of.
  static let fewest = 27

  /// - Parameter values: one per voxel of the grid, NaN where missing.
  static func places(_ values: [Double], shape: Shape) -> [Int] {
    let present = values.indices.filter { values[$0].isFinite }
    guard present.count >= fewest else { return [] }
    let sorted = present.map { values[$0] }.sorted()
    let median = Quantiles.quantile(sorted: sorted, 0.5)
    let spread = (Quantiles.quantile(sorted: sorted, 0.84) - Quantiles.quantile(sorted: sorted, 0.16)) / 2
    guard spread > 0 else { return [] }
    let far = present.sorted { (abs(values[$0] - median), $1) > (abs(values[$1] - median), $0) }
    let distances = far.map { abs(values[$0] - median) }
    let limit = max(1, present.count / part)
    guard
      let count = (1...limit).last(where: {
        distances[$0 - 1] > gap * distances[$0] && distances[$0 - 1] > spreads * spread
      })
    else { return [] }
    let found = Set(far.prefix(count))
    let isAlone = found.allSatisfy { neighbours(of: $0, shape).count(where: found.contains) <= company }
    return isAlone ? found.sorted() : []
  }

  private static func neighbours(of place: Int, _ shape: Shape) -> [Int] {
    let (z, y, x) = (place / (shape.y * shape.x), place / shape.x % shape.y, place % shape.x)
    var result: [Int] = []
    for k in max(0, z - 1)...min(shape.z - 1, z + 1) {
      for j in max(0, y - 1)...min(shape.y - 1, y + 1) {
        for i in max(0, x - 1)...min(shape.x - 1, x + 1) where (k, j, i) != (z, y, x) {
          result.append(shape.index(z: k, y: j, x: i))
        }
      }
    }
    return result
  }
}

extension VoxelTable {
  /// The table without the outliers of its quantities, and what they are.
  ///
  /// - Parameter apart: columns that are no quantities (errors). Directions, which repeat, have no outliers.
  public func screened(apart: Set<String> = []) -> (table: VoxelTable, outliers: [FieldOutliers]) {
    var found: [FieldOutliers] = []
    var screened = self
    for (index, column) in columns.enumerated() where column.period == nil && !apart.contains(column.name) {
      let places = FieldOutliers.places(column.values, shape: grid.shape)
      if places.isEmpty { continue }
      var values = column.values
      for place in places { values[place] = .nan }
      screened.replace(index, by: values)
      let shape = grid.shape
      found.append(
        FieldOutliers(
          quantity: column.name,
          voxels: places.map { [$0 / (shape.y * shape.x), $0 / shape.x % shape.y, $0 % shape.x] },
          values: places.map { column.values[$0] },
          reason: "more than \(Int(FieldOutliers.gap)) times as far from the median as all other voxels"))
    }
    return (screened, found)
  }
}
