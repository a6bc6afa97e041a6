import Compton
import Foundation
import TestSupport
import Testing
import Volumetry

/// Bins that are saturated, dead or no numbers are found, left out and told, and the sum is judged without them.
@Suite struct LeftOutBinsTests {
  private static func measured() -> InstrumentCase {
    var measured = InstrumentCase()
    measured.shape = Shape(z: 8, y: 6, x: 6)
    measured.counts = 1e6
    measured.seed = 11
    return measured
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var name: String
    var reason: LeftOutBins.Reason
    /// Bins that must be found, and how many may be.
    var bins: ClosedRange<Int>
    var apply: @Sendable (_ y: Int, _ counts: inout ArraySlice<Float>) -> Void

    var testDescription: String { name }
  }

  private static func clip(_ counts: inout ArraySlice<Float>, at level: Float) {
    for bin in counts.indices { counts[bin] = min(counts[bin], level) }
  }

  static let damages: [Damage] = [
    Damage(name: "saturated at 20000", reason: .saturated, bins: 3...30) { _, counts in
      clip(&counts, at: 20_000)
    },
    Damage(name: "saturated at 14000", reason: .saturated, bins: 6...45) { _, counts in
      clip(&counts, at: 14_000)
    },
    Damage(name: "saturated in two rows", reason: .saturated, bins: 6...45) { y, counts in
      if y > 3 { clip(&counts, at: 15_000) }
    },
    Damage(name: "dead bin", reason: .dead, bins: 1...1) { _, counts in counts[counts.startIndex + 50] = 0 },
    Damage(name: "two bins without numbers", reason: .missing, bins: 2...2) { _, counts in
      counts[counts.startIndex + 50] = .nan
      counts[counts.startIndex + 51] = .nan
    },
  ]

  @Test(arguments: damages) func damageIsFound(_ damage: Damage) throws {
    for gain in [0, 4e-4] {
      var measured = Self.measured()
      measured.sample.gain = gain
      measured.damage = damage.apply
      let map = try LithiumMap(source: try measured.source(), calibration: try measured.calibration())
      let runs = (map.counts?.leftOut ?? []).filter { $0.reason == damage.reason }
      let number = runs.reduce(0) { $0 + $1.last - $1.first + 1 }
      #expect(damage.bins.contains(number), "\(number) bins: \(runs)")
      #expect(map.counts?.leftOut?.count == runs.count)
      #expect(map.counts?.notice?.contains("left out of every fit") == true)
      #expect(map.counts?.kind == .counts)
      let outcome = try measured.outcome()
      let bias = outcome.mean - measured.mean
      print(
        damage.name, "gain", gain, "bins", number, "plain", outcome.plain - measured.mean, "bias", bias,
        "sigma",
        outcome.error.total, outcome.misfit.verdict.rawValue, outcome.misfit.corrections.map(\.name))
      #expect(abs(bias) < 2.5 * outcome.error.total)
      if gain == 0 {
        #expect(outcome.misfit.verdict == .described)
        #expect(outcome.error.total < 0.02)
      } else if outcome.misfit.verdict != .notDescribed {
        #expect(outcome.misfit.corrections.map(\.name) == ["gain"])
        #expect(outcome.error.total < 0.06)
      } else {
        // Without the top of the profile the correction of a gain may be too uncertain, which is said.
        #expect(number > 18 && outcome.misfit.notice?.contains("instrument") == true)
      }
    }
  }

  /// Clean maps, rounded numbers and flat tops lose no bin.
  @Test func nothingIsFoundInCleanMaps() throws {
    for (seed, step) in [(1, 1), (2, 1), (3, 1), (4, 50), (5, 4)] {
      var measured = Self.measured()
      measured.seed = UInt64(seed)
      measured.counts = [1e4, 1e5, 1e6, 1e6, 1e6][seed - 1]
      measured.damage = { _, counts in
        for bin in counts.indices { counts[bin] = (counts[bin] / Float(step)).rounded() * Float(step) }
      }
      #expect(try CountStatistics(try measured.source()).leftOut == nil)
    }
  }

  /// Where most of the profile is saturated nothing is left to tell x.
  @Test func tooManyAreRefused() throws {
    var measured = Self.measured()
    measured.damage = { _, counts in Self.clip(&counts, at: 4000) }
    let error = #expect(throws: VoxelithError.self) {
      try LithiumMap(source: try measured.source(), calibration: try measured.calibration())
    }
    #expect(error?.code == .data && error?.description.contains("saturated") == true)
  }

  /// A standard with saturated bins is refused and named.
  @Test func saturatedStandardsAreRefused() throws {
    let axis = InstrumentCase().axis
    let twin = InstrumentTwin()
    var random = SeededGenerator(seed: 3)
    func standards(clipped: Double) throws -> StandardSet {
      try StandardSet(
        geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: 90),
        response: try DetectorResponse(resolution: 1), formula: try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2"),
        standards: try [0.0, 0.5, 1].map { x in
          let shape = twin.expected(x, on: axis)
          let counts = shape.map { Double(random.poisson($0 * 1e7 / shape.reduce(0, +))) }
          return Standard(
            name: "s\(x)", x: x,
            spectrum: try Spectrum(
              energy: axis, counts: x == 0.5 ? counts.map { min($0, clipped) } : counts, liveTime: 100))
        })
    }
    _ = try standards(clipped: .infinity)
    for level in [100_000.0, 131_071.5, 65_535] {
      let error = #expect(throws: VoxelithError.self) { try standards(clipped: level) }
      #expect(error?.description.contains("'s0.5' is saturated") == true)
    }
  }
}
