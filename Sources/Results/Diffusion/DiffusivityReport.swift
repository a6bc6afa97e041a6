import Foundation
public import Transport
import Volumetry

/// `diffusivity.json`: what maps of several states tell of the diffusion of lithium.
public struct DiffusivityReport: Codable, Sendable {
  public var format = 1
  public var states: [State]
  public var shape: [Int]
  public var voxelSize: [Double]
  public var directions: DiffusionModel.Directions
  public var boundary: DiffusionModel.Boundary
  public var axis: String
  public var separator: SeparatorFace
  public var regions: [Zone]
  /// In µm/s.
  public var exchange: UncertainValue?
  /// x outside, for all times or for each interval.
  public var boundaryX: [UncertainValue]?
  /// Change of the mean x per hour, the same.
  public var rate: [UncertainValue]?
  public var test: DiffusionTest
  public var modes: Int
  public var initialModes: Int
  public var notices: [String]

  public struct State: Codable, Sendable {
    public var name: String
    public var seconds: Double
    /// Standard deviation of the error that all voxels of the state share, and what the fit made of it.
    public var commonSigma: Double
    public var offset: UncertainValue?
    public var profile: [Layer]
    /// What is left in the plane of the first state's pattern, measured and in the model; nil where there is none.
    public var pattern: Pattern?

    enum CodingKeys: String, CodingKey {
      case name, offset, profile, pattern
      case seconds = "time_s"
      case commonSigma = "common_sigma"
    }
  }

  public struct Layer: Codable, Sendable {
    public var depth: Double
    public var x: Double?
    public var sigma: Double?
    public var model: Double?

    enum CodingKeys: String, CodingKey {
      case x, model
      case depth = "depth_um"
      case sigma = "x_sigma"
    }
  }

  public struct Pattern: Codable, Sendable {
    public var measured: Double
    public var sigma: Double
    public var model: Double
  }

  public struct Zone: Codable, Sendable {
    public var number: Int
    public var voxels: Int
    /// By direction.
    public var diffusivity: [String: UncertainValue]
    public var planeOverDepth: UncertainValue?
    public var tensor: [[Double]]?
    public var tensorSigma: [[Double]]?
    public var prediction: PorePrediction?

    enum CodingKeys: String, CodingKey {
      case number, voxels, prediction
      case diffusivity = "diffusivity_um2_per_s"
      case planeOverDepth = "plane_over_depth"
      case tensor = "tensor_xyz_um2_per_s"
      case tensorSigma = "tensor_sigma_um2_per_s"
    }
  }

  enum CodingKeys: String, CodingKey {
    case format = "format_version"
    case states, shape, directions, boundary, axis, separator, regions, test, modes, notices
    case voxelSize = "voxel_size_um"
    case exchange = "exchange_um_per_s"
    case boundaryX = "boundary_x"
    case rate = "rate_per_h"
    case initialModes = "modes_of_first_state"
  }

  /// The highest end of all intervals; nil where nothing is determined.
  var highestDiffusivity: Double? {
    regions.flatMap { $0.diffusivity.values.compactMap { $0.interval?[1] } }.max()
  }

  /// Names of the directions in their order; the axis of the depth is the depth.
  public var order: [String] { ["all", "depth", "plane", "x", "y", "z"].filter { $0 != axis } }
}
