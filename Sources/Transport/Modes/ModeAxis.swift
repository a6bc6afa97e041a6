import Foundation

/// The functions along one axis of a grid that modes are products of, each with a mean square of 1, the first being constant.
struct ModeAxis: Sendable {
  enum Shape: Sendable {
    /// For the axis that lithium passes: polynomials follow steep layers at a face.
    case legendre
    /// For axes with closed ends: each is a pattern that fades at a rate of its own.
    case cosine
  }

  let cells: Int
  /// Number of functions.
  let count: Int
  /// Mean of each function over each cell: cell after cell.
  let means: [Double]
  /// Values at both ends.
  let lower: [Double]
  let upper: [Double]
  /// Share of each cell in the mean of f_i f_j, f_i f_j' and f_i' f_j' over the axis: cell after cell, row after row.
  let values: [Double]
  let mixed: [Double]
  let slopes: [Double]

  /// - Parameters:
  ///   - length: of the axis; slopes are per unit of it.
  init(_ shape: Shape, cells: Int, count: Int, length: Double) {
    self.cells = cells
    self.count = count
    let (nodes, weights) = Self.gauss(max(count + 1, 10))
    var means = [Double](repeating: 0, count: cells * count)
    var values = [Double](repeating: 0, count: cells * count * count)
    var mixed = values
    var slopes = values
    for cell in 0..<cells {
      for (node, weight) in zip(nodes, weights) {
        let place = (Double(cell) + 0.5 + 0.5 * node) / Double(cells)
        let (f, slope) = Self.functions(shape, count: count, at: place)
        for i in 0..<count {
          means[cell * count + i] += 0.5 * weight * f[i]
          for j in 0..<count {
            let at = (cell * count + i) * count + j
            let share = 0.5 * weight / Double(cells)
            values[at] += share * f[i] * f[j]
            mixed[at] += share * f[i] * slope[j] / length
            slopes[at] += share * slope[i] * slope[j] / (length * length)
          }
        }
      }
    }
    self.means = means
    self.values = values
    self.mixed = mixed
    self.slopes = slopes
    lower = Self.functions(shape, count: count, at: 0).values
    upper = Self.functions(shape, count: count, at: 1).values
  }

  /// Values and slopes at a place between 0 and 1.
  static func functions(_ shape: Shape, count: Int, at place: Double) -> (values: [Double], slopes: [Double])
  {
    var f = [Double](repeating: 1, count: count)
    var slope = [Double](repeating: 0, count: count)
    switch shape {
    case .cosine:
      for i in 1..<max(1, count) {
        let wave = Double.pi * Double(i)
        f[i] = 2.0.squareRoot() * cos(wave * place)
        slope[i] = -2.0.squareRoot() * wave * sin(wave * place)
      }
    case .legendre:
      let x = 2 * place - 1
      for i in 1..<max(1, count) {
        let n = Double(i)
        f[i] = i == 1 ? x : ((2 * n - 1) * x * f[i - 1] - (n - 1) * f[i - 2]) / n
        slope[i] = (i > 1 ? slope[i - 2] : 0) + (2 * n - 1) * f[i - 1]
      }
      for i in 0..<count {
        let scale = (2 * Double(i) + 1).squareRoot()
        f[i] *= scale
        slope[i] *= 2 * scale
      }
    }
    return (f, slope)
  }

  /// Nodes and weights of Gauss and Legendre on -1 ... 1.
  static func gauss(_ count: Int) -> (nodes: [Double], weights: [Double]) {
    var nodes: [Double] = []
    var weights: [Double] = []
    let n = Double(count)
    for i in 0..<count {
      var x = cos(Double.pi * (Double(i) + 0.75) / (n + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        var (p, before) = (1.0, 0.0)
        for k in 0..<count {
          let m = Double(k)
          (p, before) = (((2 * m + 1) * x * p - m * before) / (m + 1), p)
        }
        slope = n * (x * p - before) / (x * x - 1)
        let step = p / slope
        x -= step
        if abs(step) < 1e-15 { break }
      }
      nodes.append(x)
      weights.append(2 / ((1 - x * x) * slope * slope))
    }
    return (nodes, weights)
  }
}
