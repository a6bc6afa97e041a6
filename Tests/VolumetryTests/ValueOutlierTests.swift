import TestSupport
import Testing
import Volumetry

/// What counts as far outside, from both sides.
@Suite struct ValueOutlierTests {
  private func ranks(_ count: Int, adding more: [Float]) -> ValueRanks {
    var random = SeededGenerator(seed: 3)
    var ranks = ValueRanks()
    for _ in 0..<count { ranks.add(Float.random(in: 100...200, using: &random)) }
    ranks.add(more)
    return ranks
  }

  @Test(arguments: [Float(1e6), 1e30, 3.4e38, -1e6, 1000])
  func oneHotVoxel(_ value: Float) throws {
    let found = try #require(ranks(30_000, adding: [value]).outliers)
    #expect(found.voxels == 1 && (value > 0 ? found.above : found.below) == 1)
    #expect(found.lower >= 99 && found.upper <= 202, "\(found)")
  }

  @Test func featuresAreNone() {
    #expect(ranks(30_000, adding: []).outliers == nil)
    // Not so far out.
    #expect(ranks(30_000, adding: [290]).outliers == nil)
    // A phase of one part in a thousand.
    #expect(ranks(30_000, adding: [Float](repeating: 5000, count: 30)).outliers == nil)
    // Too few values to tell.
    #expect(ranks(500, adding: [5000]).outliers == nil)
    // Two values alone have no spread between the quantiles.
    var flat = ValueRanks()
    for _ in 0..<30_000 { flat.add(7) }
    flat.add(9)
    #expect(flat.outliers == nil)
  }

  @Test func quantilesWithinTheirBins() {
    var ranks = ValueRanks()
    var values = (0..<10_001).map { Float($0 - 5000) * 0.37 }
    ranks.add(values + [.nan, .infinity, -.infinity])
    values.sort()
    #expect(ranks.total == 10_001 && ranks.minimum == values[0] && ranks.maximum == values[10_000])
    for part in [0.0, 0.01, 0.25, 0.4, 0.75, 0.99, 1.0] {
      let exact = Quantiles.quantile(sorted: values.map(Double.init), part)
      #expect(abs(ranks.quantile(part) - exact) <= max(abs(exact) / 128, 0.37), "\(part)")
    }
    #expect(ValueRanks().quantile(0.5).isNaN)
  }
}
