import ArgumentParser
import Voxelith

/// How the points of a scan become voxels.
struct ScanInput: ParsableArguments {
  @Option(
    help: "Energies of the channels in keV: a0,a1[,a2...] for a0 + a1 c + a2 c^2, counted from 0.")
  var energyCoefficients: NumberList?

  @Option(help: "Which elements of the detector: sum, or numbers counted from 0, such as 3; 0,2; or 0-5.")
  var detector: AxisChoice?

  @Option(help: "Which frames of an exposure: sum, or numbers counted from 0, such as 3; 0,2; or 0-5.")
  var frames: AxisChoice?

  @Option(help: SpectralInputSettings.text(.elementCoefficients))
  var elementCoefficients: String?

  @Option(
    help: "Places of the points: x=PATH,y=PATH[,z=PATH] of datasets, or none for the order of the array.")
  var positions: PositionChoice?

  @Option(help: "Sides z,y,x (or y,x) of a scan whose points follow one another along x, then y, then z.")
  var scanShape: NumberList?

  @Flag(help: "With --scan-shape: every second row runs backwards.")
  var snake = false

  @Option(help: "Points that fall on one voxel: refuse, sum, first or last.")
  var repeats: RepeatChoice = .refuse

  func validate() throws {
    if let sides = scanShape?.values, !sides.allSatisfy({ $0 >= 1 && $0 < 1e9 && $0 == $0.rounded() }) {
      throw ValidationError("--scan-shape needs up to three whole numbers from 1 up, as 1,40,50")
    }
  }

  /// What is said of the points; nil where nothing is.
  ///
  /// - Parameter allowMissing: the flag `--allow-missing` of the command.
  func settings(allowMissing: Bool) -> ScanSettings? {
    var settings = ScanSettings()
    settings.energyCoefficients = energyCoefficients?.values
    settings.detector = detector
    settings.frame = frames
    settings.positions = positions
    settings.scanShape = scanShape?.values.map { Int($0) }
    settings.snake = snake ? true : nil
    settings.repeats = repeats == .refuse ? nil : repeats
    settings.allowMissing = allowMissing ? true : nil
    return settings == ScanSettings() ? nil : settings
  }
}
