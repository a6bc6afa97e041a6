public import Compton
public import Volumetry

/// How a digital twin is made. Every field has a default that gives a small electrode at beamline conditions.
public struct TwinSettings: Sendable, Hashable {
  public var seed: UInt64 = 1
  // The XCS measurement.
  public var incidentEnergy = 115.6
  public var scatteringAngle = 90.0
  /// Difference of the angle in degrees from the middle to the edge of the detector along x; 0 for one angle.
  public var angleSpread = 0.0
  /// Spread of the pixels' gains (relative) and offsets (keV) about the nominal energies, a column of pixels at a
  /// time; 0 for pixels that are alike.
  public var gainSpread = 0.0
  public var offsetSpread = 0.0
  /// FWHM in keV.
  public var energyResolution = 0.8
  public var firstEnergy = 84.025
  public var binWidth = 0.05
  public var bins = 400
  /// Centres of the bins in keV; takes the place of the three numbers above where given.
  public var energyCenters: [Double]?
  /// Takes the place of `energyResolution` where given.
  public var response: DetectorResponse?
  /// Counts over all bins of a voxel filled with active material at x = 0.5.
  public var counts = 1e6
  /// Background counts over all bins as a part of `counts`.
  public var backgroundFraction = 0.02
  public var voxelLiveTime = 600.0
  /// Whether electrolyte and carbon scatter, too. Without them pores are empty and carbon is invisible.
  public var isMixture = false
  /// Whether the sample absorbs: the beam runs along x, the camera looks from the side of small z.
  public var absorbs = false
  // The standards.
  public var standards: [Double] = [0, 0.25, 0.5, 0.75, 1]
  public var standardLiveTime = 240_000.0
  // Geometry of XCS against XCT.
  /// XCT voxels along the side of an XCS voxel.
  public var ratio = 10
  /// Rotation in degrees about x, y, z through the middle, then shift in um, of XCS points to XCT points.
  public var rotation = SIMD3<Double>.zero
  public var translation = SIMD3<Double>.zero
  /// Standard deviation of the XCS point spread in micrometres.
  public var pointSpread = 0.0
  // Material.
  public var formula = "LixNi0.8Mn0.1Co0.1O2"
  public var density = 4.75
  public var activeLabel = 1
  public var lithiumMean = 0.55
  public var lithiumGradient = 0.3
  public var lithiumAmplitude = 0.07
  /// Change of x by one of the active fraction of its XCS voxel; 0 for lithium that knows nothing of the phases.
  public var lithiumOnActive = 0.0
  /// How lithium spreads, and since when; nil for a field that stands still.
  public var diffusion: TwinDiffusion?
  /// Seed of the counts where states of one sample follow each other; that of everything without.
  public var countSeed: UInt64?
  /// Noise of the XCT as a part of the active material's grey value.
  public var xctNoise = 0.05

  public init() {}

  /// - Throws: `usage` where a number makes no sense.
  public func validate() throws(VoxelithError) {
    func require(_ condition: Bool, _ message: String) throws(VoxelithError) {
      if !condition { throw VoxelithError(.usage, message) }
    }
    try require(counts > 0 && counts < 1e12, "the counts of a voxel must be positive")
    try require(backgroundFraction >= 0 && backgroundFraction < 100, "the background must not be negative")
    try require(bins >= 8 && bins <= 100_000 && binWidth > 0, "the energy axis needs 8 bins or more")
    if energyResolution != 0 { try NumberRange.energyResolution.check(energyResolution, code: .usage) }
    for number in [lithiumMean, lithiumGradient, lithiumAmplitude] {
      try NumberRange.lithium.check(number, code: .usage)
    }
    try require(voxelLiveTime > 0 && standardLiveTime > 0, "live times must be positive")
    try require(standards.count >= 2, "a twin needs two standards or more")
    try require(ratio >= 1 && ratio <= 1000, "an XCS voxel must hold 1 to 1000 XCT voxels along a side")
    try require(gainSpread >= 0 && gainSpread < 0.1, "the spread of the gains must be within 0 to 0.1")
    try require(offsetSpread >= 0 && offsetSpread.isFinite, "the spread of the offsets must not be negative")
    try require(lithiumOnActive.isFinite, "the change of x by the active fraction must be a number")
    try require(pointSpread >= 0 && pointSpread.isFinite, "the point spread must not be negative")
  }
}
