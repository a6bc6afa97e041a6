public import Tomography
public import Volumetry

/// What `reconstruct` is told, beside how the projections are opened.
public struct ReconstructSettings: OperationSettings {
  public var quick = false
  public var center: AxisChoiceText?
  public var sense = ProjectionGeometry.Sense.right
  public var roughness: Double?
  public var errorMargin = ReconstructionOptions().errorMargin
  public var minimumShare = 0.2
  public var samples = 32
  public var seed: UInt64 = 1
  public var absorption: String?
  public var pinhole: Double?
  public var pointSpread: Double?
  public var countsPerUnit: Double?
  public var copies: VolumeCopies?

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case quick, center, sense, roughness, samples, seed, absorption, copies
    case errorMargin = "error_margin"
    case minimumShare = "minimum_share"
    case countsPerUnit = "counts_per_unit"
    case pinhole = "pinhole_mm"
    case pointSpread = "psf_fwhm_um"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .quick: "Filtered back projection without regularisation: fast, and noisier."
    case .center:
      """
      Column that the axis of rotation falls on, counted from the centre of the first one; auto finds it and its tilt from the \
      data. The middle if not given.
      """
    case .sense:
      """
      How positive angles turn the sample about +y: right (right hand; columns show x cos t + z sin t) or left (x cos t - z sin t).
      """
    case .roughness:
      "Root mean square change of x from a voxel to the next that the regularisation allows; chosen from the data if not given."
    case .errorMargin:
      "Where the regularisation is chosen: by what fraction the expected error may exceed its least value, so that less bias is left."
    case .minimumShare:
      "Density below which a voxel counts as empty, as a fraction of that of dense voxels."
    case .samples: "Noise samples from which the errors are estimated; rounded up to a multiple of 8."
    case .seed: "Seed of the samples."
    case .absorption:
      """
      Materials that absorb and where they are (YAML, as of map), in the frame of the reconstruction; beam and camera \
      stand still while the sample turns. Their absorption is then corrected.
      """
    case .pinhole:
      """
      Distance of a pinhole from the axis of rotation in mm, before the middle of the columns (cone geometry; x and y of the file are \
      lengths at the axis). Parallel rays if not given.
      """
    case .pointSpread:
      "Point spread of the detector along the columns as FULL WIDTH AT HALF MAXIMUM in µm at the axis; it is taken out of the slices."
    case .countsPerUnit: MapSettings.help(.countsPerUnit)
    case .copies: VolumeCopies.help
    }
  }

  public func validate() throws(VoxelithError) {
    try SettingsCheck.range(CodingKeys.roughness, roughness, 1e-6...10)
    try SettingsCheck.range(CodingKeys.errorMargin, errorMargin, 0...1)
    try SettingsCheck.range(CodingKeys.minimumShare, minimumShare, 0.001...0.99)
    guard (8...1024).contains(samples) else {
      throw VoxelithError(.usage, "samples: \(samples) is not within 8 to 1024")
    }
    try SettingsCheck.range(CodingKeys.pinhole, pinhole, 1e-3...1e6)
    try SettingsCheck.range(CodingKeys.pointSpread, pointSpread, 0...1e6)
    try NumberRange.countsPerUnit.check(countsPerUnit, code: .usage)
    guard absorption == nil || !quick else {
      throw VoxelithError(.usage, "absorption: filtered back projection (quick) does not correct it")
    }
    guard pointSpread ?? 0 == 0 || !quick else {
      throw VoxelithError(
        .usage, "psf_fwhm_um: filtered back projection (quick) does not take out the point spread")
    }
    guard absorption == nil || center != .auto else {
      throw VoxelithError(
        .usage, "center: absorbed projections do not tell the axis",
        advice: "give the column of the axis with --center COLUMN")
    }
    guard !quick || roughness == nil else {
      throw VoxelithError(.usage, "roughness: filtered back projection (quick) has no regularisation")
    }
  }

  /// Files that the settings name, with those that `absorption` names.
  public func files() throws(VoxelithError) -> [String] {
    try absorption.map { (path) throws(VoxelithError) in try AbsorptionFile.inputs(path) } ?? []
  }

  func options() -> ReconstructionOptions {
    var options = ReconstructionOptions()
    options.roughness = roughness
    options.errorMargin = errorMargin
    options.minimumShare = minimumShare
    options.sampleSets = (samples + 7) / 8
    options.seed = seed
    return options
  }
}

/// `auto`, or the column that the axis falls on.
public enum AxisChoiceText: Codable, Sendable, Hashable {
  case auto
  case column(Double)

  /// - Returns: nil where the text is neither.
  public init?(_ text: String) {
    if text == "auto" {
      self = .auto
    } else if let value = Double(text), value.isFinite {
      self = .column(value)
    } else {
      return nil
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number = try? container.decode(Double.self)
    let text = try number.map { "\($0)" } ?? container.decode(String.self)
    guard let choice = AxisChoiceText(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "takes auto or a column")
    }
    self = choice
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .auto: try container.encode("auto")
    case .column(let value): try container.encode(value)
    }
  }
}
