import Foundation
public import Phantoms
public import Results
public import Volumetry

/// What `simulate` is told.
public struct SimulateSettings: OperationSettings {
  public var preset = CathodePhantom.Pores.directional
  public var shape = CountsZYX(Shape(z: 120, y: 160, x: 160))
  public var voxelSize = LengthsZYX(SIMD3(repeating: 5))
  public var porosity = 0.4
  public var tilt = 0.0
  public var ratio: Int?
  public var counts = TwinSettings().counts
  public var background = TwinSettings().backgroundFraction
  public var resolution = TwinSettings().energyResolution
  public var angleSpread = 0.0
  public var gainSpread = 0.0
  public var offsetSpread = 0.0
  public var absorption = false
  public var mixture = false
  public var activeLabel = TwinSettings().activeLabel
  public var rotation: [Double] = [0, 0, 0]
  public var translation: [Double] = [0, 0, 0]
  public var pointSpread = 0.0
  public var lithium: [Double]?
  public var diffusivity: [Double]?
  public var exchange: Double?
  public var outsideX: Double?
  public var times: [Double]?
  public var seed: UInt64 = 1

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case preset, shape, porosity, ratio, counts, background, absorption, mixture, lithium, seed
    case voxelSize = "voxel_size_um"
    case tilt = "tilt_deg"
    case resolution = "energy_resolution_keV"
    case angleSpread = "angle_spread_deg"
    case gainSpread = "gain_spread"
    case offsetSpread = "offset_spread_keV"
    case activeLabel = "active_label"
    case rotation = "rotation_deg"
    case translation = "translation_um"
    case pointSpread = "psf_um"
    case diffusivity = "diffusivity_um2_per_s"
    case exchange = "exchange_um_per_s"
    case outsideX = "outside_x"
    case times = "times_s"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .preset: "Pores of the made-up cathode: directional or isotropic."
    case .shape: "XCT voxels of the made-up cathode as z,y,x."
    case .voxelSize: "XCT voxel size in µm: one number, or z,y,x."
    case .porosity: "Porosity of the made-up cathode."
    case .tilt: "Angle between directional pores and z in degrees."
    case .ratio: "XCT voxels along the side of an XCS voxel; by default about 5000 XCS voxels."
    case .counts: "Counts in the spectrum of a voxel filled with active material."
    case .background: "Background counts as a fraction of the counts."
    case .resolution: "Energy resolution in keV (FWHM)."
    case .angleSpread:
      "Change of the scattering angle from the middle to the edge of the detector in degrees."
    case .gainSpread:
      "Spread of the pixels' gains, relative; they are written to pixel_gain.txt and pixel_offset.txt."
    case .offsetSpread: "Spread of the pixels' offsets in keV."
    case .absorption: "Model absorption in the sample; the materials are written to absorption.yaml."
    case .mixture: "Model scattering by electrolyte and carbon as well."
    case .activeLabel: "Label of the active material."
    case .rotation: "Rotation of the XCS against the XCT in degrees about x,y,z."
    case .translation: "Shift of the XCS against the XCT in µm along x,y,z."
    case .pointSpread: "Standard deviation of the XCS point spread in µm."
    case .lithium: "Mean x, its change through the depth and its lateral spread, as mean,gradient,spread."
    case .diffusivity:
      "Have lithium spread, over several states: the free diffusivity in µm²/s, which the pores hinder, or the effective one as z,y,x."
    case .exchange:
      "Exchange coefficient at the separator in µm/s; by default 5 diffusivities over the thickness."
    case .outsideX: "x outside, towards which the exchange goes; 0.3 if not given."
    case .times: "Times of the states in seconds; by default six over half the time that the depth takes."
    case .seed: "Seed of the random numbers."
    }
  }

  public func validate() throws(VoxelithError) {
    try NumberRange.counts.check(counts, as: "counts", code: .usage)
    try NumberRange.energyResolution.check(resolution, as: "energy_resolution_keV", code: .usage)
    try NumberRange.pointSpread.check(pointSpread, as: "psf_um", code: .usage)
    try NumberRange.label.check(activeLabel, as: "active_label", code: .usage)
    for (key, list) in [
      ("rotation_deg", rotation), ("translation_um", translation), ("lithium", lithium ?? [0, 0, 0]),
    ]
    where list.count != 3 || !list.allSatisfy(\.isFinite) {
      throw VoxelithError(.usage, "\(key): needs three numbers")
    }
    let sides = shape.shape
    guard min(sides.z, sides.y, sides.x) >= 1, max(sides.z, sides.y, sides.x) <= 100_000 else {
      throw VoxelithError(.usage, "shape: needs three whole numbers from 1 up")
    }
    try validateDiffusion()
    if let ratio, ratio < 1 { throw VoxelithError(.usage, "ratio: must be 1 or more") }
  }

  public init() {}

  /// The made-up cathode.
  public func phantom() throws(VoxelithError) -> CathodePhantom {
    try CathodePhantom(
      grid: Grid(shape: shape.shape, spacing: voxelSize.vector), pores: preset, porosity: porosity,
      tilt: tilt, seed: seed)
  }

  /// - Parameter grid: of the labels.
  public func settings(for grid: Grid) -> TwinSettings {
    var settings = TwinSettings()
    settings.seed = seed
    settings.counts = counts
    settings.backgroundFraction = background
    settings.energyResolution = resolution
    settings.angleSpread = angleSpread
    settings.gainSpread = gainSpread
    settings.offsetSpread = offsetSpread
    settings.absorbs = absorption
    settings.isMixture = mixture
    settings.activeLabel = activeLabel
    settings.rotation = SIMD3(rotation[0], rotation[1], rotation[2])
    settings.translation = SIMD3(translation[0], translation[1], translation[2])
    settings.pointSpread = pointSpread
    settings.ratio = ratio ?? Self.defaultRatio(grid.shape)
    if let lithium {
      settings.lithiumMean = lithium[0]
      settings.lithiumGradient = lithium[1]
      settings.lithiumAmplitude = lithium[2]
    }
    return settings
  }
  /// The ratio that gives about 5000 XCS voxels, but 1 at least.
  public static func defaultRatio(_ shape: Shape) -> Int {
    max(1, Int(cbrt(Double(shape.count) / 5000).rounded()))
  }
}
