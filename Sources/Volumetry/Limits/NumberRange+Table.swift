/// Every range of a number in files and options.
extension NumberRange {
  // Beam and detector.
  public static let incidentEnergy = NumberRange(
    "incident_energy_keV", 1...2000, advice: "energies are in keV, not eV")
  public static let scatteringAngle = NumberRange(
    "scattering_angle_deg", 0...180, above: true, advice: "angles are in degrees")
  /// Where the axis of the spectra is known, it must also be longer than this.
  public static let energyResolution = NumberRange(
    "energy_resolution_keV", 0.001...100, advice: "the full width at half maximum in keV, not eV")
  public static let tailFraction = NumberRange("tail_fraction", 0...0.99)
  public static let tailLength = NumberRange(
    "tail_length_keV", 0...100, advice: "lengths of tails are in keV")
  public static let efficiencyEnergy = NumberRange(
    "efficiency.energy_keV", 0...10_000, above: true, advice: "energies are in keV, not eV")
  public static let efficiencyValue = NumberRange("efficiency.value", 0...1e6, above: true)
  public static let liveTime = NumberRange(
    "live_time_s", 1e-6...1e10, advice: "times are in seconds")
  public static let pinholeDistance = NumberRange(
    "pinhole_distance_mm", 0.01...1e5, advice: "distances are in mm")
  public static let pixelPitch = NumberRange("pixel_pitch_mm", 1e-4...100, advice: "lengths are in mm")
  public static let countsPerUnit = NumberRange("counts_per_unit", 1e-12...1e12)
  public static let ringWidth = NumberRange("ring_width_deg", 0.001...90, advice: "angles are in degrees")
  public static let minimumCounts = NumberRange("minimum_counts", 0...1e18)
  public static let rangeSigmas = NumberRange("range_sigmas", 0...1e6)
  public static let counts = NumberRange("counts", 0...1e15, above: true)

  // Material.
  public static let lithium = NumberRange("x", -10...100, advice: "x is lithium per formula unit")
  public static let lithiumSigma = NumberRange("x_sigma", 0...10)
  /// A sigma(x) that is to be reached.
  public static let wantedSigma = NumberRange("sigma(x)", 1e-6...10)
  public static let wantedCounts = NumberRange("counts of a bin", 1...1e15)
  /// One sigma of what an instrument may do, whatever its unit.
  public static let mayDiffer = NumberRange("may_differ", 1e-9...10)
  public static let density = NumberRange(
    "density_g_cm3", 0...30, above: true, advice: "densities are in g/cm3, not kg/m3")
  public static let share = NumberRange("share", 0...1)
  public static let activeMass = NumberRange(
    "active_material_mg", 0...1e9, above: true, advice: "masses are in mg")
  public static let activeAmount = NumberRange(
    "active_material_mmol", 0...1e7, above: true, advice: "amounts are in mmol of formula units")
  /// A relative standard deviation in percent.
  public static let percentSigma = NumberRange("sigma_percent", 0...100)
  public static let label = NumberRange("label", 0...65535, isWhole: true)

  // Space.
  public static let voxelSize = NumberRange("voxel_size_um", 1e-7...1e7, advice: "lengths are in µm")
  public static let length = NumberRange("length_um", 0...1e8, advice: "lengths are in µm")
  /// Where the volume is known, it must also be longer than this.
  public static let pointSpread = NumberRange("psf_fwhm_um", 0...1e6, advice: "lengths are in µm")
  public static let coordinate = NumberRange("coordinate_um", -1e12...1e12, advice: "lengths are in µm")
  public static let stride = NumberRange("stride", 1...1_000_000, isWhole: true)
  public static let turn = NumberRange("maximum_angle_deg", 0...180, advice: "angles are in degrees")

  // Statistics.
  public static let confidence = NumberRange("confidence", 0.01...0.9999)
  public static let replicates = NumberRange("replicates", 10...1_000_000, isWhole: true)

  public static let denoisingStrength = NumberRange(
    "strength", 0.01...100, advice: "it counts standard deviations of the noise")

  // The machine.
  public static let formatVersion = NumberRange("format_version", 1...1000, isWhole: true)
  public static let threads = NumberRange("threads", 1...1024, isWhole: true)
  public static let shards = NumberRange("shards", 1...9999, isWhole: true)

  // Texts and their nesting.
  public static let formulaLength = NumberRange(
    "letters of a formula", 1...400, isWhole: true, advice: "write it as LixNi0.8Mn0.1Co0.1O2")
  public static let formulaDepth = NumberRange("nested parentheses of a formula", 0...16, isWhole: true)
  public static let labelLength = NumberRange("letters of a title or label", 0...500, isWhole: true)
  public static let documentBytes = NumberRange("bytes of a YAML file", 1...4_194_304, isWhole: true)
  public static let documentDepth = NumberRange("nesting of a YAML file", 0...64, isWhole: true)
  public static let documentAliases = NumberRange(
    "aliases (*name) of a YAML file", 0...32, isWhole: true, advice: "write the values out")
  public static let documentNodes = NumberRange("values of a YAML file", 0...1_000_000, isWhole: true)

  public static let table: [NumberRange] = [
    incidentEnergy, scatteringAngle, energyResolution, tailFraction, tailLength, efficiencyEnergy,
    efficiencyValue, liveTime, minimumCounts, rangeSigmas, counts, lithium, lithiumSigma, density, share,
    label, pinholeDistance, pixelPitch, countsPerUnit, ringWidth, wantedSigma, wantedCounts, mayDiffer,
    denoisingStrength, formatVersion,
    voxelSize, length, pointSpread, coordinate, stride, turn, confidence, replicates, threads, shards,
    formulaLength, formulaDepth, labelLength, documentBytes, documentDepth, documentAliases, documentNodes,
  ]
}
