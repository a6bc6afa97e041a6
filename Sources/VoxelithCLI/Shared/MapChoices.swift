import ArgumentParser
import Voxelith

/// How spectra become lithium, as options.
struct MapChoices: ParsableArguments {
  @Flag(help: MapSettings.flag(.keepsOutliers))
  var keepOutliers = false

  @Option(help: MapSettings.text(.method))
  var method: MapMethod?

  @Option(help: MapSettings.text(.minimumCounts))
  var minimumCounts: Double?

  @Option(help: MapSettings.text(.rangeSigmas))
  var rangeSigmas: Double?

  @Option(help: MapSettings.text(.countsPerUnit))
  var countsPerUnit: Double?

  @Option(help: "\(MapSettings.help(.mayDiffer)) May be given several times.")
  var mayDiffer: [String] = []

  @Option(help: MapSettings.text(.shape))
  var shape: String?

  @Option(help: MapSettings.text(.fractions))
  var fractions: String?

  @Option(help: MapSettings.text(.fractionSigma))
  var fractionSigma: Double?

  @Flag(help: MapSettings.flag(.restIsEmpty))
  var restIsEmpty = false

  @Option(help: MapSettings.text(.components))
  var components: ComponentModel?

  @Option(help: MapSettings.text(.absorption))
  var absorption: String?

  var settings: MapSettings {
    var settings = MapSettings()
    settings.method = method ?? settings.method
    settings.minimumCounts = minimumCounts ?? settings.minimumCounts
    settings.rangeSigmas = rangeSigmas ?? settings.rangeSigmas
    settings.countsPerUnit = countsPerUnit
    settings.mayDiffer = mayDiffer
    settings.shape = shape
    settings.fractions = fractions
    settings.fractionSigma = fractionSigma ?? settings.fractionSigma
    settings.restIsEmpty = restIsEmpty
    settings.components = components ?? settings.components
    settings.absorption = absorption
    settings.keepsOutliers = keepOutliers
    return settings
  }

  func validate() throws {
    try settings.checkOptions()
    guard fractions != nil || (fractionSigma == nil && !restIsEmpty) else {
      throw ValidationError("--fraction-sigma and --rest-is-empty are for --fractions")
    }
  }
}
