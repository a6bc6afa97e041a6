import ArgumentParser
import Voxelith

/// How spectra become a chemical map, as options.
struct ChemistryChoices: ParsableArguments {
  @Option(help: ChemistrySettings.text(.measure))
  var measure: String?

  @Option(help: ChemistrySettings.text(.noise))
  var noise: NoiseModel?

  @Option(help: ChemistrySettings.text(.e0))
  var e0: Double?

  @Option(parsing: .unconditional, help: ChemistrySettings.text(.pre))
  var pre: NumberPair?

  @Option(parsing: .unconditional, help: ChemistrySettings.text(.post))
  var post: NumberPair?

  @Option(help: ChemistrySettings.text(.postDegree))
  var postDegree: Int?

  @Option(parsing: .unconditional, help: ChemistrySettings.text(.region))
  var region: NumberPair?

  @Option(help: ChemistrySettings.text(.smoothing))
  var smoothing: Double?

  @Option(help: ChemistrySettings.text(.window))
  var window: NumberPair?

  @Option(help: ChemistrySettings.text(.secondWindow))
  var secondWindow: NumberPair?

  @Option(help: ChemistrySettings.text(.background))
  var background: [NumberPair] = []

  @Option(help: ChemistrySettings.text(.reference))
  var referenceEnergy: Double?

  @Option(help: "A reference spectrum (text); give it for each.")
  var reference: [String] = []

  @Option(help: ChemistrySettings.text(.range))
  var range: NumberPair?

  @Option(help: ChemistrySettings.text(.species))
  var species: [String] = []

  @Option(help: ChemistrySettings.text(.ranges))
  var ranges: String?

  @Option(help: ChemistrySettings.text(.minimumSigmas))
  var minimumSigmas: Double?

  @Option(help: ChemistrySettings.text(.gradientOf))
  var gradientOf: String?

  @Option(help: ChemistrySettings.text(.energies))
  var energies: String?

  var settings: ChemistrySettings {
    func pair(_ numbers: NumberPair?) -> [Double]? { numbers.map { [$0.low, $0.high] } }
    var settings = ChemistrySettings()
    settings.measure = measure
    settings.noise = noise
    settings.e0 = e0
    settings.pre = pair(pre)
    settings.post = pair(post)
    settings.postDegree = postDegree
    settings.region = pair(region)
    settings.smoothing = smoothing
    settings.window = pair(window)
    settings.secondWindow = pair(secondWindow)
    settings.background = background.isEmpty ? nil : background.compactMap { pair($0) }
    settings.reference = referenceEnergy
    settings.references = reference.isEmpty ? nil : reference
    settings.range = pair(range)
    settings.species = species.isEmpty ? nil : species
    settings.ranges = ranges
    settings.minimumSigmas = minimumSigmas
    settings.gradientOf = gradientOf
    settings.energies = energies
    return settings
  }
}
