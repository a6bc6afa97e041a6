import Compton
import TestSupport
import Testing
import Volumetry

/// Whether spectra have one shape, by numbers of a table and by chance.
@Suite struct SpectralHomogeneityTests {
  /// scipy.stats.chi2_contingency([[20, 30, 50], [40, 50, 60]], correction=False) gives 2.683080808080808, 2 degrees, p = 0.26144263095457165
  @Test func agreesWithAContingencyTable() throws {
    let test = try #require(SpectralHomogeneity([[20, 30, 50], [40, 50, 60]]))
    #expect(test.degreesOfFreedom == 2)
    #expect(abs(test.chiSquared - 2.683080808080808) < 1e-12, "\(test.chiSquared)")
    #expect(abs(test.probability - 0.26144263095457165) < 1e-9, "\(test.probability)")
  }

  @Test func alarmsAreAsRareAsTheySay() throws {
    var random = SeededGenerator(seed: 3)
    var alarms = 0
    for _ in 0..<400 {
      // Brightness differs, shape does not; the ends hold few counts.
      let spectra = [1.0, 3.7, 0.4].map { part in
        (0..<80).map { bin -> Double in
          let u = Double(bin - 40) / 12
          return Double(random.poisson(part * 400 / (1 + u * u * u * u)))
        }
      }
      if try #require(SpectralHomogeneity(spectra)).probability < 0.05 { alarms += 1 }
    }
    // 5 % of 400 with four standard deviations.
    #expect((4...38).contains(alarms), "\(alarms)")
  }

  /// A background that goes with time and not with brightness is no difference where it is known.
  @Test func aKnownBackgroundIsTakenOff() throws {
    var random = SeededGenerator(seed: 8)
    let flat = [Double](repeating: 60, count: 80)
    var alarms = 0
    for _ in 0..<300 {
      let spectra = [1.0, 0.35].map { part in
        (0..<80).map { bin -> Double in
          let u = Double(bin - 40) / 12
          return Double(random.poisson(part * 1000 / (1 + u * u * u * u) + 60))
        }
      }
      if try #require(SpectralHomogeneity(spectra, known: [flat, flat])).probability < 0.05 { alarms += 1 }
      #expect(try #require(SpectralHomogeneity(spectra)).probability < 1e-6)
    }
    // 5 % of 300 with four standard deviations.
    #expect((1...30).contains(alarms), "\(alarms)")
  }

  @Test func aBackgroundIsSeen() throws {
    var random = SeededGenerator(seed: 4)
    let spectra = [0.0, 12.0].map { flat in
      (0..<80).map { bin -> Double in
        let u = Double(bin - 40) / 12
        return Double(random.poisson(1000 / (1 + u * u * u * u) + flat))
      }
    }
    #expect(try #require(SpectralHomogeneity(spectra)).probability < 1e-6)
  }

  @Test func tooLittleTellsNothing() {
    #expect(SpectralHomogeneity([[100, 200]]) == nil)
    #expect(SpectralHomogeneity([[100, 200], [0, 0]]) == nil)
    #expect(SpectralHomogeneity([[3, 4], [5, 2]]) == nil)
    #expect(SpectralHomogeneity([]) == nil)
  }
}
