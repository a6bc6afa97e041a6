public import Correlation
import Foundation
import Readers
import Results
import Volumetry

/// What the pipeline said of one twin, beside its truth.
public struct TwinOutcome: Codable, Sendable {
  public struct RelationOutcome: Codable, Sendable {
    public let x: String
    /// Without what errors do to it where they are known, else as it is.
    public let coefficient: Estimate
    public let slope: Estimate?
    public let pValue: Double
    public let partialPValue: Double?

    enum CodingKeys: String, CodingKey {
      case x, coefficient, slope
      case pValue = "p_value"
      case partialPValue = "partial_p_value"
    }
  }

  public let seed: UInt64
  public let meanX: Double
  public let meanXSigma: Double
  /// Mean of the true x over the mapped voxels.
  public let trueMeanX: Double
  /// Share of voxels whose truth lies within 1.96 sigma.
  public let voxelCoverage: Double
  public let relations: [RelationOutcome]
  /// By phase: error of the mean fraction, spread of the errors, and what was said of both.
  public let fractions: [String: FractionOutcome]

  public struct FractionOutcome: Codable, Sendable {
    public let bias: Double
    public let spread: Double
    public let own: Double
    public let total: Double
  }

  enum CodingKeys: String, CodingKey {
    case seed, relations, fractions
    case meanX = "mean_x"
    case meanXSigma = "mean_x_sigma"
    case trueMeanX = "true_mean_x"
    case voxelCoverage = "voxel_coverage_95"
  }

  init(seed: UInt64, twin: String, results: String) throws(VoxelithError) {
    self.seed = seed
    let map = try ResultFile.read(MapReport.self, results + "/map/map.json")
    let li = try VolumeFile.open(results + "/map/li.tif")
    let truth = try VolumeFile.open(twin + "/truth/li.tif")
    let whole = Region(whole: li.grid.shape)
    let found = try li.readFloats(whole)
    let real = try truth.readFloats(whole)
    var mean = Moments()
    for voxel in found.indices where found[voxel].isFinite && real[voxel].isFinite {
      mean.add(Double(real[voxel]))
    }
    meanX = map.meanX ?? .nan
    meanXSigma = map.meanXSigma ?? .nan
    trueMeanX = mean.mean
    voxelCoverage = try ResultFile.read(TruthComparison.self, results + "/map/truth.json").coverage95
    let report = try ResultFile.read(CorrelationReport.self, results + "/correlate/correlation.json")
    relations = report.relations.compactMap { relation in
      guard let pearson = relation.pearson, relation.y == "lithium" else { return nil }
      return RelationOutcome(
        x: relation.x,
        coefficient: relation.errorsInVariables?.correctedCorrelation ?? pearson.coefficient,
        slope: relation.errorsInVariables?.slope ?? relation.line?.slope, pValue: pearson.pValue,
        partialPValue: relation.partial?.pValue)
    }
    let fractions = try ResultFile.read(FractionReport.self, results + "/fractions/fractions.json")
    var byPhase: [String: FractionOutcome] = [:]
    for phase in fractions.phases {
      guard let truth = fractions.truth?[phase.name] else { continue }
      byPhase[phase.name] = FractionOutcome(
        bias: truth.bias, spread: truth.spread, own: phase.sigma.own, total: phase.sigma.total)
    }
    self.fractions = byPhase
  }
}
