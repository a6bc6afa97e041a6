public import Compton
public import Phantoms
public import Volumetry

extension ValidationSettings {
  /// Settings with the instrument, the standards and the background of a calibration.
  ///
  /// - Throws: `data` where the calibration's axis cannot be used.
  public init(_ calibration: Calibration) throws(VoxelithError) {
    self.init()
    let axis = try calibration.energyAxis()
    bench.incidentEnergy = calibration.incidentEnergy
    bench.scatteringAngle = calibration.scatteringAngle
    bench.energyCenters = axis.centers
    bench.bins = axis.count
    bench.firstEnergy = axis.centers[0]
    bench.binWidth = axis.width(0)
    bench.response = calibration.response
    bench.energyResolution = calibration.response.resolution
    if let text = calibration.formula, let formula = try? ChemicalFormula(text), formula.hasUnknownLithium {
      bench.formula = text
    }
    let basis = calibration.methods.profile
    let own = zip(basis.constant, basis.slope).reduce(0) { $0 + $1.0 + 0.5 * $1.1 }
    let background = basis.background.rate.reduce(0, +)
    if own > 0, basis.normalization == .liveTime { bench.backgroundFraction = max(0, background / own) }
    let known = calibration.standards
    guard known.count >= 2 else { return }
    bench.standards = known.map(\.x)
    let net = known.map { max(1, $0.counts - background * ($0.liveTime ?? 0)) }
    standardCounts = net.reduce(0, +) / Double(net.count)
    standardSigma = (known.reduce(0) { $0 + $1.xSigma * $1.xSigma } / Double(known.count)).squareRoot()
    let range = calibration.range
    if !(range[0]...range[1]).contains(0.9) { x = [0.5 * (range[0] + range[1])] }
    self.calibration.fitWindow = basis.window[0]...basis.window[1]
    self.calibration.sWindows = calibration.methods.sParameter.windows
    self.calibration.valenceWindows = calibration.methods.valenceCore?.windows
    self.calibration.side = calibration.methods.sParameter.windows.side
    self.calibration.correctsCrossSection = calibration.methods.sParameter.correctsCrossSection
  }
}
