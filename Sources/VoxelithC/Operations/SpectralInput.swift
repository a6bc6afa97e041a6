import Voxelith

/// The spectra of a call: an array with its energies, or a file.
enum SpectralInput {
  /// - Parameters:
  ///   - angle: scattering angle in degrees where nothing tells it.
  ///   - name: of several spectra, one: `spectra.NAME`, with `energy.NAME` and `scattering_angle.NAME`, or those that all share.
  /// - Throws: `usage` where settings for files are given for an array.
  static func open(
    _ job: Job, _ settings: SpectralInputSettings, angle: Double? = nil, named name: String? = nil
  ) throws(VoxelithError) -> any SpectralSource {
    let place = name.map { "spectra.\($0)" } ?? "spectra"
    guard try job.input(place).path == nil else {
      return noticed(try settings.open(try job.path(place), angle: angle), job)
    }
    return try settings.angled(try array(job, settings, named: name), angle: angle)
  }

  /// An array with its energies and how it was measured.
  static func array(
    _ job: Job, _ settings: SpectralInputSettings, named name: String?
  ) throws(VoxelithError) -> LentSpectra {
    func own(_ word: String) -> String {
      guard let name, job.has("\(word).\(name)") else { return word }
      return "\(word).\(name)"
    }
    for (key, isSet) in [
      ("dataset", settings.dataset != nil), ("energy_dataset", settings.energyDataset != nil),
      ("scan", settings.scan != nil), ("element_coefficients", settings.elementCoefficients != nil),
    ] where isSet {
      throw VoxelithError(.usage, "\(key): is for files, and the spectra are an array")
    }
    var acquisition = Acquisition(
      incidentEnergy: settings.incidentEnergy,
      scatteringAngle: settings.scatteringAngle.map { .uniform($0) }, liveTime: settings.liveTime)
    if job.has(own("scattering_angle")) {
      let angles = try job.input(own("scattering_angle"))
      guard settings.scatteringAngle == nil, angles.shape.count == 2, angles.isBuffer else {
        throw VoxelithError(
          .usage, "scattering_angle is an array (y, x) in degrees, without scattering_angle_deg beside it")
      }
      acquisition.scatteringAngle = .perPixel(
        height: angles.shape[0], width: angles.shape[1], values: angles.numbers())
    }
    return try LentSpectra(
      try job.input(name.map { "spectra.\($0)" } ?? "spectra"),
      energy: try EnergyAxis(centers: try job.input(own("energy")).numbers(), file: own("energy")),
      acquisition: acquisition, spacing: settings.voxelSize?.vector)
  }

  /// The same source, when the caller has been told what its file leaves open.
  static func noticed(_ source: any SpectralSource, _ job: Job) -> any SpectralSource {
    for notice in SpectralFile.notices(source) { job.outcome.notice(notice) }
    return source
  }
}
