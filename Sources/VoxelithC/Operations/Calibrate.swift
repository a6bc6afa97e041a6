import Voxelith

/// Standards to a calibration.
enum Calibrate: Operation {
  static let name = "calibrate"
  static let summary = "Learn from standards of known x how the spectrum depends on lithium."
  static let sections = [Section("calibrate", CalibrateSettings.self, "How the calibration is learnt.")]
  static let inputs = ["standards": "The YAML file of the standards."]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(CalibrateSettings.self, "calibrate")
    let calibration = try StandardsFile.calibration(
      try job.path("standards"), options: try settings.options())
    for notice in notices(calibration) { job.outcome.notice(notice) }
    try job.give(report: calibration)
  }

  private static func notices(_ calibration: Calibration) -> [String] {
    let basis = calibration.methods.profile
    var notices: [String] = []
    if basis.normalization != .liveTime {
      notices.append(
        "a live time is missing, so the standards are scaled by their \(basis.normalization.rawValue)")
    }
    if basis.amplitudes?.contradictsTold == true { notices.append(ProfileBasis.contradiction) }
    if basis.amplitudes?.source == .assumed {
      notices.append(
        "two standards of unknown amplitude leave x open between them, and sigma(x) includes that: give the formula, "
          + "monitor_counts and packing, or a third standard")
    }
    guard let excess = basis.excess else { return notices }
    if let dispersion = excess.dispersion {
      notices.append(
        "the bins of the standards scatter \(rounded(dispersion, digits: 3)) times as much as counts; their errors include "
          + "that. Give raw counts, or counts_per_unit")
    }
    if excess.hasMisfit {
      notices.append(
        "the spectra of the standards do not lie on lines in x: chi2/dof \(rounded(excess.reducedChiSquared, digits: 4)); "
          + "it enters their errors of x. Check their energies, backgrounds, lines and x")
    }
    return notices
  }
}
