import Foundation
import Live
import Testing
import Volumetry

/// The time left against the time that was needed, on simulated Poisson streams.
@Suite struct TimeLeftTests {
  private static let region = SigmaTarget("0:1,5:9,5:9")

  /// At a third of the way the time that is told is within 10 % of the time that was needed: for the median, the worst voxel and a box.
  @Test(arguments: [(3000.0, UInt64(1)), (3000, 2), (1000, 3), (10_000, 4)])
  func aThirdOfTheWayTellsTheWhole(counts: Double, seed: UInt64) throws {
    let region = try #require(Self.region)
    var stream = try PoissonStream(countsPerFrame: counts, seed: seed)
    var history = CountHistory()
    var last: MapFacts?
    var atThird: (facts: MapFacts, history: CountHistory)?
    for frame in 1...30 {
      try stream.addFrame()
      guard frame <= 10 || frame == 30 else { continue }
      let facts = try stream.facts(exposures: frame)
      history.add(facts, seconds: Double(frame), changed: facts.changes(since: last).changed)
      last = facts
      if frame == 10 { atThird = (facts, history) }
    }
    let (then, past) = try #require(atThird)
    let end = try #require(last)
    for target in [SigmaTarget.all, .worst, region] {
      // The error that is there after thirty seconds needed thirty seconds.
      let wanted = try #require(end.sigma(of: target))
      let left = TimeLeft(then, past, wanted: wanted, target: target)
      let seconds = try #require(left.seconds, "\(left)")
      #expect(abs(10 + seconds - 30) <= 3, "\(counts) counts, \(target.text): \(10 + seconds) s for 30 s")
      #expect(!past.isRaster)
    }
    #expect(TimeLeft(end, history, wanted: 10, target: .all).seconds == 0)
    let never = TimeLeft(end, history, wanted: 1e-9, target: .all)
    #expect(never.seconds == nil && never.reason?.contains("standards") == true, "\(never)")
  }

  /// A raster: rows that were not measured yet are counted as those that were.
  @Test(arguments: [UInt64(5), 6]) func aRasterIsToldToItsEnd(seed: UInt64) throws {
    var stream = try PoissonStream(countsPerFrame: 3000, seed: seed)
    var history = CountHistory()
    var last: MapFacts?
    for row in 0..<7 {
      try stream.addFrame(rows: row..<(row + 1))
      let facts = try stream.facts(exposures: 1)
      history.add(facts, seconds: Double(row + 1), changed: facts.changes(since: last).changed)
      last = facts
    }
    let facts = try #require(last)
    #expect(history.isRaster && facts.mapped == 140)
    let sigma = try #require(facts.sigma(of: .all))
    // One pass is enough, which takes 20 s; half the error takes four.
    for (wanted, passes) in [(1.2 * sigma, 1.0), (0.5 * sigma, 4)] {
      let left = TimeLeft(facts, history, wanted: wanted, target: .all)
      let whole = try #require(left.seconds) + 7
      #expect(abs(whole - 20 * passes) <= 0.1 * 20 * passes, "\(whole) s for \(20 * passes) s")
    }
  }

  @Test func theRateIsThatOfTheWatchAlone() {
    var history = CountHistory()
    #expect(history.rate == nil)
    // A million counts were there before.
    for second in 0..<5 {
      history.add(
        CountHistory.Moment(
          seconds: Double(second), counts: 1e6 + 400 * Double(second), mapped: 10, changed: 10))
    }
    #expect(history.rate?.value == 400 && history.rate?.sigma == 10)
    // Fewer counts are those of another scan.
    history.add(CountHistory.Moment(seconds: 6, counts: 5, mapped: 1, changed: 1))
    #expect(history.rate == nil)
  }

  /// The error holds the scatter of the rate over time, and a drift is told.
  @Test(arguments: [0.0, -0.12, 0.25]) func aRateThatDriftsIsTold(drift: Double) throws {
    var history = CountHistory()
    var counts = 0.0
    var rates: [Double] = []
    for second in 0...80 {
      history.add(CountHistory.Moment(seconds: Double(second), counts: counts, mapped: 10, changed: 10))
      // The beam flickers from second to second by five times what counts scatter.
      let flicker = [0.005, -0.005, 0.003, -0.003][second % 4]
      rates.append(1e6 * (1 + drift * (Double(second) / 80 - 0.5) + flicker))
      counts += rates[second]
    }
    let rate = try #require(history.rate)
    #expect(abs(rate.value / 1e6 - 1) < 0.002, "\(rate)")
    if drift == 0 {
      #expect(rate.drift == nil && rate.sigma < 2e3, "\(rate)")
    } else {
      #expect(abs(try #require(rate.drift) - drift) < 0.01, "\(rate)")
      // A line of this slope spreads eight pieces by 0.12 / sqrt(12) of the mean, whose error is the root of an eighth of that.
      let spread = abs(drift) * 1e6 / 12.0.squareRoot() / 8.0.squareRoot()
      #expect(rate.sigma > 0.8 * spread && rate.sigma < 1.3 * spread, "\(rate)")
    }
  }

  @Test(arguments: ["", "z", "0:1", "0:1,2:2,0:1", "1:0,0:1,0:1", "0:1,0:1,-1:1", "0:1,0:1,0:1,0:1"])
  func aTargetThatMakesNoSenseIsRefused(text: String) {
    #expect(SigmaTarget(text) == nil)
  }

  @Test func targetsAreReadAsTheyAreWritten() {
    for text in ["all", "worst", "0:1,5:9,5:9"] { #expect(SigmaTarget(text)?.text == text) }
  }
}
