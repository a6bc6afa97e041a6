public import Volumetry

/// One length for all axes, or three in the order z, y, x; in um. Encoded as three.
public struct LengthsZYX: Codable, Sendable, Hashable {
  /// x, y, z.
  public var vector: SIMD3<Double>

  /// - Parameter vector: x, y, z.
  public init(_ vector: SIMD3<Double>) { self.vector = vector }

  public init(from decoder: any Decoder) throws {
    let list = try ZYX<Double>(from: decoder)
    vector = SIMD3(list.x, list.y, list.z)
  }

  public func encode(to encoder: any Encoder) throws {
    try ZYX(z: vector.z, y: vector.y, x: vector.x).encode(to: encoder)
  }
}

/// One number of voxels for all axes, or three in the order z, y, x. Encoded as three.
public struct CountsZYX: Codable, Sendable, Hashable {
  public var shape: Shape

  public init(_ shape: Shape) { self.shape = shape }

  public init(_ each: Int) { shape = Shape(z: each, y: each, x: each) }

  public init(from decoder: any Decoder) throws {
    let list = try ZYX<Int>(from: decoder)
    shape = Shape(z: list.z, y: list.y, x: list.x)
  }

  public func encode(to encoder: any Encoder) throws {
    try ZYX(z: shape.z, y: shape.y, x: shape.x).encode(to: encoder)
  }
}

/// One value for all axes, or three.
private struct ZYX<Element: Codable>: Codable {
  let z: Element
  let y: Element
  let x: Element

  init(z: Element, y: Element, x: Element) {
    self.z = z
    self.y = y
    self.x = x
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let one = try? container.decode(Element.self) {
      self.init(z: one, y: one, x: one)
      return
    }
    let list = try container.decode([Element].self)
    guard list.count == 3 else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "needs one number or z, y, x")
      )
    }
    self.init(z: list[0], y: list[1], x: list[2])
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    for value in [z, y, x] { try container.encode(value) }
  }
}
