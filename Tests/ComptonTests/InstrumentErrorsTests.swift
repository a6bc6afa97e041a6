import Compton
import Foundation
import Testing
import Volumetry

/// Errors by the instrument in differences of states, by closed forms.
@Suite struct InstrumentErrorsTests {
  private static func misfit(
    _ sigma: Double, open: Double?, verdict: Misfit.Verdict = .described,
    corrections: [Misfit.Correction] = []
  ) throws -> Misfit {
    var misfit = try InstrumentErrorsTests.plain()
    misfit.sigma = sigma
    misfit.openSigma = open
    misfit.betweenStates = 0.1
    misfit.verdict = verdict
    misfit.corrections = corrections
    return misfit
  }

  /// A misfit read from a file of before the shared part was known.
  private static func plain() throws -> Misfit {
    let text = """
      {"verdict": "described", "probability": 0.5, "corrections": [], "chi_squared_per_dof": 1, "degrees_of_freedom": 90,
       "chi_squared_per_dof_before": 1, "worst_bins": [], "mean_x_sigma": 0.02, "energy_keV": [], "residual_sigma": []}
      """
    return try JSONDecoder().decode(Misfit.self, from: Data(text.utf8))
  }

  private static func gain(_ value: Double) throws -> Misfit.Correction {
    let text =
      "{\"name\": \"gain\", \"value\": \(value), \"sigma\": 1e-5, \"bias_of_x\": 0.1, \"cause\": \"drift\"}"
    return try JSONDecoder().decode(Misfit.Correction.self, from: Data(text.utf8))
  }

  @Test func whatAllShareIsLostInDifferences() throws {
    let errors = InstrumentErrors([
      try Self.misfit(0.02, open: 0.018), try Self.misfit(0.03, open: 0.028), nil,
    ])
    // The second state cannot hold what the first one excludes, but for a tenth that may change.
    let shared = 0.99 * 0.018 * 0.018
    let own = [4e-4 - 0.99 * 0.018 * 0.018, 9e-4 - 0.99 * 0.028 * 0.028]
    #expect(abs(errors.covariance(0, 1) - shared) < 1e-15)
    for state in 0..<2 {
      #expect(abs(errors.ownSigma(state) - own[state].squareRoot()) < 1e-12)
      #expect(abs(errors.sigma(state) - (own[state] + shared).squareRoot()) < 1e-12)
    }
    #expect(abs(errors.sigma(0) - 0.02) < 1e-12)
    #expect(abs(errors.varianceOfDifference(0, 1) - own[0] - own[1]) < 1e-15)
    #expect(errors.sigma(2) == 0 && errors.covariance(0, 2) == 0)
  }

  @Test func whatDiffersIsNotShared() throws {
    let wrong = try Self.misfit(0.05, open: 0.04, verdict: .notDescribed)
    let old = try Self.plain()
    let early = try Self.misfit(0.02, open: 0.01, verdict: .corrected, corrections: [try Self.gain(3e-4)])
    let late = try Self.misfit(0.02, open: 0.01, verdict: .corrected, corrections: [try Self.gain(4e-4)])
    let same = try Self.misfit(0.02, open: 0.01, verdict: .corrected, corrections: [try Self.gain(3.1e-4)])
    let errors = InstrumentErrors([wrong, old, early, late, same])
    for (a, b) in [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4)] {
      #expect(errors.covariance(a, b) == 0, "\(a) \(b)")
      let apart = errors.covariance(a, a) + errors.covariance(b, b)
      #expect(abs(errors.varianceOfDifference(a, b) - apart) < 1e-15)
    }
    #expect(abs(errors.largestCovariance(0, 2) - 4e-4) < 1e-15)
    #expect(abs(errors.covariance(2, 4) - 0.99e-4) < 1e-15)
    #expect(errors.ownSigma(0) == 0.05 && errors.ownSigma(3) == 0.02)
  }

  @Test func whatMayChangeBetweenStatesHasALimit() throws {
    var settings = InstrumentSettings()
    try settings.set("between_states=1")
    #expect(settings.betweenStates == 1)
    for text in ["between_states=1.1", "between_states=0", "between_states=nan"] {
      #expect(throws: VoxelithError.self) { try settings.set(text) }
    }
  }
}
