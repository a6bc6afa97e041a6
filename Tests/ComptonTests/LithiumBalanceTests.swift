import Compton
import Foundation
import TestSupport
import Testing
import Volumetry

/// The balance of lithium against numbers drawn with a known covariance.
@Suite struct LithiumBalanceTests {
  private static let changes = [0.0, -0.12, -0.31, -0.5, -0.22, 0.01]

  /// Draws of states whose errors are their own, one offset, and one factor of x, with an amount that is known within 2 %.
  private func balances(
    _ count: Int, seed: UInt64, scale: Double = 1, offset: Double = 0, initial: Bool
  ) throws -> [LithiumBalance] {
    var random = SeededGenerator(seed: seed)
    let (own, shared, factor, amount, first) = (0.006, 0.008, 0.02, 0.02, 0.01)
    let n = Self.changes.count
    var covariance = Matrix(zeros: n, n)
    for i in 0..<n {
      for j in 0..<n {
        let (a, b) = (0.9 + Self.changes[i], 0.9 + Self.changes[j])
        covariance[i, j] = (i == j ? own * own : 0) + shared * shared + factor * factor * a * b
      }
    }
    return try (0..<count).map { _ in
      let (s, f) = (shared * random.normal(), factor * random.normal())
      let (m, start) = (1 + amount * random.normal(), 0.9 + first * random.normal())
      // What was weighed is wrong by a factor, so that the charge moves x by another amount than Faraday's law with it says.
      let x = Self.changes.map { change in
        let truth = start + scale * change * m
        return truth * (1 + f) + s + own * random.normal() + offset
      }
      return try LithiumBalance(
        x: x, covariance: covariance, changes: Self.changes, changeSigmas: [Double](repeating: 0, count: n),
        amountSigma: amount, initial: initial ? LithiumBalance.Value(value: 0.9, sigma: first) : nil)
    }
  }

  @Test(arguments: [true, false]) func intervalsHoldTheTruth(initial: Bool) throws {
    let all = try balances(2000, seed: 5, initial: initial)
    let ratios = all.filter { $0.ratioInterval.map { $0[0] <= 1 && 1 <= $0[1] } ?? false }.count
    #expect((1870...1930).contains(ratios), "\(ratios)")
    if initial {
      let offsets = all.filter { $0.offsetInterval.map { $0[0] <= 0 && 0 <= $0[1] } ?? false }.count
      #expect((1870...1930).contains(offsets), "\(offsets)")
    }
    let alarms = all.filter { $0.verdict == .differs }.count
    #expect((70...130).contains(alarms), "\(alarms)")
    for state in Self.changes.indices.dropFirst() {
      let pulls = all.map { $0.differences[state].value / $0.differences[state].sigma }
      let spread = (pulls.reduce(0) { $0 + $1 * $1 } / Double(pulls.count)).squareRoot()
      #expect((0.94...1.06).contains(spread), "\(state): \(spread)")
    }
  }

  /// Where it is not known what states share, the mean of two takes it all, and their difference nothing.
  @Test func theLargerErrorIsKept() throws {
    let (own, all) = (Matrix([[4e-4, 0], [0, 4e-4]]), Matrix([[4e-4, 3e-4], [3e-4, 4e-4]]))
    let balance = try LithiumBalance(
      x: [0.9, 0.4], covariance: own, orCovariance: all, changes: [0, -0.5], changeSigmas: [0, 0],
      amountSigma: 1e-9, initial: LithiumBalance.Value(value: 0.9, sigma: 1e-9))
    let (offset, ratio) = (try #require(balance.offset), try #require(balance.ratio))
    #expect(abs(offset.sigma - 3.5e-4.squareRoot()) < 1e-8, "\(offset)")
    #expect(abs(ratio.sigma - 8e-4.squareRoot() / 0.5) < 1e-6, "\(ratio)")
  }

  @Test func findsWrongScalesAndOffsets() throws {
    let scaled = try balances(200, seed: 6, scale: 0.8, initial: false)
    #expect(scaled.filter { $0.verdict == .differs }.count > 190)
    let ratio = scaled.compactMap(\.ratio?.value).reduce(0, +) / 200
    #expect(abs(ratio - 0.8) < 0.01, "\(ratio)")
    let moved = try balances(200, seed: 7, offset: 0.15, initial: true)
    #expect(moved.filter { $0.verdict == .differs }.count > 190)
    #expect(abs(moved.compactMap(\.offset?.value).reduce(0, +) / 200 - 0.15) < 0.01)
  }

  @Test func saysWhereChargeTellsNothing() throws {
    let one = try LithiumBalance(
      x: [0.5, 0.51], covariance: Matrix([[1e-4, 0], [0, 1e-4]]), changes: [-0.1, -0.1],
      changeSigmas: [0, 0],
      amountSigma: 0.02, initial: nil)
    #expect(one.ratio == nil && one.verdict == .undetermined && one.note != nil)
    let small = try LithiumBalance(
      x: [0.5, 0.51], covariance: Matrix([[1e-4, 0], [0, 1e-4]]), changes: [-0.1, -0.105],
      changeSigmas: [0, 0],
      amountSigma: 0.02, initial: nil)
    #expect(small.verdict == .undetermined && small.note != nil)
    #expect(throws: VoxelithError.self) {
      try LithiumBalance(
        x: [0.5], covariance: Matrix([[1e-4]]), changes: [0], changeSigmas: [0], amountSigma: 0, initial: nil)
    }
    #expect(throws: VoxelithError.self) {
      try LithiumBalance(
        x: [0.5, 0.6], covariance: Matrix(zeros: 2, 2), changes: [0, -0.1], changeSigmas: [0, 0],
        amountSigma: 0,
        initial: nil)
    }
  }
}
