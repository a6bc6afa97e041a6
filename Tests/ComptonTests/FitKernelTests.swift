import CComptonKernels
import Foundation
import Testing
import Volumetry

/// The passes of the fit against sums in double precision, for spectra that fill their last group and that do not.
@Suite struct FitKernelTests {
  private struct Case {
    let bins: Int
    let groups: Int
    var rows: [Float]
    var counts: [Float]

    init(bins: Int, level: Float, seed: UInt64) {
      self.bins = bins
      let groups = (bins + 7) / 8
      self.groups = groups
      var random = SeededGenerator(seed: seed)
      func row(_ low: Float, _ high: Float, padding: Float = 0) -> [Float] {
        (0..<8 * groups).map { $0 < bins ? Float.random(in: low...high, using: &random) : padding }
      }
      rows =
        row(0.5 * level, level) + row(-0.05 * level, 0.05 * level) + row(0, level / 50, padding: 1)
        + row(0.5 * level, level) + row(-0.05 * level, 0.05 * level) + row(0, 1)
        + row(0, 1) + row(-0.1, 0.1) + row(0, 1) + row(0, 1)
      counts = row(0.4 * level, 0.9 * level, padding: 1)
      for bin in 0..<bins { counts[bin].round() }
    }

    func value(_ row: Int, _ bin: Int) -> Double { Double(rows[8 * groups * row + bin]) }
    func expected(_ bin: Int, _ v0: Double, _ v1: Double) -> Double {
      value(vck_offset, bin) + v0 * value(vck_first, bin) + v1 * value(vck_second, bin)
    }
  }

  private static let cases = [(5, 3000), (99, 400), (104, 50), (397, 1e5), (640, 40)].enumerated().map {
    Case(bins: $1.0, level: Float($1.1), seed: UInt64($0))
  }
  private static let (v0, v1) = (Float(0.9), Float(0.2))

  private static func near(_ a: Double, _ b: Double, scale: Double) -> Bool { abs(a - b) < 3e-6 * scale }

  @Test func sumsAgreeWithDoubles() {
    let (v0, v1) = (Double(Self.v0), Double(Self.v1))
    for one in Self.cases {
      var sums = vck_sums()
      unsafe vck_sum(one.rows, one.counts, one.groups, Self.v0, Self.v1, &sums)
      var a = [Double](repeating: 0, count: 6)
      var sizes = a
      var lowest = Double.infinity
      for bin in 0..<8 * one.groups {
        let mu = one.expected(bin, v0, v1)
        lowest = min(lowest, mu)
        let residual = (Double(one.counts[bin]) - mu) / mu
        let (d0, d1) = (one.value(vck_first, bin), one.value(vck_second, bin))
        let (w0, w1) = (one.value(vck_first_weight, bin), one.value(vck_second_weight, bin))
        for (index, term) in [
          w0 * d0 / mu, w0 * d1 / mu, w1 * d0 / mu, w1 * d1 / mu, w0 * residual, w1 * residual,
        ].enumerated() {
          a[index] += term
          sizes[index] += abs(term)
        }
      }
      let found = [sums.a00, sums.a01, sums.a10, sums.a11, sums.g0, sums.g1]
      for index in 0..<6 {
        #expect(Self.near(found[index], a[index], scale: sizes[index]), "\(one.bins) bins, sum \(index)")
      }
      #expect(Self.near(Double(sums.lowest), lowest, scale: lowest))
    }
  }

  @Test func noiseAgreesWithDoubles() {
    let (v0, v1, share) = (Double(Self.v0), Double(Self.v1), 0.375)
    for one in Self.cases {
      var noise = vck_noise()
      unsafe vck_basis_noise(one.rows, one.groups, Self.v0, Self.v1, Float(share), &noise)
      var a = [Double](repeating: 0, count: 9)
      var sizes = a
      for bin in 0..<8 * one.groups {
        let mu = one.expected(bin, v0, v1)
        let c = [vck_first_variance, vck_cross_covariance, vck_second_variance].map { one.value($0, bin) }
        let (e0, e1) = (one.value(vck_first_weight, bin), one.value(vck_second_weight, bin))
        let q =
          v0 * v0 * c[0] + 2 * v0 * v1 * c[1] + v1 * v1 * c[2]
          + share * share * one.value(vck_offset_variance, bin)
        let kept = one.value(vck_kept_variance, bin) / mu
        let products = [e0 * e0 / mu, e0 * e1 / mu, e1 * e1 / mu]
        for (index, term) in (products + products.map { $0 * q / mu } + c.map { $0 * kept }).enumerated() {
          a[index] += term
          sizes[index] += abs(term)
        }
      }
      let parts = [noise.counting, noise.spread, noise.inflation].flatMap { [$0.0, $0.1, $0.2] }
      for index in 0..<9 {
        #expect(Self.near(parts[index], a[index], scale: sizes[index]), "\(one.bins) bins, sum \(index)")
      }
    }
  }

