import ArgumentParser
import Voxelith

/// What else is in the voxels, and what the sample absorbs.
struct PhaseOptions: ParsableArguments {
  @Option(help: "Volume fractions on the grid of the spectra (ZCYX): active material, then the components.")
  var fractions: String?

  @Option(help: "Standard deviation of the fractions.")
  var fractionSigma: Double = 0

  @Flag(help: "What the fractions leave of a voxel is empty space; without this they must add up to one.")
  var restIsEmpty = false

  @Option(
    help: """
      known: components have the counts that the fractions say; tied: all phases share one free amplitude; free: every \
      amount is fitted, without fractions, at a loss of precision that is reported.
      """)
  var components: ComponentModel = .known

  @Option(help: "Materials that absorb and where they are (YAML); their absorption is then corrected.")
  var absorption: String?

  func validate() throws {
    guard fractionSigma >= 0 else { throw ValidationError("--fraction-sigma must not be negative") }
  }

  /// Files that these options name.
  func inputs() throws -> [String] {
    try [fractions].compactMap { $0 } + (absorption.map { try AbsorptionFile.inputs($0) } ?? [])
  }

  func apply(to options: inout MapOptions) {
    options.fractionSigma = fractionSigma
    options.restIsEmpty = restIsEmpty
    options.components = components
  }

  func openFractions() throws -> [any VolumeSource] {
    try fractions.map { try FractionFile.open($0) } ?? []
  }

  func openAbsorption(_ grid: Grid) throws -> Absorption? {
    try absorption.map { try AbsorptionFile.load($0, grid: grid) }
  }
}
