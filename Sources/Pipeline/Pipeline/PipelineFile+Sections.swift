extension PipelineFile {
  /// Which label is which phase.
  public struct Phases: Codable, Sendable {
    /// Label of the active material; 1 where not given.
    public var active: Int?
    /// Label of the pores; 0 where not given.
    public var pore: Int?
    /// Labels of the components by their names in `standards.yaml`.
    public var components: [String: Int]?

    public init(active: Int, pore: Int, components: [String: Int]) {
      self.active = active
      self.pore = pore
      self.components = components
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case active, pore, components }
  }

  /// Grey values to labels; done where an XCT but no labels are given.
  public struct SegmentSection: Codable, Sendable {
    public var classes: Int?
    public var thresholds: [Double]?
    /// none, median or nlm.
    public var denoise: String?
    public var minimumIsland: Int?
    /// Standard deviation of every threshold as a share of the contrast between the phases that it parts.
    public var thresholdSigma: Double?

    public init(classes: Int? = nil) { self.classes = classes }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case classes, thresholds, denoise
      case minimumIsland = "minimum_island_voxels"
      case thresholdSigma = "threshold_sigma"
    }
  }

  public struct OrientSection: Codable, Sendable {
    public var sigma: Double?
    public var rho: Double?
    /// Fine voxels from one direction to the next; a quarter of a coarse voxel where not given.
    public var stride: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case stride
      case sigma = "sigma_um"
      case rho = "rho_um"
    }
  }

  public struct PoreSection: Codable, Sendable {
    /// Local thickness and two-point correlation hold the volume in memory.
    public var thickness: Bool?
    public var correlation: Bool?

    public init(correlation: Bool? = nil) { self.correlation = correlation }

    enum CodingKeys: String, CodingKey, CaseIterable { case thickness, correlation }
  }

  public struct TransportSection: Codable, Sendable {
    /// Axes as letters: xyz.
    public var axes: String?
    /// Label that conducts; the pores where not given.
    public var phase: Int?
    public var tolerance: Double?

    public init(axes: String? = nil) { self.axes = axes }

    enum CodingKeys: String, CodingKey, CaseIterable { case axes, phase, tolerance }
  }

  /// Alignment of the XCT with the XCS intensity.
  public struct RegisterSection: Codable, Sendable {
    /// 6 rigid, 7 similarity, 12 affine.
    public var dof: Int?
    /// model, nmi or ncc.
    public var metric: String?
    /// Full width at half maximum of the XCS point spread.
    public var pointSpread: LengthsZYX?
    /// First guess: a file.
    public var start: String?
    /// A transform from elsewhere: nothing is aligned then.
    public var transform: String?
    public var maximumAngle: Double?
    public var fullTurn: Bool?
    public var maximumError: Double?

    public init(pointSpread: LengthsZYX? = nil) { self.pointSpread = pointSpread }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case dof, metric, start, transform
      case pointSpread = "psf_fwhm_um"
      case maximumAngle = "maximum_angle_deg"
      case fullTurn = "full_turn"
      case maximumError = "maximum_error_voxels"
    }
  }

  public struct FractionSection: Codable, Sendable {
    /// Standard deviation of the fractions beyond what alignment and thresholds explain.
    public var sigma: Double?
    /// Part of a coarse voxel (and its point spread) that the XCT must see.
    public var minimumCoverage: Double?
    /// Whether what the fractions leave of a voxel is empty space; so where the pores are no component.
    public var restIsEmpty: Bool?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case sigma
      case minimumCoverage = "minimum_coverage"
      case restIsEmpty = "rest_is_empty"
    }
  }

  public struct MapSection: Codable, Sendable {
    public var method: String?
    public var minimumCounts: Double?
    public var rangeSigmas: Double?
    public var fitWindow: [Double]?
    /// What the fit takes of the components: known, tied or free.
    public var components: String?
    /// Absorbing materials: a file as `voxelith map --absorption` takes it; the transform is that of the alignment.
    public var absorption: String?
    /// Voxels are merged until a bin has this sigma(x), or these counts.
    public var binToSigma: Double?
    public var binToCounts: Double?
    public var largestBin: Int?
    /// Spatial prior: auto, or the sigma(x) to reach.
    public var denoise: String?
    /// Volume on the grid of the spectra that shows the edges; the fractions where not given.
    public var guide: String?
    public var guideScale: [Double]?

    public init(absorption: String? = nil) { self.absorption = absorption }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case method, components, absorption, denoise, guide
      case binToSigma = "bin_to_sigma"
      case binToCounts = "bin_to_counts"
      case largestBin = "bin_limit_voxels"
      case guideScale = "guide_scale"
      case minimumCounts = "minimum_counts"
      case rangeSigmas = "range_sigmas"
      case fitWindow = "fit_window_au"
    }
  }

  public struct CorrelateSection: Codable, Sendable {
    /// Pairs of quantities, as [lithium, porosity]; lithium with every other one where not given.
    public var pairs: [[String]]?
    public var controls: [String]?
    public var depthAxis: String?
    public var confidence: Double?
    public var replicates: Int?
    public var seed: UInt64?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case pairs, controls, confidence, replicates, seed
      case depthAxis = "depth_axis"
    }
  }

  public struct FigureSection: Codable, Sendable {
    public var colorMap: String?
    public var axis: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case colorMap = "color_map"
      case axis
    }
  }

  public struct ReportSection: Codable, Sendable {
    public var title: String?

    enum CodingKeys: String, CodingKey, CaseIterable { case title }
  }
}
