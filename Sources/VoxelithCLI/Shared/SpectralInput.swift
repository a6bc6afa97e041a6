import ArgumentParser
import Voxelith

/// What a file of spectra may lack, as options.
struct SpectralInput: ParsableArguments {
  @Option(help: "Path of the counts within an HDF5 file.")
  var dataset: String?

  @Option(help: "Path of the energy axis within an HDF5 file.")
  var energyDataset: String?

  @Option(
    help: "Energies of the channels in keV: a0,a1[,a2...] for a0 + a1 c + a2 c^2, counted from 0.")
  var energyCoefficients: NumberList?

  @Option(help: "Which elements of the detector: sum, or the number of one from 0.")
  var detector: AxisChoice?

  @Option(help: "Voxel size in um: one number, or z,y,x.")
  var voxelSize: VoxelSize?

  @Option(help: "Live time of each voxel in seconds.")
  var liveTime: Double?

  @Option(help: "Beam energy in keV.")
  var incidentEnergy: Double?

  @Option(help: "Scattering angle in degrees.")
  var scatteringAngle: Double?

  func open(_ path: String) throws -> any SpectralSource {
    try SpectralFile.open(path, options: options)
  }

  func validate() throws {
    if let list = energyCoefficients?.values, list.count < 2 {
      throw ValidationError("--energy-coefficients needs keV at channel 0 and keV a channel, as 84.0,0.05")
    }
  }

  var options: SpectralOpenOptions {
    var options = SpectralOpenOptions()
    options.dataset = dataset
    options.energyDataset = energyDataset
    options.energyCoefficients = energyCoefficients?.values
    options.detector = detector
    options.voxelSize = voxelSize?.spacing
    options.acquisition = Acquisition(
      incidentEnergy: incidentEnergy, scatteringAngle: scatteringAngle.map { .uniform($0) },
      liveTime: liveTime)
    return options
  }
}

extension AxisChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
