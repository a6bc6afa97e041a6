import ArgumentParser
import Voxelith

/// What a file of spectra may lack, and how the detector's pixels differ, as options.
struct SpectralInput: ParsableArguments {
  @Option(help: SpectralInputSettings.text(.dataset))
  var dataset: String?

  @Option(help: SpectralInputSettings.text(.energyDataset))
  var energyDataset: String?

  @OptionGroup var scan: ScanInput

  @Flag(help: "Treat voxels without a point or a file as missing (NaN) instead of stopping.")
  var allowMissing = false

  @Option(help: SpectralInputSettings.text(.voxelSize))
  var voxelSize: VoxelSize?

  @Option(help: SpectralInputSettings.text(.liveTime))
  var liveTime: Double?

  @Option(help: SpectralInputSettings.text(.incidentEnergy))
  var incidentEnergy: Double?

  @Option(help: SpectralInputSettings.text(.scatteringAngle))
  var scatteringAngle: Double?

  @Option(help: SpectralInputSettings.text(.pixelGain))
  var pixelGain: String?

  @Option(help: SpectralInputSettings.text(.pixelOffset))
  var pixelOffset: String?

  @Option(help: SpectralInputSettings.text(.deadPixels))
  var deadPixels: String?

  @Option(help: SpectralInputSettings.text(.pinholeDistance))
  var pinholeDistance: Double?

  @Option(help: SpectralInputSettings.text(.pixelPitch))
  var pixelPitch: Double?

  @Flag(help: SpectralInputSettings.flag(.pinholeFlipped))
  var pinholeFlipped = false

  /// How points become voxels; nil where nothing is said of it.
  private var scanSettings: ScanSettings? { scan.settings(allowMissing: allowMissing) }

  func validate() throws { try settings.checkOptions() }

  var settings: SpectralInputSettings {
    var settings = SpectralInputSettings()
    settings.dataset = dataset
    settings.energyDataset = energyDataset
    settings.scan = scanSettings
    settings.elementCoefficients = scan.elementCoefficients
    settings.voxelSize = voxelSize.map { LengthsZYX($0.spacing) }
    settings.liveTime = liveTime
    settings.incidentEnergy = incidentEnergy
    settings.scatteringAngle = scatteringAngle
    settings.pixelGain = pixelGain
    settings.pixelOffset = pixelOffset
    settings.deadPixels = deadPixels
    settings.pinholeDistance = pinholeDistance
    settings.pixelPitch = pixelPitch
    settings.pinholeFlipped = pinholeFlipped
    return settings
  }
}
