public import Volumetry

/// A perceptually uniform colour map with its published name.
///
/// Every map is also there reversed, its name ending in `_r`.
public struct ColorMap: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, Codable {
    /// From little to much: lightness rises or falls throughout.
    case sequential
    /// Two sides of a middle value.
    case diverging
    /// For angles: both ends have one colour.
    case cyclic
  }

  public let name: String
  public let kind: Kind
  /// Where the colours were published.
  public let source: String
  /// Colours at equal steps from 0 to 1.
  public let colors: [Color]

  public init(name: String, kind: Kind, source: String, colors: [Color]) {
    precondition(colors.count >= 2, "a colour map needs two colours")
    self.name = name
    self.kind = kind
    self.source = source
    self.colors = colors
  }

  /// Colour at `t` from 0 to 1, linear between the tabulated ones; `t` outside gives the nearest end.
  public func color(at t: Double) -> Color {
    guard t > 0 else { return colors[0] }
    guard t < 1 else { return colors[colors.count - 1] }
    let position = t * Double(colors.count - 1)
    let index = Int(position)
    return colors[index].mixed(with: colors[index + 1], position - Double(index))
  }

  public var reversed: ColorMap {
    ColorMap(
      name: name.hasSuffix("_r") ? String(name.dropLast(2)) : name + "_r", kind: kind, source: source,
      colors: colors.reversed())
  }

  /// `count` colours as rows of red, green, blue bytes: what a web page or another program needs.
  public func table(count: Int = 256) -> [UInt8] {
    (0..<count).flatMap { index -> [UInt8] in
      let (r, g, b, _) = color(at: Double(index) / Double(max(1, count - 1))).bytes
      return [r, g, b]
    }
  }

  /// The map of a name, in small or large letters, reversed where it ends in `_r`.
  ///
  /// - Throws: `usage` that lists the names.
  public static func named(_ name: String) throws(VoxelithError) -> ColorMap {
    let wanted = name.lowercased()
    if let map = all.first(where: { $0.name.lowercased() == wanted }) { return map }
    if wanted.hasSuffix("_r"),
      let map = all.first(where: { $0.name.lowercased() + "_r" == wanted })
    {
      return map.reversed
    }
    throw VoxelithError(
      .usage, "there is no colour map '\(name)'",
      advice: NameGuess.advice(for: name, among: all.map(\.name)) + "; each also reversed, as viridis_r")
  }
}
