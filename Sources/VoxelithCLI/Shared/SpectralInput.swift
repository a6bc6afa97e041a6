import ArgumentParser
import Voxelith

/// What a file of spectra may lack, as options.
struct SpectralInput: ParsableArguments {
  @Option(help: "Path of the counts within an HDF5 file.")
  var dataset: String?

  @Option(help: "Path of the energy axis, or of the coefficients of its calibration, within an HDF5 file.")
  var energyDataset: String?

  @OptionGroup var scan: ScanInput

  @Flag(help: "Voxels that no point or no file holds are missing (NaN) and no error.")
  var allowMissing = false

  @Option(help: "Voxel size in um: one number, or z,y,x.")
  var voxelSize: VoxelSize?

  @Option(help: "Live time of each voxel in seconds.")
  var liveTime: Double?

  @Option(help: "Beam energy in keV.")
  var incidentEnergy: Double?

  @Option(help: "Scattering angle in degrees.")
  var scatteringAngle: Double?

  func open(_ path: String) throws -> any SpectralSource {
    try SpectralFile.open(path, options: try options())
  }

  func options() throws -> SpectralOpenOptions {
    var options = SpectralOpenOptions()
    options.dataset = dataset
    options.voxelSize = voxelSize?.spacing
    options.acquisition = Acquisition(
      incidentEnergy: incidentEnergy, scatteringAngle: scatteringAngle.map { .uniform($0) },
      liveTime: liveTime)
    try scan.settings(energyDataset: energyDataset, allowMissing: allowMissing).apply(to: &options)
    return options
  }
}
