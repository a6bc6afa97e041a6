public import Registration
public import Volumetry

/// What `register` is told.
public struct RegisterSettings: OperationSettings {
  public var dof = 6
  public var metric = RegistrationMetric.auto
  public var pointSpread: LengthsZYX?
  public var start: String?
  public var maximumAngle = 20.0
  public var fullTurn = false
  public var minimumOverlap = 0.25
  public var maximumError = 0.5

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case dof, metric, start
    case pointSpread = "psf_fwhm_um"
    case maximumAngle = "maximum_angle_deg"
    case fullTurn = "full_turn"
    case minimumOverlap = "minimum_overlap"
    case maximumError = "maximum_error_voxels"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .dof: "Degrees of freedom: 6 rigid, 7 similarity, 12 affine."
    case .metric:
      """
      The measure of agreement: model (a line with a positive slope between the values), nmi (any relation), ncc (a line), or \
      auto, which looks at the grey values and takes model or nmi.
      """
    case .pointSpread:
      "Point spread of the fixed volume as FULL WIDTH AT HALF MAXIMUM in µm, one number or z,y,x; `simulate` takes a standard deviation."
    case .start: "First guess (JSON, ITK .tfm or parameters of elastix); none searches."
    case .maximumAngle: "Largest angle of the search about each axis in degrees."
    case .minimumOverlap:
      "Least part of the smaller volume that must lie within the other, above 0 and at most 1."
    case .fullTurn: "Search all the way round the z axis."
    case .maximumError: "Largest expected error, in fixed voxels, that is accepted as a result."
    }
  }

  public func validate() throws(VoxelithError) {
    _ = try TransformModel(degreesOfFreedom: dof)
    _ = try spread()
    try SettingsCheck.range(CodingKeys.maximumAngle, maximumAngle, 0...180)
    guard minimumOverlap > 0, minimumOverlap <= 1 else {
      throw VoxelithError(.usage, "minimum_overlap: \(minimumOverlap) must lie above 0 and be at most 1")
    }
    guard start == nil || !fullTurn else {
      throw VoxelithError(.usage, "full_turn belongs to the search, which a first guess replaces")
    }
    try SettingsCheck.range(CodingKeys.maximumError, maximumError, 1e-6...1e6)
  }

  public func spread() throws(VoxelithError) -> PointSpread {
    try PointSpread(fullWidthUm: pointSpread?.vector ?? .zero)
  }

  /// Reads the first guess, where one is named.
  ///
  /// - Throws: what ``validate()`` and reading throw.
  public func options() throws(VoxelithError) -> RegistrationOptions {
    try validate()
    return RegistrationOptions(
      model: try TransformModel(degreesOfFreedom: dof), metric: metric, spread: try spread(),
      start: try start.map { (path) throws(VoxelithError) in try SpatialTransform.read(path: path) },
      maximumAngle: maximumAngle, searchesFullTurn: fullTurn, minimumOverlap: minimumOverlap,
      maximumExpectedError: maximumError)
  }

  /// Whether anything is said that only a search for the transform looks at. The point spread is looked at in any case.
  package var changesSearch: Bool {
    var other = self
    other.pointSpread = nil
    return other != RegisterSettings()
  }

  /// The same with the names of files as another function makes them.
  package func resolved(_ resolve: (String) -> String) -> RegisterSettings {
    var result = self
    result.start = start.map(resolve)
    return result
  }

  /// Files that the settings name.
  public var files: [String] { [start].compactMap { $0 } }
}
