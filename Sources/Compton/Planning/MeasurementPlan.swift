public import Volumetry

/// What is known and what is wanted of a measurement.
public struct PlanSettings: Sendable, Hashable {
  /// Lithium content at which errors are told; nil for the middle of the calibrated range.
  public var x: Double?
  /// Net counts per second of a voxel within the fit's window; nil for what the standards gave.
  public var rate: Double?
  /// Volume of the voxel that has this rate, and of the voxel that is planned, in um3.
  public var rateVolume: Double?
  public var volume: Double?
  /// Background counts over net counts; nil for that of the calibration.
  public var backgroundFraction: Double?
  /// Wanted sigma(x), wanted difference, and time for each voxel in seconds: one of them at least.
  public var target: Double?
  public var difference: Double?
  public var seconds: Double?
  /// Voxels along the side of a cube that is added up.
  public var binnings: [Int] = [1, 2, 3, 4]
  public var significance = 2.0
  public var power = 0.5
  /// Voxels of the whole map, and how many the detector sees at once.
  public var voxels: Int?
  public var atOnce = 1

  public init() {}

  /// - Throws: `usage` where a number makes no sense or nothing is asked.
  public func validate() throws(VoxelithError) {
    func require(_ condition: Bool, _ message: String) throws(VoxelithError) {
      if !condition { throw VoxelithError(.usage, message) }
    }
    func positive(_ value: Double?) -> Bool { value.map { $0.isFinite && $0 > 0 } ?? true }
    try require(
      target != nil || difference != nil || seconds != nil,
      "say what is wanted: a sigma(x), a difference, or what a time gives")
    try require(
      positive(target) && positive(difference) && positive(seconds),
      "sigma(x), difference and time must be positive")
    try require(positive(rate), "the count rate must be positive")
    try require(positive(volume) && positive(rateVolume), "voxel sizes must be positive")
    try require(
      backgroundFraction.map { $0.isFinite && $0 >= 0 } ?? true, "the background must not be negative")
    try require(
      !binnings.isEmpty && binnings.allSatisfy { $0 >= 1 && $0 <= 1000 },
      "a binning adds up 1 to 1000 voxels along a side")
    try require(significance > 0 && significance.isFinite, "the significance must be positive")
    try require(power >= 0.5 && power < 1, "the power must lie within 0.5 to 1, with 1 excluded")
    try require((voxels ?? 1) >= 1 && atOnce >= 1, "numbers of voxels must be 1 or more")
    try require(
      volume == nil || rateVolume != nil || rate == nil,
      "a voxel size needs the voxel size that the count rate belongs to")
  }
}

/// A plan of beam time: counts and seconds for a wanted error, for each method and each binning.
public struct MeasurementPlan: Sendable, Hashable, Codable {
  public var x: Double
  /// Net counts per second of a planned voxel within the fit's window.
  public var rate: Double
  public var target: Double?
  public var difference: Double?
  public var seconds: Double?
  public var significance: Double
  public var power: Double
  public var methods: [MethodPlan]
  public var binnings: [BinningPlan]
  public var bestSWindows: WindowPrecision
  public var bestValenceWindows: WindowPrecision
  /// How many times the counts of the standards would bring their share of sigma(x) to half of the target; 1 where
  /// it is there already, nil where their own errors of x forbid it.
  public var standardsFactor: Double?
  /// How stable the instrument must be.
  public var stability: InstrumentStability?

  enum CodingKeys: String, CodingKey {
    case x
    case rate = "net_counts_per_s"
    case target = "target_sigma_x"
    case difference = "wanted_difference"
    case seconds = "seconds_per_voxel"
    case significance, power, methods, binnings
    case bestSWindows = "best_s_windows"
    case bestValenceWindows = "best_valence_core_windows"
    case standardsFactor = "standards_counts_factor"
    case stability
  }

  /// One method, voxel by voxel.
  public struct MethodPlan: Sendable, Hashable, Codable {
    public var precision: MethodPrecision
    public var floor: Double
    /// What the given time gives.
    public var sigma: Double?
    public var detectionLimit: Double?
    /// What the target needs; nil where the standards' errors are above it.
    public var countsForTarget: Double?
    public var secondsForTarget: Double?
    public var secondsForDifference: Double?

    enum CodingKeys: String, CodingKey {
      case precision
      case floor = "sigma_x_of_calibration"
      case sigma = "sigma_x"
      case detectionLimit = "detection_limit"
      case countsForTarget = "counts_for_target"
      case secondsForTarget = "seconds_for_target"
      case secondsForDifference = "seconds_for_difference"
    }
  }

  /// The profile fit on cubes of voxels.
  public struct BinningPlan: Sendable, Hashable, Codable {
    public var binning: Int
    /// Side of the cube over the side of the voxel is `binning`; this is its volume.
    public var volume: Double?
    /// What the given time for each voxel gives for the cube.
    public var sigma: Double?
    public var detectionLimit: Double?
    /// Time that each voxel must be measured for the cube to reach the target.
    public var secondsForTarget: Double?
    public var secondsForDifference: Double?
    /// The whole map, where the number of voxels is given.
    public var hoursForTarget: Double?
    /// Whether the given time reaches the target.
    public var reachesTarget: Bool?

