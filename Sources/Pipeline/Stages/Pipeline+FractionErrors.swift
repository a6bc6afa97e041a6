import Compton
import Correlation
import Readers
import Results
import Volumetry

/// What the errors of the fractions do to lithium, and what both share.
extension Pipeline {
  /// Errors of lithium in each voxel about what all voxels share: those of the map, and what errors of alignment and grey
  /// values do to voxels of unlike structure. A covariance with the fractions' errors that holds these needs both sides to.
  func lithiumErrors(
    _ own: any VolumeSource, _ effects: FractionEffects?
  ) throws(VoxelithError) -> [Double] {
    let sigmas = try own.read(Region(whole: own.grid.shape)).doubles()
    guard let shared = effects?.variationOfX, shared.count == sigmas.count else { return sigmas }
    return zip(sigmas, shared).map { Double(Float(($0 * $0 + $1).squareRoot())) }
  }

  /// Columns of the errors of the fractions, and of what they have in common with those of lithium.
  func addErrors(
    of names: [String], by effects: FractionEffects, to table: inout VoxelTable,
    _ analysis: inout CorrelationAnalysis
  ) throws(VoxelithError) {
    var shared: [(name: String, covariance: [Double])] = []
    for (phase, name) in names.enumerated() {
      let errors = effects.errors(of: phase)
      let known = try table.column(name).values
      guard errors.sigma.count == known.count, errors.sigma.contains(where: { $0 > 0 }) else { continue }
      // The table is used as it is written, in Float.
      func kept(_ list: [Double]) -> [Double] {
        known.indices.map { known[$0].isNaN ? .nan : Double(Float(list[$0])) }
      }
      try table.add(name + "_sigma", unit: "1", values: kept(errors.sigma))
      analysis.sigmas[name] = name + "_sigma"
      if errors.covariance.contains(where: { $0.isFinite && $0 != 0 }) {
        shared.append((name, kept(errors.covariance)))
      }
    }
    for (name, covariance) in shared {
      let column = name + "_lithium_shared_error"
      try table.add(column, unit: "1", values: covariance)
      analysis.sharedErrors.append(.init(x: name, y: "lithium", column: column))
    }
  }

  /// What the errors of the fractions do to x; nil where the pipeline has no fractions of its own.
  func fractionEffects(
    _ folder: String, x: [Double], active: [Double], _ resources: Resources
  ) throws(VoxelithError) -> FractionEffects? {
    guard plan.has("fractions") else { return nil }
    let report = try ResultFile.read(FractionReport.self, folder + "/fractions/fractions.json")
    let phases = report.phases.count
    let modes = try FractionModeFile.read(
      folder + "/fractions/" + FractionModeFile.name,
      causes: report.modes.compactMap { FractionMode.Cause(rawValue: $0) }, phases: phases)
    let map = try lithiumMap(folder, corrected: true, pulls: true, resources: resources)
    let pulls = try FractionPulls(
      map, active: try openCoarse(folder + "/fractions/fractions.tif", channel: phases > 1 ? 0 : nil),
      resources: resources)
    return FractionEffects(pulls, x: x, active: active, own: report.ownCovariance, modes: modes)
  }
}
