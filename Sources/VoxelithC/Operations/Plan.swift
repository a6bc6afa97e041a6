import Voxelith

/// How long must I measure?
enum Plan: Operation {
  static let name = "plan"
  static let summary =
    "Counts and seconds needed for a given error of x, and the error that a given time allows."
  static let sections = [
    Section("plan", PlanRequest.self, "What is wanted."),
    Section("spectra", SpectralInputSettings.self, "How spectra that tell the rate were measured."),
    Section("figure", "File for sigma(x) against time: .png, .pdf or .svg."),
    Section("overwrite", "Whether the figure may be replaced."),
  ]
  static let inputs = [
    "calibration": "The calibration (JSON file).",
    "spectra": "Counts (z, y, x, bin) that tell the rate, or a file.",
    "energy": "Centres of the bins in keV, with an array of counts.",
    "scattering_angle": "Scattering angle of each pixel (y, x) in degrees, where it differs.",
  ]

  static func run(_ job: Job) throws(VoxelithError) {
    let request = try job.request.settings(PlanRequest.self, "plan")
    let opening = try job.request.settings(SpectralInputSettings.self, "spectra")
    try request.validate()
    let calibration = try CalibrationFile.read(try job.path("calibration"))
    var measured: CountRate?
    if job.has("spectra") {
      guard request.rate == nil else {
        throw VoxelithError(.usage, "rate: the spectra tell it, so give one of both")
      }
      measured = try CountRate(
        spectra: try SpectralInput.open(job, opening, angle: calibration.scatteringAngle),
        calibration: calibration, resources: job.resources)
    }
    let settings = request.settings(measured: measured)
    let plan = try MeasurementPlan(calibration, settings: settings)
    if settings.rate == nil {
      job.outcome.notice("no count rate is given: the standards' own rate is used")
    }
    if let path = try job.request.text("figure") {
      try PlanFigure.write(plan, to: path, overwrite: try job.request.flag("overwrite"))
    }
    try job.give(report: plan)
  }
}
