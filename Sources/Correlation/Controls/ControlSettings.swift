public import Volumetry

/// What the partial coefficients are free of.
public struct ControlSettings: Sendable, Codable, Hashable {
  /// What is removed of the depth.
  public enum Depth: String, Sendable, Codable, Hashable, CaseIterable {
    /// The mean of every layer, so that no course through the depth is left.
    case layers
    /// A natural spline.
    case spline
    case line
    case none
  }

  /// What is removed of the place across the depth.
  public enum Lateral: String, Sendable, Codable, Hashable, CaseIterable {
    /// A polynomial of both coordinates, of as high a degree as the voxels bear (three to eight), and a spline of the distance from
    /// the middle.
    case smooth
    case plane
    case none
  }

  public var depth: Depth
  /// Degrees of freedom of the spline of the depth.
  public var depthSplineDegrees: Int
  public var lateral: Lateral
  /// Quantities of the table, each as a natural spline.
  public var fields: [String]
  /// Degrees of freedom of the spline of every such quantity.
  public var fieldSplineDegrees: Int

  enum CodingKeys: String, CodingKey {
    case depth, lateral, fields
    case depthSplineDegrees = "depth_spline_degrees"
    case fieldSplineDegrees = "field_spline_degrees"
  }

  public init(
    depth: Depth = .layers, lateral: Lateral = .smooth, fields: [String] = [], depthSplineDegrees: Int = 4,
    fieldSplineDegrees: Int = 3
  ) {
    self.depth = depth
    self.lateral = lateral
    self.fields = fields
    self.depthSplineDegrees = depthSplineDegrees
    self.fieldSplineDegrees = fieldSplineDegrees
  }

  /// - Throws: `usage` for degrees below 1 or above 20.
  public func validate() throws(VoxelithError) {
    for degrees in [depthSplineDegrees, fieldSplineDegrees] where !(1...20).contains(degrees) {
      throw VoxelithError(
        .usage, "a spline of \(degrees) degrees of freedom", advice: "choose from 1 to 20")
    }
  }
}
