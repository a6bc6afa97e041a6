import Foundation
import Readers
public import Volumetry
import Yams

/// `pipeline.yaml`: what `voxelith run` does with which files.
public struct PipelineFile: Codable, Sendable {
  public var inputs: Inputs
  public var map: MapSection?
  public var figures: FigureSection?

  /// Files, relative to the folder of the YAML file.
  public struct Inputs: Codable, Sendable {
    public var xcs: String
    public var standards: String
    public var xct: String?
    public var labels: String?
    /// True lithium of a twin: the report then compares with it.
    public var truth: String?
    /// z, y, x; for files that do not tell.
    public var xcsVoxelSize: [Double]?
    public var xctVoxelSize: [Double]?
    public var liveTime: Double?

    enum CodingKeys: String, CodingKey {
      case xcs, standards, xct, labels, truth
      case xcsVoxelSize = "xcs_voxel_size_um"
      case xctVoxelSize = "xct_voxel_size_um"
      case liveTime = "live_time_s"
    }
  }

  public struct MapSection: Codable, Sendable {
    public var method: String?
    public var minimumCounts: Double?
    public var rangeSigmas: Double?
    public var fitWindow: [Double]?

    enum CodingKeys: String, CodingKey {
      case method
      case minimumCounts = "minimum_counts"
      case rangeSigmas = "range_sigmas"
      case fitWindow = "fit_window_au"
    }
  }

  public struct FigureSection: Codable, Sendable {
    public var colorMap: String?
    public var axis: String?

    enum CodingKeys: String, CodingKey {
      case colorMap = "color_map"
      case axis
    }
  }

  static let keys = KeyTree(
    [],
    deeper: [
      "inputs": [
        "xcs", "standards", "xct", "labels", "truth", "xcs_voxel_size_um", "xct_voxel_size_um", "live_time_s",
      ],
      "map": ["method", "minimum_counts", "range_sigmas", "fit_window_au"],
      "figures": ["color_map", "axis"],
    ])

  /// Reads a pipeline.
  ///
  /// - Throws: `missing` and `data`, see the messages.
  public static func read(_ path: String) throws(VoxelithError) -> PipelineFile {
    try YAMLFile.decode(PipelineFile.self, from: path, allowed: keys)
  }

  /// The pipeline of a twin.
  static func twin(isMixture: Bool) -> PipelineFile {
    PipelineFile(
      inputs: Inputs(
        xcs: "xcs.nxs", standards: "standards.yaml", xct: "xct.tif", labels: "labels.tif",
        truth: "truth/li.tif", xcsVoxelSize: nil, xctVoxelSize: nil, liveTime: nil),
      map: MapSection(method: "profile", minimumCounts: nil, rangeSigmas: nil, fitWindow: nil),
      figures: nil)
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
