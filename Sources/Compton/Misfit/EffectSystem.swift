import Foundation
import Volumetry

/// The effects' normal equations after the amplitudes of all summed spectra were eliminated, and the choice among the sets of
/// effects.
///
/// With the residual r at no effect, the shapes K and the weights W the equations are S theta = c; x = x0 - q theta. A set
/// of effects with Gaussian priors P has the evidence ln Z = 1/2 c A^-1 c - 1/2 ln |A| + 1/2 ln |P| with A = S + P
/// (MacKay, Neural Computation 4 (1992) 415).
struct EffectSystem {
  private(set) var normal: Matrix
  private(set) var right: [Double]
  /// Chi-squared without any effect.
  private(set) var chiSquared = 0.0
  /// Change of the mean of x for each unit of an effect, with the sign turned.
  private(set) var pull: [Double]
  private let priors: [Double]
  /// Columns that are fitted together or not at all, and what each of these families must gain.
  let families: [Family]
  private let penalties: [Double]

  /// Columns that are fitted together or not at all.
  struct Family: Sendable, Hashable {
    var effect: InstrumentEffect
    var members: [Int]

    var isRival: Bool { effect.isRival }
  }

  /// What one more effect must gain in ln Z, so that clean spectra are left alone.
  static let penalty = 2.0
  /// What moves the spectrum as a gain does but is less likely must gain more.
  static let penaltyOfRareShifts = 1.5

  init(_ effects: [InstrumentEffect], settings: InstrumentSettings) {
    let n = effects.count
    normal = Matrix(zeros: n, n)
    right = [Double](repeating: 0, count: n)
    pull = right
    priors = effects.map { 1 / (settings.prior($0) * settings.prior($0)) }
    var order: [InstrumentEffect] = []
    var columns: [InstrumentEffect: [Int]] = [:]
    for (index, effect) in effects.enumerated() {
      if columns[effect.family] == nil { order.append(effect.family) }
      columns[effect.family, default: []].append(index)
    }
    families = order.map { Family(effect: $0, members: columns[$0] ?? []) }
    penalties = order.map {
      $0 == .offset || $0 == .angle ? Self.penalty + Self.penaltyOfRareShifts : Self.penalty
    }
  }

  mutating func add(normal: Matrix, right: [Double], chiSquared: Double, pull: [Double]) {
    self.normal = self.normal + normal
    for index in right.indices {
      self.right[index] += right[index]
      self.pull[index] += pull[index]
    }
    self.chiSquared += chiSquared
  }

  /// One set of effects.
  struct Solution {
    /// Places of the effects.
    var members: [Int]
    var values: [Double]
    var covariance: Matrix
    /// ln Z without and with the penalties.
    var evidence: Double
    var merit: Double
    /// Change of the mean of x, and its variance by what is not known of the effects.
    var change: Double
    var variance: Double
  }

  /// - Parameter noise: what variances are multiplied by.
  func solve(_ members: [Int], noise: Double) -> Solution? {
    let n = members.count
    if n == 0 {
      return Solution(
        members: [], values: [], covariance: Matrix(zeros: 0, 0), evidence: 0, merit: 0, change: 0,
        variance: 0)
    }
    var a = Matrix(zeros: n, n)
    for (i, row) in members.enumerated() {
      for (j, column) in members.enumerated() { a[i, j] = normal[row, column] / noise }
      a[i, i] += priors[row]
    }
    guard let factor = Cholesky(a) else { return nil }
    let right = members.map { self.right[$0] / noise }
    let values = factor.solve(right)
    let covariance = factor.inverse
    let gain = zip(values, right).reduce(0.0) { $0 + $1.0 * $1.1 }
    let evidence =
      0.5 * gain - 0.5 * Self.logDeterminant(a) + 0.5 * members.reduce(0.0) { $0 + log(priors[$1]) }
    let pull = members.map { self.pull[$0] }
    return Solution(
      members: members, values: values, covariance: covariance, evidence: evidence,
      merit: evidence
        - families.indices.reduce(0.0) {
          $0 + (members.contains(families[$1].members[0]) ? penalties[$1] : 0)
        },
      change: -zip(pull, values).reduce(0.0) { $0 + $1.0 * $1.1 },
      variance: max(0, covariance.quadraticForm(pull)))
  }

  private static func logDeterminant(_ matrix: Matrix) -> Double {
    let n = matrix.rows
    var a = matrix
    var sum = 0.0
    for k in 0..<n {
      let pivot = max(a[k, k], 1e-300)
      sum += log(pivot)
      for i in (k + 1)..<max(n, k + 1) {
        let factor = a[i, k] / pivot
        for j in k..<n { a[i, j] -= factor * a[k, j] }
      }
    }
    return sum
  }

  /// Chi-squared that the best values of all effects leave which may be corrected.
  func leastChiSquared() -> Double {
    let own = families.filter { !$0.isRival }.flatMap(\.members).sorted()
    return solve(own, noise: 1).map { chiSquared(of: $0) } ?? chiSquared
  }

  /// Chi-squared that a set leaves.
  func chiSquared(of set: Solution) -> Double {
    let quadratic = set.members.indices.reduce(0.0) { sum, i in
      sum
        + set.members.indices.reduce(0.0) {
          $0 + set.values[i] * normal[set.members[i], set.members[$1]] * set.values[$1]
        }
    }
    let linear = zip(set.members, set.values).reduce(0.0) { $0 + right[$1.0] * $1.1 }
    return chiSquared - 2 * linear + quadratic
  }

  /// The set of the greatest merit among those that may be corrected, and all that were looked at.
  func search(noise: Double) -> (best: Solution, seen: [Solution]) {
    let own = families.indices.filter { !families[$0].isRival }
    // By the families in a set.
    var known: [[Int]: Solution] = [:]
    func look(_ set: [Int]) -> Solution? {
      if let solution = known[set] { return solution }
      let solution = solve(set.flatMap { families[$0].members }.sorted(), noise: noise)
      if let solution { known[set] = solution }
      return solution
    }
    func climb(from start: [Int]) {
      guard var current = look(start) else { return }
      var set = start
      while true {
        var best = (set: set, solution: current)
        func consider(_ other: [Int]) {
          let other = other.sorted()
          if let solution = look(other), solution.merit > best.solution.merit + 1e-9 {
            best = (other, solution)
          }
        }
        let others = own.filter { !set.contains($0) }
        for other in others { consider(set + [other]) }
        for (place, _) in set.enumerated() {
          var less = set
          less.remove(at: place)
          consider(less)
          for other in others { consider(less + [other]) }
        }
        guard best.solution.merit > current.merit else { return }
        (set, current) = best
      }
    }
    climb(from: [])
    for index in own { climb(from: [index]) }
    let seen = known.values.sorted { $0.members.lexicographicallyPrecedes($1.members) }
    let none = Solution(
      members: [], values: [], covariance: Matrix(zeros: 0, 0), evidence: 0, merit: 0, change: 0, variance: 0)
    return (seen.max { $0.merit < $1.merit } ?? none, seen)
  }
}
