import Voxelith

/// An array to a volume file.
enum Write: Operation {
  static let name = "write"
  static let summary = "Write a volume; the ending of the name says the format."
  static let sections = [
    Section("labels", "Whether the voxels are labels, of which no means are taken."),
    Section("compress", "Pack the voxels of a .mha, .mhd or .nrrd."),
    Section("overwrite", "Whether the file may be replaced."),
  ]
  static let inputs = ["volume": "The array (z, y, x).", "file": "The file to write."]

  static func run(_ job: Job) throws(VoxelithError) {
    guard let path = try job.input("file").path else {
      throw VoxelithError(.usage, "the input 'file' must be a file")
    }
    let source = try job.volume("volume")
    job.outcome.notice(VolumeOutput.notice(path, grid: source.grid))
    try ArrayCopy.write(
      source, to: path, overwrite: try job.request.flag("overwrite"),
      isLabels: try job.request.flag("labels"), isCompressed: try job.request.flag("compress"),
      resources: job.resources)
  }
}

/// Arrays to a file of spectra.
enum WriteSpectra: Operation {
  static let name = "write_spectra"
  static let summary = "Write spectra in the XCS NeXus layout."
  static let sections = [
    Section("spectra", SpectralInputSettings.self, "How the spectra were measured."),
    Section("energy_resolution_keV", "Full width at half maximum of the detector's line in keV."),
    Section("overwrite", "Whether the file may be replaced."),
  ]
  static let inputs = [
    "spectra": "Counts (z, y, x, bin).", "energy": "Centres of the bins in keV.",
    "scattering_angle": "Scattering angle of each pixel (y, x) in degrees, where it differs.",
    "file": "The file to write.",
  ]

  static func run(_ job: Job) throws(VoxelithError) {
    guard let path = try job.input("file").path else {
      throw VoxelithError(.usage, "the input 'file' must be a file")
    }
    let source = try SpectralInput.open(job, try job.request.settings(SpectralInputSettings.self, "spectra"))
    var acquisition = source.acquisition
    acquisition.energyResolution = try job.request.value(Double.self, "energy_resolution_keV")
    let type: VoxelType = try job.input("spectra").type.isFloatingPoint ? .float32 : .uint32
    let writer = try NexusSpectralWriter(
      path: path, grid: source.grid, energy: source.energy, acquisition: acquisition, type: type,
      overwrite: try job.request.flag("overwrite"),
      program: (name: "voxelith", version: PackageVersion.current))
    try writer.write(all: source, stage: "write", resources: job.resources)
  }
}
