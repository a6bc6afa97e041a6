public import Compton
public import Volumetry

/// A layer in YAML: `{name: casing, material: steel, thickness_um: 500, side: in}`.
public struct LayerEntry: Codable, Sendable, Hashable {
  public var name: String?
  /// A name that `NamedMaterial` knows, or a formula.
  public var material: String
  public var density: Double?
  public var thickness: Double
  /// `in`, `out` or `both`; both if left out.
  public var side: AbsorbingLayer.Side?
  public var x: Double?

  enum CodingKeys: String, CodingKey {
    case name, material, side, x
    case density = "density_g_cm3"
    case thickness = "thickness_um"
  }

  static let keys: KeyTree = ["name", "material", "density_g_cm3", "thickness_um", "side", "x"]

  /// - Throws: `data` for an unknown material, or numbers that are not positive.
  public func layer() throws(VoxelithError) -> AbsorbingLayer {
    let title = name ?? material
    let known = try NamedMaterial.resolve(material, density: density, of: title)
    return try AbsorbingLayer(
      name: title, material: known.formula, density: known.density, thickness: thickness * 1e-4,
      side: side ?? .both, x: x ?? 0.5)
  }
}
