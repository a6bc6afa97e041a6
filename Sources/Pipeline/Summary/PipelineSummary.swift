public import Correlation
import Foundation
import Readers
import Registration
public import Results
import Volumetry

/// `summary.json`: the numbers that a pipeline is run for.
public struct PipelineSummary: Codable, Sendable {
  /// A map, and how it compares with the truth on the voxels that both maps know.
  public struct Lithium: Codable, Sendable {
    public var mapped: Int
    public var meanX: Double?
    /// Standard error of the mean, shared errors included.
    public var meanXSigma: Double?
    /// Mean standard error of a voxel.
    public var meanSigma: Double?
    public var truth: TruthComparison?
    /// Where the map was binned or denoised: how many values of their own it holds, and its median resolution.
    public var independentValues: Double?
    public var resolution: Double?

    enum CodingKeys: String, CodingKey {
      case mapped, truth
      case independentValues = "independent_values"
      case resolution = "median_resolution_um"
      case meanX = "mean_x"
      case meanXSigma = "mean_x_sigma"
      case meanSigma = "mean_sigma_x"
    }
  }

  public struct Alignment: Codable, Sendable {
    public var expectedErrorUm: Double?
    public var correlation: Double?
    public var overlapFraction: Double?
    public var warnings: [String]
    public var truth: TransformTruth?

    enum CodingKeys: String, CodingKey {
      case correlation, warnings, truth
      case expectedErrorUm = "expected_error_um"
      case overlapFraction = "overlap_fraction"
    }
  }

  public struct Relation: Codable, Sendable {
    public var x: String
    public var y: String
    public var pearson: Estimate
    public var pValue: Double
    public var effectiveVoxels: Double
    /// Voxels with both values.
    public var voxels: Int?

    /// As ``CorrelationTest/independentVoxels``.
    var independentVoxels: Int {
      effectiveVoxels.isFinite ? min(voxels ?? .max, Int(effectiveVoxels.rounded())) : 0
    }

    enum CodingKeys: String, CodingKey {
      case x, y, pearson, voxels
      case pValue = "p_value"
      case effectiveVoxels = "effective_voxels"
    }
  }

  public var stages: [String]
  public var alignment: Alignment?
  public var fractions: FractionReport?
  public var withoutFractions: Lithium?
  public var lithium: Lithium
  public var relations: [Relation]

  enum CodingKeys: String, CodingKey {
    case stages, alignment, fractions, relations
    case withoutFractions = "lithium_without_fractions"
    case lithium
  }

  /// Reads the results of the stages.
  init(_ folder: String, stages: [String], truth: String?) throws(VoxelithError) {
    self.stages = stages
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder + "/" + name) }
    if has("register/transform.json"),
      let data = FileManager.default.contents(atPath: folder + "/register/transform.json")
    {
      let document = try TransformDocument(json: data, file: folder + "/register/transform.json")
      alignment = Alignment(
        expectedErrorUm: document.expectedErrorUm, correlation: document.quality?.correlation,
        overlapFraction: document.quality?.overlapFraction, warnings: document.warnings ?? [],
        truth: has("register/truth.json")
          ? try ResultFile.read(TransformTruth.self, folder + "/register/truth.json") : nil)
    }
    if has("fractions/fractions.json") {
      fractions = try ResultFile.read(FractionReport.self, folder + "/fractions/fractions.json")
    }
    let hasPlain = has("map-plain/li.tif")
    lithium = try Self.lithium(folder, "map", with: hasPlain ? "map-plain" : nil, truth)
    if hasPlain { withoutFractions = try Self.lithium(folder, "map-plain", with: "map", truth) }
    relations = []
    if has("correlate/correlation.json") {
      let report = try ResultFile.read(CorrelationReport.self, folder + "/correlate/correlation.json")
      relations = report.relations.compactMap { relation in
        relation.pearson.map {
          Relation(
            x: relation.x, y: relation.y, pearson: $0.coefficient, pValue: $0.pValue,
            effectiveVoxels: $0.effectiveVoxels, voxels: $0.voxels)
        }
      }
    }
  }

  private static func lithium(
    _ folder: String, _ stage: String, with other: String?, _ truth: String?
  ) throws(VoxelithError) -> Lithium {
    let report = try ResultFile.read(MapReport.self, folder + "/\(stage)/map.json")
    var comparison: TruthComparison?
    if let truth {
      func open(_ name: String) throws(VoxelithError) -> any VolumeSource {
        try VolumeFile.open(folder + "/" + name)
      }
      comparison = try TruthComparison(
        map: try open(stage + "/li.tif"), sigma: try open(stage + "/li_sigma.tif"),
        truth: try VolumeFile.open(truth),
        within: try other.map { (name) throws(VoxelithError) in [try open(name + "/li.tif")] } ?? [])
    }
    return Lithium(
      mapped: report.mapped, meanX: report.meanX, meanXSigma: report.meanXSigma, meanSigma: report.meanSigma,
      truth: comparison,
      independentValues: report.binning.map { Double($0.independentValues) }
        ?? report.prior?.independentValues,
      resolution: report.binning?.medianResolution ?? report.prior?.medianResolution)
  }
}
