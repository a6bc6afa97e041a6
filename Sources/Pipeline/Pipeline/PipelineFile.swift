import Foundation
import Readers
import Results
public import Volumetry
import Yams

/// `pipeline.yaml`: what `voxelith run` does with which files. Only `inputs.xcs` and `inputs.standards` are needed;
/// every section has defaults.
public struct PipelineFile: Codable, Sendable {
  public var inputs: Inputs
  /// Labels of the phases.
  public var phases: Phases?
  /// Stages to leave out.
  public var skip: [String]?
  public var segment: SegmentSection?
  public var orient: OrientSection?
  /// Pore metrics and local thickness; only where the section is there.
  public var pores: PoreSection?
  /// Diffusion; only where the section is there.
  public var transport: TransportSection?
  public var register: RegisterSection?
  public var fractions: FractionSection?
  public var map: MapSection?
  public var correlate: CorrelateSection?
  public var figures: FigureSection?
  public var report: ReportSection?

  public init(inputs: Inputs) { self.inputs = inputs }

  /// Files, relative to the folder of the YAML file, and what they do not tell.
  public struct Inputs: Codable, Sendable {
    public var xcs: String
    public var standards: String
    public var xct: String?
    public var labels: String?
    /// Volume fractions made elsewhere, on the grid of the spectra.
    public var fractions: String?
    /// True lithium, fractions and transform of a twin: the report then compares with them.
    public var truth: String?
    public var truthFractions: String?
    public var truthTransform: String?
    public var xcsDataset: String?
    public var xctDataset: String?
    public var xcsVoxelSize: LengthsZYX?
    public var xctVoxelSize: LengthsZYX?
    public var liveTime: Double?
    public var incidentEnergy: Double?
    public var scatteringAngle: Double?

    public init(xcs: String, standards: String) {
      self.xcs = xcs
      self.standards = standards
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case xcs, standards, xct, labels, fractions, truth
      case truthFractions = "truth_fractions"
      case truthTransform = "truth_transform"
      case xcsDataset = "xcs_dataset"
      case xctDataset = "xct_dataset"
      case xcsVoxelSize = "xcs_voxel_size_um"
      case xctVoxelSize = "xct_voxel_size_um"
      case liveTime = "live_time_s"
      case incidentEnergy = "incident_energy_keV"
      case scatteringAngle = "scattering_angle_deg"
    }
  }

  static let keys = KeyTree(
    ["skip"],
    deeper: [
      "inputs": .of(Inputs.CodingKeys.self), "phases": .of(Phases.CodingKeys.self),
      "segment": .of(SegmentSection.CodingKeys.self), "orient": .of(OrientSection.CodingKeys.self),
      "pores": .of(PoreSection.CodingKeys.self), "transport": .of(TransportSection.CodingKeys.self),
      "register": .of(RegisterSection.CodingKeys.self), "fractions": .of(FractionSection.CodingKeys.self),
      "map": .of(MapSection.CodingKeys.self), "correlate": .of(CorrelateSection.CodingKeys.self),
      "figures": .of(FigureSection.CodingKeys.self), "report": .of(ReportSection.CodingKeys.self),
    ])

  /// Reads a pipeline.
  ///
  /// - Throws: `missing` and `data`, see the messages.
  public static func read(_ path: String) throws(VoxelithError) -> PipelineFile {
    try YAMLFile.decode(PipelineFile.self, from: path, allowed: keys)
  }

  func write(to path: String, overwrite: Bool) throws(VoxelithError) {
    do {
      try OutputFile.write(try YAMLEncoder().encode(self), to: path, overwrite: overwrite)
    } catch let error as VoxelithError {
      throw error
    } catch {
      throw VoxelithError(.internal, "the pipeline cannot be written as YAML", cause: "\(error)")
    }
  }
}

extension KeyTree {
  /// The keys of a section, any value below them.
  static func of<Keys: CodingKey & CaseIterable>(_ keys: Keys.Type) -> KeyTree {
    KeyTree(keys.allCases.map(\.stringValue), deeper: [:])
  }
}

/// One length for all axes, or three in the order z, y, x; in um.
public struct LengthsZYX: Codable, Sendable, Hashable {
  /// x, y, z.
  public var vector: SIMD3<Double>

  /// - Parameter vector: x, y, z.
  public init(_ vector: SIMD3<Double>) { self.vector = vector }

  public init(from decoder: any Decoder) throws {
    if let one = try? decoder.singleValueContainer().decode(Double.self) {
      vector = SIMD3(repeating: one)
      return
    }
    let list = try decoder.singleValueContainer().decode([Double].self)
    guard list.count == 3 else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "needs one number or z, y, x")
      )
    }
    vector = SIMD3(list[2], list[1], list[0])
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode([vector.z, vector.y, vector.x])
  }
}
