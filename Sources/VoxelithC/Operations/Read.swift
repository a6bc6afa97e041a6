import Voxelith

/// A volume file to an array.
enum Read: Operation {
  static let name = "read"
  static let summary = "Read a volume of any known format; channels become a last axis."
  static let sections = [Section("volume", VolumeInputSettings.self, "How the file is opened.")]
  static let inputs = ["file": "The file."]

  static func run(_ job: Job) throws(VoxelithError) {
    let path = try job.path("file")
    let settings = try job.request.settings(VolumeInputSettings.self, "volume")
    let description = try VolumeFile.describe(
      path, options: try settings.options(threads: job.resources.threads))
    try job.take(path, as: "volume", settings: settings)
    try job.give(report: description)
  }
}

/// A file of spectra to arrays.
enum ReadSpectra: Operation {
  static let name = "read_spectra"
  static let summary = "Read spectra of any known format: counts (z, y, x, bin) and energy in keV."
  static let sections = [Section("spectra", SpectralInputSettings.self, "How the file is opened.")]
  static let inputs = ["spectra": "The file."]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(SpectralInputSettings.self, "spectra")
    let source = try SpectralInput.open(job, settings)
    let shape = source.grid.shape
    let bins = source.energy.count
    let counts = try OwnedArray(
      "counts", type: .float32, shape: [shape.z, shape.y, shape.x, bins], grid: source.grid)
    let plan = try BlockPlan(
      shape: shape, bytesPerVoxel: 8 * bins, memory: min(job.resources.memory / 2, 256 << 20),
      inFlight: job.resources.threads + 1, chunk: source.chunkShape)
    try BlockStream.run(plan.blocks, stage: "read", resources: job.resources) {
      (block) throws(VoxelithError) in
      try source.readCounts(block.core)
    } consume: { (block, values) throws(VoxelithError) in
      counts.write(.float32(values), to: block.core, run: bins, isWhole: true)
    }
    let energy = try OwnedArray("energy", type: .float64, shape: [bins])
    energy.write(.float64(source.energy.centers), to: Region(whole: Shape(z: bins, y: 1, x: 1)))
    job.outcome.add(counts)
    job.outcome.add(energy)
    let acquisition = source.acquisition
    if case .perPixel(let height, let width, let values) = acquisition.scatteringAngle {
      let angles = try OwnedArray("scattering_angle", type: .float64, shape: [height, width])
      angles.write(.float64(values), to: Region(whole: Shape(z: height, y: width, x: 1)))
      job.outcome.add(angles)
    }
    try job.give(
      report: Report(
        incidentEnergy: acquisition.incidentEnergy, scatteringAngle: acquisition.scatteringAngle?.mean,
        energyResolution: acquisition.energyResolution, liveTime: acquisition.liveTime))
  }

  private struct Report: Encodable {
    let incidentEnergy: Double?
    let scatteringAngle: Double?
    let energyResolution: Double?
    let liveTime: Double?

    enum CodingKeys: String, CodingKey {
      case incidentEnergy = "incident_energy_keV"
      case scatteringAngle = "scattering_angle_deg"
      case energyResolution = "energy_resolution_keV"
      case liveTime = "live_time_s"
    }
  }
}
