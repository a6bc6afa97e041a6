import ArgumentParser
import Voxelith

/// What is done against the noise of a map.
struct DenoiseOptions: ParsableArguments {
  @Option(help: MapSettings.text(.binToSigma))
  var binToSigma: Double?

  @Option(help: MapSettings.text(.binToCounts))
  var binToCounts: Double?

  @Option(help: MapSettings.text(.largestBin))
  var binLimit: Int?

  @Option(help: MapSettings.text(.denoise))
  var denoise: PriorChoice?

  @Option(help: MapSettings.text(.guide))
  var guide: String?

  @Option(help: MapSettings.text(.guideScale))
  var guideScale: NumberList?

  func apply(to settings: inout MapSettings) {
    settings.binToSigma = binToSigma
    settings.binToCounts = binToCounts
    settings.largestBin = binLimit
    settings.denoise = denoise
    settings.guide = guide
    settings.guideScale = guideScale?.values
  }

  /// Whether anything is asked for.
  var isWanted: Bool {
    var settings = MapSettings()
    apply(to: &settings)
    return settings != MapSettings()
  }

  func validate() throws {
    var settings = MapSettings()
    apply(to: &settings)
    try settings.checkOptions()
  }
}