  /// Far and near ratios, and the expectation where all bins hold more than 30 counts.
  @Test func devianceAgreesWithDoubles() {
    let (v0, v1) = (Double(Self.v0), Double(Self.v1))
    for var one in Self.cases {
      one.counts[0] = 0
      one.counts[1] = (3 * one.counts[1]).rounded()
      var half = 0.0
      var mean: Float = 0
      let isMany = unsafe vck_deviance(
        one.rows, one.counts, one.groups, one.bins, Self.v0, Self.v1, &half, &mean)
      var (deviance, expected, lowest) = (0.0, 0.0, Double.infinity)
      for bin in 0..<one.bins {
        let mu = one.expected(bin, v0, v1)
        let y = Double(one.counts[bin])
        deviance += (y > 0 ? y * log(y / mu) : 0) - y + mu
        expected += 1 + 1 / (6 * mu) + 1 / (6 * mu * mu)
        lowest = min(lowest, mu)
      }
      #expect(abs(half / deviance - 1) < 1e-5, "\(one.bins) bins")
      #expect((isMany != 0) == (lowest > 30))
      if isMany != 0 { #expect(abs(Double(mean) / expected - 1) < 1e-5, "\(one.bins) bins") }
    }
  }

  @Test func packingRefusesWhatIsNoCount() {
    for bins in [1, 8, 13, 104] {
      let counts = (0..<bins).map { Float($0 * 7 % 23) }
      for bad in [-1, Float.nan, .infinity] {
        for place in [0, bins / 2, bins - 1] {
          var changed = counts
          changed[place] = bad
          #expect(Self.packed(changed).isGood == false, "\(bad) at \(place) of \(bins)")
        }
      }
      let (isGood, packed, total) = Self.packed(counts)
      #expect(isGood && Array(packed[..<bins]) == counts && packed[bins...].allSatisfy { $0 == 1 })
      let sum = counts.reduce(0.0) { $0 + Double($1) }
      #expect(total == sum + Double(packed.count - bins))
    }
  }

  private static func packed(_ counts: [Float]) -> (isGood: Bool, packed: [Float], total: Double) {
    var packed = [Float](repeating: 0, count: (counts.count + 7) / 8 * 8)
    var total = 0.0
    let isGood = unsafe vck_pack(counts, counts.count, 1, &packed, &total)
    return (isGood != 0, packed, total)
  }

  /// Sums are exact, whatever the order, for parts of counts as well.
  @Test func accumulatedCountsDoNotKnowTheirOrder() {
    let spectra: [[Float]] = (0..<9).map { (k: Int) -> [Float] in
      (0..<16).map { (bin: Int) -> Float in Float(bin * 31 + k * 17) * 0.3 }
    }
    func sum(_ order: [Int]) -> [Double] {
      var sums = [Double](repeating: 0, count: 16)
      for k in order { unsafe vck_accumulate(spectra[k], 2, &sums) }
      return sums
    }
    let forward = sum(Array(0..<9))
    #expect(forward == sum((0..<9).reversed()))
    for bin in 0..<16 {
      var sum = 0.0
      for spectrum in spectra { sum += Double(spectrum[bin]) }
      #expect(abs(forward[bin] - sum) < 9 * 0x1p-20)
    }
  }

  @Test func totalsAreThoseOfEachSpectrum() {
    let counts = (0..<39).map { Float($0) }
    var totals = [Float](repeating: 0, count: 3)
    unsafe vck_totals(counts, 13, 3, &totals)
    // 0 + ... + 12, and 13 more for each bin of each spectrum before.
    #expect(totals == [78, 247, 416])
  }
}
