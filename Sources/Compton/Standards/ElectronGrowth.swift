import Volumetry

/// By how much the counts of a formula unit in the fit's window grow with x, over those at x = 0: its electrons, each with the
/// part of its profile that lies in the window and may be ejected.
///
/// The ionic and the neutral model of lithium differ by 10^-4 of it: where electrons are counted, their chemistry is no
/// matter.
struct ElectronGrowth {
  let value: Double
  let sigma: Double

  /// - Returns: nil where the formula has no unknown lithium.
  /// - Throws: `data` where the ionic model finds no anion.
  init?(_ formula: ChemicalFormula, set: StandardSet, range: Range<Int>) throws(VoxelithError) {
    guard formula.hasUnknownLithium else { return nil }
    let model = SpectrumModel(energy: set.energy, geometry: set.geometry, response: set.response)
    func growth(_ lithium: LithiumModel) throws(VoxelithError) -> Double {
      let without = model.expected(try MaterialProfile(formula, x: 0, model: lithium))
      let with = model.expected(try MaterialProfile(formula, x: 1, model: lithium))
      let before = range.reduce(0.0) { $0 + without[$1] }
      return range.reduce(0.0) { $0 + with[$1] } / before - 1
    }
    let ionic = (try? growth(.ionic)) ?? .nan
    let neutral = try growth(.neutral)
    value = ionic.isFinite ? ionic : neutral
    sigma = max(
      StandardAmplitudes.electronSigma * abs(value), ionic.isFinite ? abs(ionic - neutral) : 0.1 * abs(value))
  }
}
