import Volumetry

/// Least squares without negative parameters, from the normal equations.
enum NonNegative {
  /// Minimises x A x / 2 - b x over x >= 0 (Lawson and Hanson, ch. 23, NNLS).
  static func solve(_ normal: Matrix, _ right: [Double]) -> [Double] {
    let count = right.count
    var x = [Double](repeating: 0, count: count)
    var isFree = [Bool](repeating: false, count: count)
    for _ in 0..<(3 * count + 10) {
      var best: Int?
      var steepest = 0.0
      for k in 0..<count where !isFree[k] {
        var gradient = right[k]
        for j in 0..<count { gradient -= normal[k, j] * x[j] }
        let scaled = gradient / normal[k, k].squareRoot()
        if scaled > max(steepest, 1e-10 * abs(right[k]) / normal[k, k].squareRoot()) {
          steepest = scaled
          best = k
        }
      }
      guard let best else { return x }
      isFree[best] = true
      while true {
        let free = (0..<count).filter { isFree[$0] }
        var part = Matrix(zeros: free.count, free.count)
        for (i, a) in free.enumerated() { for (j, b) in free.enumerated() { part[i, j] = normal[a, b] } }
        guard let factor = Cholesky(part) else { return x }
        let wanted = factor.solve(free.map { right[$0] })
        guard wanted.contains(where: { $0 <= 0 }) else {
          for (i, a) in free.enumerated() { x[a] = wanted[i] }
          break
        }
        var step = 1.0
        for (i, a) in free.enumerated() where wanted[i] <= 0 { step = min(step, x[a] / (x[a] - wanted[i])) }
        for (i, a) in free.enumerated() {
          x[a] += step * (wanted[i] - x[a])
          if wanted[i] <= 0, x[a] <= 1e-12 * abs(wanted[i]) {
            x[a] = 0
            isFree[a] = false
          }
        }
        if !isFree.contains(true) { break }
      }
    }
    return x
  }
}
