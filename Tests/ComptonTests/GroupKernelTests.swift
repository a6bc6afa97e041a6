import CComptonKernels
import Testing
import Volumetry

/// The test of eight sums of pixels at once against the solution of all parameters together, in the same precision.
@Suite struct GroupKernelTests {
  private struct Case {
    var amplitudes: Int
    var effects: Int
    var isRelative: Bool
    let bins = 37

    /// Rows of the kernel: known counts, what is added, four variances, spectra, shapes.
    func rows(_ random: inout SeededGenerator) -> [[Double]] {
      func row(_ low: Double, _ high: Double) -> [Double] {
        (0..<bins).map { _ in low + (high - low) * random.uniform() }
      }
      let known = [row(0, 20), row(-50, 50), row(0, 5), row(0, 2), row(-1, 1), row(0, 2)]
      let spectra = [row(800, 1200)] + (1..<amplitudes).map { _ in row(-300, 300) }
      return known + spectra + (0..<effects).map { _ in row(-4000, 4000) }
    }
  }

  private static let cases = [
    Case(amplitudes: 2, effects: 2, isRelative: false), Case(amplitudes: 2, effects: 2, isRelative: true),
    Case(amplitudes: 4, effects: 1, isRelative: false), Case(amplitudes: 3, effects: 0, isRelative: true),
  ]

  @Test func agreesWithTheSolutionOfAllParameters() {
    for (number, one) in Self.cases.enumerated() {
      var random = SeededGenerator(seed: 7, stream: UInt64(number))
      let rows = one.rows(&random)
      let amounts = [90.0, 40] + (2..<one.amplitudes).map { _ in 10 }
      var isUsed = [UInt8](repeating: 1, count: one.bins)
      isUsed[5] = 0
      isUsed[one.bins - 1] = 0
      let voxels = (1...8).map { Double(3 * $0) }
      var counts = [Double](repeating: 0, count: 8 * one.bins)
      for bin in 0..<one.bins {
        for lane in 0..<8 {
          let plain = zip(amounts, rows[6...]).reduce(rows[0][bin]) { $0 + $1.0 * $1.1[bin] }
          counts[8 * bin + lane] = Double(
            random.poisson(max(0, plain * voxels[lane] * (0.6 + 0.1 * Double(lane)))))
        }
      }
      var model = vck_group_model(
        bins: one.bins, amplitudes: Int32(one.amplitudes), effects: Int32(one.effects),
        is_relative: one.isRelative ? 1 : 0, total: 1e6)
      var results = [Double](repeating: -1, count: 8 * vck_group_results)
      unsafe vck_group_tests(&model, rows.flatMap { $0 }, isUsed, amounts, counts, voxels, &results)
      for lane in 0..<8 {
        let expected = Self.solution(
          one, rows, isUsed, amounts, (0..<one.bins).map { counts[8 * $0 + lane] }, voxels[lane], total: 1e6)
        func found(_ row: Int) -> Double { results[8 * row + lane] }
        #expect(found(vck_group_is_told) == 1)
        #expect(found(vck_group_is_solved) == 1)
        #expect(Self.isNear(found(vck_group_total), expected.total))
        // It is what is left of this sum.
        #expect(abs(found(vck_group_chi_squared) - expected.chiSquared) <= 1e-10 * expected.squares)
        for k in 0..<one.effects {
          #expect(Self.isNear(found(vck_group_values + k), expected.values[k]))
          #expect(Self.isNear(found(vck_group_variances + k), expected.variances[k]))
          #expect(Self.isNear(found(vck_group_pulls + k), expected.pulls[k]))
        }
      }
    }
  }

  @Test func sumsWithoutCountsAreNotTold() {
    var random = SeededGenerator(seed: 3)
    let one = Self.cases[0]
    let rows = one.rows(&random)
    var model = vck_group_model(bins: one.bins, amplitudes: 2, effects: 2, is_relative: 0, total: 1e6)
    var results = [Double](repeating: -1, count: 8 * vck_group_results)
    let nothing = [Double](repeating: 0, count: 8 * one.bins)
    unsafe vck_group_tests(
      &model, rows.flatMap { $0 }, [UInt8](repeating: 1, count: one.bins), [90, 40], nothing, nothing,
      &results)
    for lane in 0..<8 { #expect(results[8 * vck_group_is_told + lane] == 0) }
  }

  private static func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-8 * max(1e-12, abs(b)) }

  private struct Solution {
    var total: Double
    var chiSquared: Double
    var squares = 0.0
    var values: [Double] = []
    var variances: [Double] = []
    var pulls: [Double] = []
  }

  private static func solution(
    _ one: Case, _ rows: [[Double]], _ isUsed: [UInt8], _ amounts: [Double], _ counts: [Double], _ n: Double,
    total ofAll: Double
  ) -> Solution {
    let used = isUsed.indices.filter { isUsed[$0] == 1 }
    let spectra = Array(rows[6..<(6 + one.amplitudes)])
    let shapes = Array(rows[(6 + one.amplitudes)...])
    func plain(_ amounts: [Double], _ bin: Int) -> Double {
      n * zip(amounts, spectra).reduce(rows[0][bin]) { $0 + $1.0 * $1.1[bin] }
    }
    let total = used.reduce(0.0) { $0 + counts[$1] }
    let start = amounts.map { $0 * total / max(1, used.reduce(0.0) { $0 + plain(amounts, $1) }) }
    let part = total / ofAll
    let p = one.amplitudes
    let size = p + one.effects
    var normal = Matrix(zeros: size, size)
    var right = [Double](repeating: 0, count: size)
    var squares = 0.0
    for bin in used {
      let mu = plain(start, bin) + part * rows[1][bin]
      guard mu > 0, plain(start, bin) > 0 else { continue }
      let (v, c, s) = (rows[3][bin] * n * n, rows[4][bin] * n * n, rows[5][bin] * n * n)
      let standards =
        rows[2][bin] * n * n + start[0] * start[0] * v + 2 * start[0] * start[1] * c + start[1] * start[1] * s
      let variance = one.isRelative ? part * part * rows[2][bin] : max(0, standards)
      let weight = 1 / (max(mu, 1) + variance)
      let columns = spectra.map { $0[bin] * n } + shapes.map { $0[bin] * part }
      let y = counts[bin] - rows[0][bin] * n - part * rows[1][bin]
      for i in 0..<size {
        for j in 0..<size { normal[i, j] += weight * columns[i] * columns[j] }
        right[i] += weight * columns[i] * y
      }
      normal[0, 0] -= weight * v
      normal[0, 1] -= weight * c
      normal[1, 0] -= weight * c
      normal[1, 1] -= weight * s
      squares += weight * y * y
    }
    var alone = Matrix(zeros: p, p)
    for i in 0..<p { for j in 0..<p { alone[i, j] = normal[i, j] } }
    guard let amplitudes = Cholesky(alone), let all = Cholesky(normal) else {
      return Solution(total: total, chiSquared: .nan)
    }
    let b = Array(right[..<p])
    var found = Solution(
      total: total, chiSquared: squares - zip(b, amplitudes.solve(b)).reduce(0) { $0 + $1.0 * $1.1 },
      squares: squares)
    let solved = all.solve(right)
    let inverse = all.inverse
    for k in 0..<one.effects {
      found.values.append(solved[p + k])
      found.variances.append(inverse[p + k, p + k])
      let moved = amplitudes.solve((0..<p).map { normal[$0, p + k] })
      found.pulls.append(moved[1] / start[0] - start[1] / (start[0] * start[0]) * moved[0])
    }
    return found
  }
}
