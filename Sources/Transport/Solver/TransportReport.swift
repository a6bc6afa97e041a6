public import Volumetry

/// What `voxelith transport` writes: the results by axis, the tensor, and what they were computed from.
public struct TransportReport: Sendable, Encodable {
  public let file: String
  /// Voxels z, y, x.
  public let shape: [Int]
  /// Voxel size z, y, x in um; nil where nobody told it, so that voxels were taken for cubes.
  public let voxelSize: [Double]?
  /// Relative diffusivity by label.
  public let conductivity: [String: Double]
  public let tolerance: Double
  /// Voxels without a label (NaN), which insulate; nil where there are none.
  public var missingVoxels: Int?
  /// Results by axis name.
  public private(set) var axes: [String: AxisTransport] = [:]
  public var tensor: TransportTensor?
  /// How the sides are closed that the flux does not pass.
  public var sides = TransportSides.insulated
  /// Electrode tortuosity by axis name, where it was asked for.
  public private(set) var electrode: [String: ElectrodeTransport]?

  enum CodingKeys: String, CodingKey {
    case file
    case shape
    case voxelSize = "voxel_size_um"
    case conductivity
    case tolerance
    case missingVoxels = "missing_voxels"
    case axes
    case tensor
    case sides
    case electrode
  }

  public init(file: String, grid: Grid, conductivity: [UInt32: Double], tolerance: Double) {
    self.file = file
    shape = [grid.shape.z, grid.shape.y, grid.shape.x]
    voxelSize = grid.hasKnownSpacing ? [grid.spacing.z, grid.spacing.y, grid.spacing.x] : nil
    self.conductivity = Dictionary(
      uniqueKeysWithValues: conductivity.map { ("\($0.key)", $0.value) })
    self.tolerance = tolerance
  }

  public mutating func add(_ result: ElectrodeTransport) {
    electrode = (electrode ?? [:]).merging([result.axis.rawValue: result]) { $1 }
  }

  /// Relative effective diffusivity along an axis that was solved for.
  public func relativeDiffusivity(along axis: String) -> Double? { axes[axis]?.effectiveDiffusivity }

  public mutating func add(_ result: AxisTransport) { axes[result.axis.rawValue] = result }
}
