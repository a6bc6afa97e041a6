import ArgumentParser
import Voxelith

/// What a file of spectra may lack, as options.
struct SpectralInput: ParsableArguments {
  @Option(help: "Path of the counts within an HDF5 file.")
  var dataset: String?

  @Option(help: "Path of the energy axis within an HDF5 file.")
  var energyDataset: String?

  @Option(help: "Voxel size in um: one number, or z,y,x.")
  var voxelSize: VoxelSize?

  @Option(help: "Live time of each voxel in seconds.")
  var liveTime: Double?

  @Option(help: "Beam energy in keV.")
  var incidentEnergy: Double?

  @Option(help: "Scattering angle in degrees.")
  var scatteringAngle: Double?

  func validate() throws {
    try NumberRange.liveTime.checkOption(liveTime, "--live-time")
    try NumberRange.incidentEnergy.checkOption(incidentEnergy, "--incident-energy")
    try NumberRange.scatteringAngle.checkOption(scatteringAngle, "--scattering-angle")
  }

  func open(_ path: String) throws -> any SpectralSource {
    try SpectralFile.open(path, options: options)
  }

  var options: SpectralOpenOptions {
    var options = SpectralOpenOptions()
    options.dataset = dataset
    options.energyDataset = energyDataset
    options.voxelSize = voxelSize?.spacing
    options.acquisition = Acquisition(
      incidentEnergy: incidentEnergy, scatteringAngle: scatteringAngle.map { .uniform($0) },
      liveTime: liveTime)
    return options
  }
}