    enum CodingKeys: String, CodingKey {
      case binning = "voxels_along_side"
      case volume = "volume_um3"
      case sigma = "sigma_x"
      case detectionLimit = "detection_limit"
      case secondsForTarget = "seconds_per_voxel_for_target"
      case secondsForDifference = "seconds_per_voxel_for_difference"
      case hoursForTarget = "hours_of_map_for_target"
      case reachesTarget = "reaches_target"
    }
  }

  /// - Throws: `usage` where the settings make no sense; `data` where the calibration has no live times and no rate
  ///   is given, or its spectra cannot be told apart.
  public init(_ calibration: Calibration, settings: PlanSettings) throws(VoxelithError) {
    try settings.validate()
    let x = settings.x ?? 0.5 * (calibration.range[0] + calibration.range[1])
    let precisions = try MethodPrecision.all(
      of: calibration, x: x, backgroundFraction: settings.backgroundFraction)
    let rate = try Self.rate(calibration, settings: settings, x: x)
    self.x = x
    self.rate = rate
    target = settings.target
    difference = settings.difference
    seconds = settings.seconds
    significance = settings.significance
    power = settings.power
    func limit(_ precision: MethodPrecision, _ counts: Double) -> Double {
      precision.detectionLimit(
        counts: counts, significance: settings.significance, power: settings.power)
    }
    func secondsForDifference(_ precision: MethodPrecision, _ rate: Double) -> Double? {
      settings.difference.map {
        precision.counts(difference: $0, significance: settings.significance, power: settings.power) / rate
      }
    }
    methods = precisions.map { precision in
      let counts = settings.target.flatMap { precision.counts(sigma: $0) }
      return MethodPlan(
        precision: precision, floor: precision.floor,
        sigma: settings.seconds.map { precision.sigma(counts: $0 * rate) },
        detectionLimit: settings.seconds.map { limit(precision, $0 * rate) }, countsForTarget: counts,
        secondsForTarget: counts.map { $0 / rate },
        secondsForDifference: secondsForDifference(precision, rate))
    }
    let fit = precisions[0]
    binnings = settings.binnings.map { side in
      let cube = rate * Double(side * side * side)
      let needed = settings.target.flatMap { fit.counts(sigma: $0) }.map { $0 / cube }
      return BinningPlan(
        binning: side, volume: settings.volume.map { $0 * Double(side * side * side) },
        sigma: settings.seconds.map { fit.sigma(counts: $0 * cube) },
        detectionLimit: settings.seconds.map { limit(fit, $0 * cube) }, secondsForTarget: needed,
        secondsForDifference: secondsForDifference(fit, cube),
        hoursForTarget: needed.flatMap { needed in
          settings.voxels.map {
            needed * (Double($0) / Double(settings.atOnce)).rounded(.up) / 3600
          }
        },
        reachesTarget: settings.target.flatMap { target in
          settings.seconds.map { fit.sigma(counts: $0 * cube) <= target }
        })
    }
    bestSWindows = try MethodPrecision.bestWindows(
      of: calibration, x: x, hasGap: false, backgroundFraction: settings.backgroundFraction)
    bestValenceWindows = try MethodPrecision.bestWindows(
      of: calibration, x: x, hasGap: true, backgroundFraction: settings.backgroundFraction)
    standardsFactor = settings.target.flatMap { Self.standardsFactor(fit, target: $0) }
    stability = try InstrumentStability(calibration, x: x, target: settings.target)
  }

  private static func rate(
    _ calibration: Calibration, settings: PlanSettings, x: Double
  ) throws(VoxelithError) -> Double {
    let basis = calibration.methods.profile
    var rate = settings.rate
    if rate == nil, basis.normalization == .liveTime {
      rate = basis.fitRange.reduce(0.0) { $0 + basis.constant[$1] + x * basis.slope[$1] }
    }
    guard let rate, rate > 0 else {
      throw VoxelithError(
        .data, "the calibration gives no count rate, since its standards have no live times",
        advice: "give the net counts per second of a voxel")
    }
    guard let volume = settings.volume else { return rate }
    guard let own = settings.rateVolume else {
      throw VoxelithError(
        .usage, "a voxel size needs the voxel size that the count rate belongs to",
        advice: "the count rate scales with the volume between the two")
    }
    return rate * volume / own
  }

  private static func standardsFactor(_ fit: MethodPrecision, target: Double) -> Double? {
    let room = 0.25 * target * target - fit.standardsXSigma * fit.standardsXSigma
    guard room > 0 else { return nil }
    return max(1, fit.standardsCountsSigma * fit.standardsCountsSigma / room)
  }
}
