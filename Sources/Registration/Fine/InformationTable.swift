import Foundation

/// Probabilities of pairs of grey values, and the normalised mutual information of the two sides.
struct InformationTable {
  /// Probabilities by rows of the fixed value.
  let joint: [Float]
  /// Of the moving value alone.
  let marginal: [Float]
  let information: Double

  /// - Parameter counts: how often each pair is met; nil is given where a side has one value only.
  init?(_ counts: [Double], rows: Int, columns: Int, total: Double) {
    func entropy(_ p: Double) -> Double { p > 0 ? -p * log(p) : 0 }
    let joint = counts.map { $0 / total }
    var marginal = [Double](repeating: 0, count: columns)
    var fixedEntropy = 0.0
    for row in 0..<rows {
      var sum = 0.0
      for column in 0..<columns {
        let p = joint[row * columns + column]
        marginal[column] += p
        sum += p
      }
      fixedEntropy += entropy(sum)
    }
    let jointEntropy = joint.reduce(0.0) { $0 + entropy($1) }
    let movingEntropy = marginal.reduce(0.0) { $0 + entropy($1) }
    guard jointEntropy > 0, fixedEntropy > 0, movingEntropy > 0 else { return nil }
    information = (fixedEntropy + movingEntropy) / jointEntropy
    self.joint = joint.map { Float($0) }
    self.marginal = marginal.map { Float($0) }
  }
}
