/// A point of a drawing: points (1/72 inch) from the left and from the top.
public struct Point: Sendable, Hashable {
  public var x: Double
  public var y: Double

  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// Width and height in points (1/72 inch).
public struct Size: Sendable, Hashable {
  public var width: Double
  public var height: Double

  public init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }
}

/// A box of a drawing in points, y downwards.
public struct Rectangle: Sendable, Hashable {
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  public init(_ size: Size) {
    self.init(x: 0, y: 0, width: size.width, height: size.height)
  }

  public var left: Double { x }
  public var right: Double { x + width }
  public var top: Double { y }
  public var bottom: Double { y + height }
  public var center: Point { Point(x + width / 2, y + height / 2) }
  public var size: Size { Size(width: width, height: height) }

  /// The box made smaller on each side.
  public func inset(
    left: Double = 0, top: Double = 0, right: Double = 0, bottom: Double = 0
  ) -> Rectangle {
    Rectangle(x: x + left, y: y + top, width: width - left - right, height: height - top - bottom)
  }

  public func inset(by margin: Double) -> Rectangle {
    inset(left: margin, top: margin, right: margin, bottom: margin)
  }

  /// Whether two boxes share area.
  public func overlaps(_ other: Rectangle) -> Bool {
    x < other.right && other.x < right && y < other.bottom && other.y < bottom
  }

  public func contains(_ other: Rectangle, tolerance: Double = 1e-9) -> Bool {
    other.x >= x - tolerance && other.y >= y - tolerance && other.right <= right + tolerance
      && other.bottom <= bottom + tolerance
  }
}

/// A length on paper.
public struct Length: Sendable, Hashable {
  /// 1/72 inch.
  public var points: Double

  public static func points(_ value: Double) -> Length { Length(points: value) }
  public static func millimetres(_ value: Double) -> Length { Length(points: value * 72 / 25.4) }

  public var millimetres: Double { points * 25.4 / 72 }
}
