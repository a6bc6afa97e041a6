public import Transport
public import Volumetry

/// What `diffuse` is told.
public struct DiffuseSettings: OperationSettings {
  public var series: String?
  public var directions = DiffusionModel().directions
  public var boundary = DiffusionModel.Boundary.exchange
  public var boundaryX: [Double]?
  public var boundaryXSigma: Double?
  public var rate: [Double]?
  public var rateSigma: Double?
  public var eachInterval = false
  public var axis = Axis.z
  public var separator = SeparatorFace.lower
  public var layers: Int?
  public var regions: String?
  public var fractions: String?
  public var times: [Double]?
  public var transport: String?
  public var freeDiffusivity: Double?
  public var freeDiffusivitySigma: Double?
  public var depthModes = DiffusionDetail().depth
  public var planeModes = DiffusionDetail().plane

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case series, directions, boundary, axis, separator, layers, regions, fractions, transport
    case boundaryX = "boundary_x"
    case boundaryXSigma = "boundary_x_sigma"
    case rate = "rate_per_h"
    case rateSigma = "rate_sigma_per_h"
    case eachInterval = "each_interval"
    case times = "times_s"
    case freeDiffusivity = "free_diffusivity_um2_per_s"
    case freeDiffusivitySigma = "free_diffusivity_sigma_um2_per_s"
    case depthModes = "depth_modes"
    case planeModes = "plane_modes"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .series: "Folder that series wrote."
    case .directions:
      "Which directions are distinguished: diagonal (x, y, z; the plane is their mean), axial (one number in the plane), isotropic or tensor."
    case .boundary:
      "At the separator: exchange (at an unknown speed), concentration (fixed x), flux (a current) or closed."
    case .boundaryX: "x outside, where it is known: one number, or one for each interval between states."
    case .boundaryXSigma: "Standard error of the known x outside."
    case .rate:
      "By how much the current changes the mean x per hour, where it is known: one number, or one for each interval."
    case .rateSigma: "Standard error of the known rate per hour."
    case .eachInterval: "Fit an x outside for each interval between states instead of one for all."
    case .axis: "Axis of the depth: x, y or z."
    case .separator: "Face that the separator lies on: lower (index 0) or upper."
    case .layers: "Give each of this many equal layers of the depth a diffusivity of its own."
    case .regions: "Labels on the grid of the maps: each number above 0 has a diffusivity of its own."
    case .fractions:
      "Phase fractions on the grid of the maps, channel 0 the active material that stores lithium."
    case .times: "Times of the states in seconds, where the series has none."
    case .transport: "What transport wrote of the same pores, to compare with."
    case .freeDiffusivity: "Diffusivity in µm²/s where no pore wall hinders, to compare absolute values with."
    case .freeDiffusivitySigma: "Its standard error in µm²/s."
    case .depthModes: "Polynomials along the depth that x is made of."
    case .planeModes: "Patterns along each axis in the plane that x is made of."
    }
  }

  public func validate() throws(VoxelithError) {
    func refuse(_ key: CodingKeys, _ isGiven: Bool, _ why: String) throws(VoxelithError) {
      if isGiven { throw VoxelithError(.usage, "\(key.stringValue): \(why)") }
    }
    let hasOutside = boundary == .exchange || boundary == .concentration
    try refuse(
      .boundaryX, boundaryX != nil && !hasOutside, "is for the boundaries exchange and concentration")
    try refuse(.boundaryXSigma, boundaryXSigma != nil && boundaryX == nil, "needs boundary_x")
    try refuse(.rate, rate != nil && boundary != .flux, "is for the boundary flux")
    try refuse(.rateSigma, rateSigma != nil && rate == nil, "needs rate_per_h")
    try refuse(
      .eachInterval, eachInterval && (!hasOutside || boundaryX != nil),
      "is for an unknown x outside; a flux differs from interval to interval anyway")
    try refuse(.layers, layers != nil && regions != nil, "layers and regions exclude each other")
    try refuse(
      .freeDiffusivitySigma, freeDiffusivitySigma != nil && freeDiffusivity == nil,
      "needs free_diffusivity_um2_per_s")
    if let layers, layers < 1 || layers > 20 {
      throw VoxelithError(.usage, "layers: \(layers) is not within 1 to 20")
    }
    for list in [boundaryX, rate, times] where list?.isEmpty == true || list?.allSatisfy(\.isFinite) == false
    {
      throw VoxelithError(.usage, "boundary_x, rate_per_h and times_s need finite numbers")
    }
    for x in boundaryX ?? [] { try NumberRange.lithium.check(x, as: "boundary_x", code: .usage) }
    for (key, value) in [
      (CodingKeys.boundaryXSigma, boundaryXSigma), (.rateSigma, rateSigma),
      (.freeDiffusivitySigma, freeDiffusivitySigma),
    ] {
      try SettingsCheck.range(key, value, 0...1e9)
    }
    try SettingsCheck.positive(CodingKeys.freeDiffusivity, freeDiffusivity)
    guard 4...24 ~= depthModes, 1...16 ~= planeModes else {
      throw VoxelithError(.usage, "depth_modes lie within 4 to 24, plane_modes within 1 to 16")
    }
  }

  /// - Throws: `usage` where absolute values are to be compared with those of no pores.
  public func checkTransport() throws(VoxelithError) {
    guard freeDiffusivity == nil || transport != nil else {
      throw VoxelithError(.usage, "free_diffusivity_um2_per_s: needs transport")
    }
  }

  /// Files that are read besides the series.
  public var files: [String] { [regions, fractions, transport].compactMap { $0 } }

  /// What the fit assumes.
  var model: DiffusionModel {
    var model = DiffusionModel()
    model.directions = directions
    model.boundary = boundary
    model.boundaryX = boundaryX ?? []
    model.boundaryXSigma = boundaryXSigma ?? 0
    model.rates = (rate ?? []).map { $0 / 3600 }
    model.rateSigma = (rateSigma ?? 0) / 3600
    model.changesEachInterval = eachInterval
    model.depth = axis
    model.face = separator
    model.detail.depth = depthModes
    model.detail.initialDepth = min(model.detail.initialDepth, depthModes)
    model.detail.plane = planeModes
    return model
  }
}
