import Foundation
import Volumetry

/// Several normal distributions that together describe values: the phases in a histogram of grey values.
public struct NormalMixture: Sendable {
  public struct Component: Sendable, Hashable {
    /// Share of the values.
    public var weight: Double
    public var mean: Double
    public var sigma: Double
  }

  /// By rising mean.
  public private(set) var components: [Component]

  /// Fits by expectation and maximization (A. P. Dempster, N. M. Laird, D. B. Rubin, J. R. Stat. Soc. B 39 (1977) 1) of
  /// the values in 400 columns, from quantiles on, so that the same values give the same curves.
  ///
  /// No component gets narrower than a column.
  public init(fitting values: [Double], components count: Int) {
    let sorted = values.sorted()
    let low = Quantiles.quantile(sorted: sorted, 0.0005)
    let high = Quantiles.quantile(sorted: sorted, 0.9995)
    let columns = 400
    let width = high > low ? (high - low) / Double(columns) : 1
    // Equal values lie in the middle of a column.
    let start = high > low ? low : low - width / 2
    var heights = [Double](repeating: 0, count: columns)
    for value in sorted where value >= low && value <= high {
      heights[min(columns - 1, Int((value - start) / width))] += 1
    }
    let total = max(1, heights.reduce(0, +))
    let places = (0..<columns).map { start + (Double($0) + 0.5) * width }
    components = (0..<max(1, count)).map {
      Component(
        weight: 1 / Double(max(1, count)),
        mean: Quantiles.quantile(sorted: sorted, (Double($0) + 0.5) / Double(max(1, count))),
        sigma: max(width, (high - low) / Double(4 * max(1, count))))
    }
    for _ in 0..<500 {
      let before = components
      var sums = [(Double, Double, Double)](repeating: (0, 0, 0), count: components.count)
      for (place, height) in zip(places, heights) where height > 0 {
        let parts = components.map { $0.weight * Self.normal(place, $0) }
        let all = parts.reduce(0, +)
        guard all > 0 else { continue }
        for (index, part) in parts.enumerated() {
          let share = height * part / all
          sums[index].0 += share
          sums[index].1 += share * place
          sums[index].2 += share * place * place
        }
      }
      for (index, sum) in sums.enumerated() where sum.0 > 1e-9 * total {
        let mean = sum.1 / sum.0
        components[index] = Component(
          weight: sum.0 / total, mean: mean,
          sigma: max(width, max(0, sum.2 / sum.0 - mean * mean).squareRoot()))
      }
      let change = zip(before, components).map { abs($0.mean - $1.mean) + abs($0.sigma - $1.sigma) }.max()
      if (change ?? 0) < 1e-7 * (high - low) { break }
    }
    components.sort { $0.mean < $1.mean }
  }

  private static func normal(_ x: Double, _ component: Component) -> Double {
    let z = (x - component.mean) / component.sigma
    return exp(-0.5 * z * z) / (component.sigma * (2 * Double.pi).squareRoot())
  }

  /// Density at a value.
  public func density(_ x: Double) -> Double {
    components.reduce(0) { $0 + $1.weight * Self.normal(x, $1) }
  }

  /// Density of one component at a value, with its weight.
  public func density(_ x: Double, of index: Int) -> Double {
    components[index].weight * Self.normal(x, components[index])
  }
}

extension Plot {
  /// Draws a fit over a histogram of `count` values: every component and their sum.
  package mutating func add(_ mixture: NormalMixture, of count: Int) {
    guard case .bars(let edges, _) = series.first?.shape, edges.count > 1, let low = edges.first,
      let high = edges.last
    else { return }
    let area = Double(count) * (edges[1] - edges[0])
    let isSingle = mixture.components.count == 1
    // One number of decimals for all, so that numbers below each other can be compared: two digits of the smallest sigma.
    let least = mixture.components.map(\.sigma).filter { $0 > 0 }.min() ?? 1
    let places = min(9, max(0, 1 - Int(log10(least).rounded(.down))))
    func text(_ value: Double) -> String { Ticks.minus(fixed(value, places)) }
    // More curves than the palette has colours, the columns' own aside, are shades of one map.
    let isLong = mixture.components.count >= FigureStyle.palette.count
    let shares = mixture.components.map { "\(Int(($0.weight * 100).rounded())) %" }
    for index in mixture.components.indices {
      series.append(
        .curve(
          over: low...high,
          label: RichText(
            plain:
              "mean \(text(mixture.components[index].mean)), \u{03C3} \(text(mixture.components[index].sigma))\(isSingle ? "" : ", \(shares[index])")"
          ),
          color: isLong
            ? ColorMap.batlow.color(at: 0.9 * Double(index) / Double(mixture.components.count - 1))
            : FigureStyle.color(index + 1)
        ) { area * mixture.density($0, of: index) })
    }
    if !isSingle {
      series.append(
        .curve(over: low...high, label: "sum", color: Color(grey: 0.2), dash: .dashed) {
          area * mixture.density($0)
        })
    }
  }
}
