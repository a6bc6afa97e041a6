import Foundation
import Volumetry

/// Which of two alignments describes the fixed values better, and how surely.
///
/// Both predict the fixed values that the one of larger overlap reaches; where the other does not, it says no more than
/// their mean, so that a close fit of a small overlap is worth less than one of a large overlap. The logarithm of the ratio of their sums of squared
/// residuals is held against its own scatter from block to block (the infinitesimal jackknife), as Vuong (Econometrica
/// 57 (1989) 307) does for models of which neither contains the other: the scatter knows how noise and residuals hang
/// together within a block, and the ratio how close the better fit is.
struct Contest: Sendable {
  /// Standard deviations by which the first is better; negative where the second is.
  let clearness: Double

  /// - Parameters:
  ///   - own, rival: fitted on one lattice.
  init(_ own: Trial, against rival: Trial) {
    let shape = own.solver.model.lattice.shape
    let values = own.solver.fixed.values
    let a = own.prediction
    let b = rival.prediction
    func reach(_ predicted: [Float]) -> [Bool] {
      values.indices.map { !values[$0].isNaN && !predicted[$0].isNaN }
    }
    func count(_ reached: [Bool]) -> Int { reached.reduce(0) { $0 + ($1 ? 1 : 0) } }
    let (byOwn, byRival) = (reach(a), reach(b))
    let present = count(byOwn) >= count(byRival) ? byOwn : byRival
    var moments = Moments()
    for i in values.indices where present[i] { moments.add(Double(values[i])) }
    let middle = moments.mean
    func square(_ i: Int, _ predicted: [Float]) -> Double {
      let rest = Double(values[i]) - (predicted[i].isNaN ? middle : Double(predicted[i]))
      return rest * rest
    }
    let sums = BlockCut.members(shape, side: 5, present: present).map { indices in
      indices.reduce(into: (own: 0.0, rival: 0.0)) { sum, i in
        guard present[i] else { return }
        sum.own += square(i, a)
        sum.rival += square(i, b)
      }
    }
    let total = sums.reduce((own: 0.0, rival: 0.0)) { ($0.own + $1.own, $0.rival + $1.rival) }
    guard sums.count >= 4, total.own > 0, total.rival > 0 else {
      clearness = own.agreement.significance - rival.agreement.significance
      return
    }
    let free = Double(sums.count - 1)
    let pulls = sums.reduce(0.0) {
      let pull = $1.rival / total.rival - $1.own / total.own
      return $0 + pull * pull
    }
    let error = (Double(sums.count) / free * pulls).squareRoot()
    clearness = error > 0 ? Agreement.normal(log(total.rival / total.own) / error, degrees: free) : 0
  }
}
