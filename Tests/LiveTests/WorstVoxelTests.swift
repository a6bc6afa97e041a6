import Foundation
import Live
import TestSupport
import Testing
import Volumetry

/// The time left of the worst voxel on many Poisson streams, at a third of the way.
@Suite struct WorstVoxelTests {
  /// The whole time that is told after ten of thirty seconds.
  private func told(_ counts: Double, seed: UInt64, isVaried: Bool) throws -> Double {
    var stream = try PoissonStream(countsPerFrame: counts, seed: seed, isVaried: isVaried)
    var history = CountHistory()
    var last: MapFacts?
    for _ in 0..<5 {
      try stream.addFrame(times: 2)
      let facts = try stream.facts(exposures: stream.frames)
      history.add(
        facts, seconds: Double(stream.frames), changed: facts.changes(since: last).changed)
      last = facts
    }
    try stream.addFrame(times: 20)
    let wanted = try #require(try stream.facts(exposures: 30).sigma(of: .worst))
    let left = TimeLeft(try #require(last), history, wanted: wanted, target: .worst)
    return 10 + (try #require(left.seconds))
  }

  /// Voxels that are alike, whose worst is the worst by chance, and voxels that differ in x and in how much of them is filled.
  @Test(arguments: [false, true]) func theWorstVoxelIsToldWithinATenth(isVaried: Bool) throws {
    let seeds = Soak.count(short: 5, long: 40)
    var good = 0
    var sum = 0.0
    var all: [String] = []
    let rates = [500.0, 1500, 5000]
    for counts in rates {
      for seed in 0..<seeds {
        // No two streams draw the same numbers.
        let own = UInt64(100 * counts) + UInt64(seed)
        let seconds = try told(counts, seed: own, isVaried: isVaried)
        if abs(seconds - 30) <= 3 { good += 1 }
        sum += seconds / 30 - 1
        all.append(String(format: "%.1f", seconds))
      }
    }
    let number = rates.count * seeds
    print("worst voxel: \(good) of \(number) within a tenth, mean \(sum / Double(number)): \(all)")
    #expect(Double(good) >= 0.95 * Double(number) - 0.5, "\(good) of \(number): \(all)")
    #expect(abs(sum / Double(number)) < 0.04, "\(sum / Double(number))")
  }
}
