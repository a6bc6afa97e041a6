import Voxelith

/// The spectra of a map: one input, or several exposures of one scan, whose counts and live times are added up.
enum Exposures {
  static let section = Section(
    "exposures",
    "Exposures or parts of one scan in their order: a list of name, and of arrays live_time_s where it is known. Each is the input spectra.NAME."
  )

  static let inputs = [
    "spectra": "Counts (z, y, x, bin), or a file.",
    "spectra.NAME": "The same of an exposure, in place of spectra: all of them arrays, or all of them files.",
    "energy": "Centres of the bins in keV, with an array of counts.",
    "energy.NAME": "The same of one exposure.",
    "scattering_angle": "Scattering angle of each pixel (y, x) in degrees, where it differs.",
    "scattering_angle.NAME": "The same of one exposure.",
  ]

  private struct Exposure: Decodable {
    let name: String
    let liveTime: Double?

    enum CodingKeys: String, CodingKey {
      case name
      case liveTime = "live_time_s"
    }
  }

  /// - Parameter angle: scattering angle in degrees where nothing tells it.
  /// - Throws: `usage` where the exposures are not those that have spectra; `data` where they do not fit one another.
  static func open(
    _ job: Job, _ settings: SpectralInputSettings, angle: Double?
  ) throws(VoxelithError) -> any SpectralSource {
    let exposures = try job.request.value([Exposure].self, "exposures") ?? []
    let names = exposures.map(\.name)
    if names.isEmpty, job.names("spectra").isEmpty {
      return try SpectralInput.open(job, settings, angle: angle)
    }
    guard names.sorted() == job.names("spectra"), !job.has("spectra") else {
      throw VoxelithError(
        .usage, "the exposures are not those that have spectra",
        advice: "list each spectra.NAME once in exposures, and leave spectra out")
    }
    var files = 0
    for name in names where try job.input("spectra.\(name)").path != nil { files += 1 }
    guard files == 0 else {
      guard files == names.count else {
        throw VoxelithError(
          .usage, "some exposures are files and some arrays", advice: "read the files first")
      }
      guard exposures.allSatisfy({ $0.liveTime == nil }) else {
        throw VoxelithError(
          .usage, "files tell the live time of each exposure themselves",
          advice: "give live_time_s of the spectra where they do not")
      }
      let paths = try names.map { (name) throws(VoxelithError) in try job.path("spectra.\(name)") }
      return SpectralInput.noticed(try settings.open(paths, angle: angle), job)
    }
    let parts = try exposures.map { (exposure) throws(VoxelithError) -> any DescribedSpectra in
      var own = settings
      if let time = exposure.liveTime { own.liveTime = time }
      try own.validate()
      return try SpectralInput.array(job, own, named: exposure.name)
    }
    return try settings.angled(
      try SpectralImport.pooled(parts, options: try settings.options()), angle: angle)
  }
}
