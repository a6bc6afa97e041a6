/// How two volumes are aligned.
public struct RegistrationOptions: Sendable {
  public var model: TransformModel
  public var metric: RegistrationMetric
  /// Blur of the fixed volume beyond its voxels.
  public var spread: PointSpread
  /// A first guess; nil searches for one.
  public var start: SpatialTransform?
  /// Largest angle in degrees that the search tries about each axis.
  public var maximumAngle: Double
  /// Whether the search goes all the way round the z axis (the beam).
  public var searchesFullTurn: Bool
  /// Least part of the smaller of the two volumes that must lie within the other.
  public var minimumOverlap: Double
  /// Largest expected error, in fixed voxels, that is accepted as a result.
  public var maximumExpectedError: Double
  /// Expected error in fixed voxels above which the result carries a warning.
  public var wantedError: Double
  /// Fixed voxels that mutual information and cross-correlation use at the finest level; more are thinned
  /// to every second, third, ... one. The model uses all.
  public var maximumSamples: Int

  public init(
    model: TransformModel = .rigid, metric: RegistrationMetric = .auto, spread: PointSpread = .none,
    start: SpatialTransform? = nil, maximumAngle: Double = 20, searchesFullTurn: Bool = false,
    minimumOverlap: Double = 0.25, maximumExpectedError: Double = 0.5, wantedError: Double = 0.1,
    maximumSamples: Int = 150_000
  ) {
    self.model = model
    self.metric = metric
    self.spread = spread
    self.start = start
    self.maximumAngle = maximumAngle
    self.searchesFullTurn = searchesFullTurn
    self.minimumOverlap = minimumOverlap
    self.maximumExpectedError = maximumExpectedError
    self.wantedError = wantedError
    self.maximumSamples = maximumSamples
  }
}
