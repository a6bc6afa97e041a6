import Volumetry

/// Smooth functions of one quantity: natural cubic splines, straight beyond the outer knots (Stone and Koo, Proc.
/// Stat. Comp. Sect. Am. Stat. Assoc. (1985) 45).
enum SplineBasis {
  /// Columns that together with a constant span the splines with `dof + 1` knots at equal shares of the values; fewer
  /// where the values are fewer. The first column is the quantity itself.
  static func columns(_ values: [Double], dof: Int) -> [[Double]] {
    let distinct = Set(values).count
    guard distinct > 1 else { return [] }
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    let unit = values.map { 2 * ($0 - low) / (high - low) - 1 }
    let wanted = min(dof, distinct - 1)
    guard wanted > 1 else { return [unit] }
    let sorted = unit.sorted()
    var knots: [Double] = []
    for k in 0...wanted {
      let share = 0.05 + 0.9 * Double(k) / Double(wanted)
      let knot = Quantiles.quantile(sorted: sorted, share)
      if knots.last.map({ knot > $0 + 1e-9 }) ?? true { knots.append(knot) }
    }
    guard knots.count > 2 else { return [unit] }
    let last = knots[knots.count - 1]
    let before = knots[knots.count - 2]
    func cube(_ value: Double) -> Double { value > 0 ? value * value * value : 0 }
    return [unit]
      + knots.dropLast(2).map { knot in
        unit.map { x in
          cube(x - knot) - cube(x - before) * (last - knot) / (last - before)
            + cube(x - last) * (before - knot) / (last - before)
        }
      }
  }
}
