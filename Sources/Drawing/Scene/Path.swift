import Foundation
public import Volumetry

/// Lines and curves.
public struct Path: Sendable, Hashable {
  public enum Element: Sendable, Hashable {
    case move(Point)
    case line(Point)
    case curve(Point, Point, Point)
    case close
  }

  public private(set) var elements: [Element] = []

  public init() {}

  public init(_ rectangle: Rectangle) { add(rectangle) }

  mutating func add(_ rectangle: Rectangle) {
    move(to: Point(rectangle.left, rectangle.top))
    line(to: Point(rectangle.right, rectangle.top))
    line(to: Point(rectangle.right, rectangle.bottom))
    line(to: Point(rectangle.left, rectangle.bottom))
    close()
  }

  public init(line start: Point, _ end: Point) {
    move(to: start)
    line(to: end)
  }

  public init(polyline points: [Point], closed: Bool = false) {
    guard let first = points.first else { return }
    elements.reserveCapacity(points.count + 1)
    move(to: first)
    for point in points.dropFirst() { line(to: point) }
    if closed { close() }
  }

  /// A circle of four cubic curves (error 0.03 % of the radius).
  public init(circle center: Point, radius: Double) {
    self.init(arc: center, inner: 0, outer: radius, from: 0, to: 2 * .pi)
  }

  /// A sector or ring sector between two angles, radians clockwise from the x axis on the page.
  public init(arc center: Point, inner: Double, outer: Double, from start: Double, to end: Double) {
    func at(_ radius: Double, _ angle: Double) -> Point {
      Point(center.x + radius * cos(angle), center.y + radius * sin(angle))
    }
    let isFull = abs(end - start) >= 2 * .pi - 1e-12
    move(to: at(outer, start))
    addArc(center, outer, from: start, to: end)
    if inner > 0 {
      if isFull {
        close()
        move(to: at(inner, end))
      } else {
        line(to: at(inner, end))
      }
      addArc(center, inner, from: end, to: start)
    } else if !isFull {
      line(to: center)
    }
    close()
  }

  public mutating func move(to point: Point) { elements.append(.move(point)) }
  public mutating func line(to point: Point) { elements.append(.line(point)) }
  public mutating func curve(_ first: Point, _ second: Point, to end: Point) {
    elements.append(.curve(first, second, end))
  }
  public mutating func close() { elements.append(.close) }

  public mutating func append(_ other: Path) { elements += other.elements }

  /// Adds an arc from the current point, which lies at `start` already.
  mutating func addArc(_ center: Point, _ radius: Double, from start: Double, to end: Double) {
    let pieces = max(1, Int((abs(end - start) / (.pi / 2) - 1e-9).rounded(.up)))
    let step = (end - start) / Double(pieces)
    let handle = 4.0 / 3 * tan(step / 4) * radius
    for piece in 0..<pieces {
      let a = start + Double(piece) * step
      let b = a + step
      let p = Point(center.x + radius * cos(a), center.y + radius * sin(a))
      let q = Point(center.x + radius * cos(b), center.y + radius * sin(b))
      curve(
        Point(p.x - handle * sin(a), p.y + handle * cos(a)),
        Point(q.x + handle * sin(b), q.y - handle * cos(b)), to: q)
    }
  }
}

/// How a path is drawn.
public struct Stroke: Sendable, Hashable {
  public var color: Color
  /// Points.
  public var width: Double
  /// Lengths of strokes and gaps in points; empty for a solid line.
  public var dash: [Double]
  public var roundCap: Bool

  public init(_ color: Color, width: Double, dash: [Double] = [], roundCap: Bool = false) {
    self.color = color
    self.width = width
    self.dash = dash
    self.roundCap = roundCap
  }
}
