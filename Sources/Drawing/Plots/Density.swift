/// How many pairs of values fall into each cell of a plane.
public struct Density: Sendable {
  public let x: ClosedRange<Double>
  public let y: ClosedRange<Double>
  public let columns: Int
  public let rows: Int
  /// Counts row by row from the largest y down; NaN where there is none, so that empty cells show the page.
  public let counts: [Float]
  public var map: ColorMap

  /// Counts pairs in equal cells; pairs outside the ranges or with NaN are left out.
  public init(
    x xs: [Double], y ys: [Double], columns: Int = 64, rows: Int = 64, xRange: ClosedRange<Double>? = nil,
    yRange: ClosedRange<Double>? = nil, map: ColorMap = .batlow.reversed
  ) {
    func range(_ values: [Double]) -> ClosedRange<Double> {
      let finite = values.filter(\.isFinite)
      guard let low = finite.min(), let high = finite.max(), low < high else {
        let middle = finite.first ?? 0
        return (middle - 0.5)...(middle + 0.5)
      }
      return low...high
    }
    self.x = xRange ?? range(xs)
    self.y = yRange ?? range(ys)
    self.columns = max(1, columns)
    self.rows = max(1, rows)
    self.map = map
    var counts = [Float](repeating: 0, count: self.columns * self.rows)
    let xSpan = x.upperBound - x.lowerBound
    let ySpan = y.upperBound - y.lowerBound
    for (a, b) in zip(xs, ys) where x.contains(a) && y.contains(b) {
      let column = min(self.columns - 1, Int((a - x.lowerBound) / xSpan * Double(self.columns)))
      let row = min(self.rows - 1, Int((y.upperBound - b) / ySpan * Double(self.rows)))
      counts[row * self.columns + column] += 1
    }
    self.counts = counts.map { $0 == 0 ? .nan : $0 }
  }

  public var largest: Double { Double(counts.filter { !$0.isNaN }.max() ?? 0) }

  /// Colours from one pair to the fullest cell: a cell without a pair has none.
  public var scale: ColorScale? {
    let lower = largest > 1 ? 1.0 : 0
    do { return try ColorScale(map: map, lower: lower, upper: max(1, largest)) } catch { return nil }
  }
}
