public import Volumetry

/// Coefficients of the relation between two lists of values.
public enum Correlations {
  /// Pearson's coefficient with weights.
  public static func pearson(_ x: [Double], _ y: [Double], weights: [Double]? = nil) -> Double {
    precondition(x.count == y.count)
    var w = 0.0
    var mx = 0.0
    var my = 0.0
    for i in x.indices {
      let weight = weights?[i] ?? 1
      w += weight
      mx += weight * x[i]
      my += weight * y[i]
    }
    mx /= w
    my /= w
    var xx = 0.0
    var yy = 0.0
    var xy = 0.0
    for i in x.indices {
      let weight = weights?[i] ?? 1
      xx += weight * (x[i] - mx) * (x[i] - mx)
      yy += weight * (y[i] - my) * (y[i] - my)
      xy += weight * (x[i] - mx) * (y[i] - my)
    }
    let norm = (xx * yy).squareRoot()
    return norm > 0 ? min(1, max(-1, xy / norm)) : .nan
  }

  /// Pearson's coefficient of values at some places, which may repeat.
  static func pearson(_ x: [Double], _ y: [Double], chosen: [Int]) -> Double {
    let first = x.span
    let second = y.span
    let places = chosen.span
    var mx = 0.0
    var my = 0.0
    for k in places.indices {
      mx += first[places[k]]
      my += second[places[k]]
    }
    mx /= Double(places.count)
    my /= Double(places.count)
    var xx = 0.0
    var yy = 0.0
    var xy = 0.0
    for k in places.indices {
      let a = first[places[k]] - mx
      let b = second[places[k]] - my
      xx += a * a
      yy += b * b
      xy += a * b
    }
    let norm = (xx * yy).squareRoot()
    return norm > 0 ? min(1, max(-1, xy / norm)) : .nan
  }

  /// Spearman's coefficient: Pearson's of the ranks, ties sharing their mean rank.
  public static func spearman(_ x: [Double], _ y: [Double]) -> Double {
    pearson(ranks(x), ranks(y))
  }

  /// Ranks from 1; equal values share their mean rank.
  public static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count && values[order[end + 1]] == values[order[start]] { end += 1 }
      let rank = 0.5 * Double(start + end) + 1
      for k in start...end { ranks[order[k]] = rank }
      start = end + 1
    }
    return ranks
  }

  /// Kendall's tau-b, which allows for ties.
  public static func kendall(_ x: [Double], _ y: [Double]) -> Double { KendallTau(x, y).value }

  /// Values less their weighted least-squares fit by the controls and a constant.
  ///
  /// - Throws: `data` where the controls depend on each other.
  public static func residuals(_ values: [Double], controls: [[Double]], weights: [Double]? = nil)
    throws(VoxelithError) -> [Double]
  {
    if controls.isEmpty { return values }
    let columns = controls.map(standardised)
    var rows: [Double] = []
    rows.reserveCapacity(values.count * (columns.count + 1))
    for i in values.indices {
      rows.append(1)
      for column in columns { rows.append(column[i]) }
    }
    let design = Matrix(rows: values.count, columns: columns.count + 1, elements: rows)
    let variances = weights?.map { 1 / $0 } ?? [Double](repeating: 1, count: values.count)
    let fit: LinearFit
    do {
      fit = try LinearFit(design: design, values: values, variances: variances)
    } catch {
      throw VoxelithError(
        .data, "the quantities to be removed are constant or depend on each other", cause: error.message)
    }
    return values.indices.map { i in
      values[i] - (0...columns.count).reduce(0) { $0 + design[i, $1] * fit.parameters[$1] }
    }
  }

  private static func standardised(_ values: [Double]) -> [Double] {
    var moments = Moments()
    for value in values { moments.add(value) }
    let scale = moments.variance > 0 ? 1 / moments.standardDeviation : 0
    return values.map { ($0 - moments.mean) * scale }
  }
}
