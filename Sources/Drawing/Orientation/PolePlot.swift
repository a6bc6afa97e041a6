import Foundation
public import Volumetry

/// Directions without a sense on the hemisphere about an axis: a pole figure.
///
/// The hemisphere is drawn in Lambert's equal-area projection, so that equal areas hold equal solid angles, and the density
/// is in multiples of the even distribution.
public struct PolePlot: Panel {
  /// Directions that were counted.
  public let count: Int
  /// Density on a square of ``side`` x ``side`` cells around the disc, in multiples of the even one.
  public let density: [Float]
  public let side = 120
  public let axis: Axis
  public var title: RichText?
  public let colorBar: ColorBar
  private let raster: Raster

  /// - Parameters:
  ///   - directions: (x, y, z); missing and zero ones are left out.
  ///   - axis: the middle of the disc.
  public init(
    _ directions: [SIMD3<Float>], about axis: Axis = .z, map: ColorMap = .batlow.reversed,
    title: RichText? = nil
  ) throws(VoxelithError) {
    self.axis = axis
    self.title = title
    let side = self.side
    var cells = [Float](repeating: 0, count: side * side)
    var total = 0
    for direction in directions {
      guard let place = Self.place(direction, about: axis) else { continue }
      total += 1
      // Directions near the rim are near their opposites, too, which lie across the disc.
      for point in [place, SIMD2(-place.x, -place.y)] {
        if point != place, (place * place).sum() < 0.98 { continue }
        let column = Int((point.x + 1) / 2 * Double(side))
        let row = Int((1 + point.y) / 2 * Double(side))
        if (0..<side).contains(column), (0..<side).contains(row) { cells[row * side + column] += 1 }
      }
    }
    count = total
    let inside = (0..<(side * side)).map { index -> Float in
      let u = (Double(index % side) + 0.5) / Double(side) * 2 - 1
      let v = (Double(index / side) + 0.5) / Double(side) * 2 - 1
      return u * u + v * v <= 1 ? 1 : 0
    }
    let shape = Shape(z: 1, y: side, x: side)
    let spread = SIMD3(2.4, 2.4, 0)
    let smooth = SeparableFilter.gaussian(cells, shape: shape, sigma: spread, threads: 1)
    let norm = SeparableFilter.gaussian(inside, shape: shape, sigma: spread, threads: 1)
    let even = Float(max(1, total)) / max(1, inside.reduce(0, +))
    density = smooth.indices.map { inside[$0] > 0 ? smooth[$0] / max(norm[$0], 1e-6) / even : .nan }
    let highest = Double(density.filter(\.isFinite).max() ?? 1)
    let scale = try ColorScale(map: map, lower: 0, upper: max(highest, 1e-6))
    raster = scale.raster(density, width: side, height: side)
    colorBar = ColorBar(scale, label: "density relative to a uniform one")
  }

  /// Place on the disc of radius 1, right and down as in a slice; nil for no direction.
  static func place(_ direction: SIMD3<Float>, about axis: Axis) -> SIMD2<Double>? {
    let d = SIMD3<Double>(direction)
    let length = (d * d).sum().squareRoot()
    guard length > 0, length.isFinite else { return nil }
    var v =
      switch axis {
      case .z: SIMD3(d.x, d.y, d.z)
      case .y: SIMD3(d.x, d.z, d.y)
      case .x: SIMD3(d.y, d.z, d.x)
      }
    v /= v.z < 0 ? -length : length
    // Lambert: sqrt(2) sin(angle / 2) at radius; sin(angle) = length of (x, y), cos(angle) = z.
    let factor = 1 / (1 + v.z).squareRoot()
    return SIMD2(v.x * factor, v.y * factor)
  }

  /// Radius on the disc of an angle from the axis in degrees.
  static func radius(_ angle: Double) -> Double { 2.0.squareRoot() * sin(angle / 2 * .pi / 180) }

  public var caption: String { title?.plain ?? "pole figure about \(axis.rawValue)" }

  private func titleHeight(_ width: Double, _ style: FigureStyle) -> Double {
    let lines = title.map { TextLayout.wrapped($0, width: width, font: style.titleFont).count } ?? 0
    return lines == 0 ? 0 : Double(lines) * TextLayout.height(style.titleFont) + style.gap
  }

  private func diameter(_ width: Double, _ style: FigureStyle) -> Double {
    let bar = colorBar.width(height: 0.6 * width, style: style) + 2 * style.gap
    return max(20, width - bar - 2 * rim(style))
  }

  /// Room around the disc for the names of its directions.
  private func rim(_ style: FigureStyle) -> Double { TextLayout.height(style.labelFont) + 2 }

  public func height(forWidth width: Double, style: FigureStyle) -> Double {
    titleHeight(width, style) + diameter(width, style) + 2 * rim(style) + SliceFigure.rowHeight(style)
  }

  public func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    if let title {
      for (index, line) in TextLayout.wrapped(title, width: frame.width, font: style.titleFont).enumerated() {
        scene.text(
          line, at: Point(frame.x, frame.y + Double(index) * TextLayout.height(style.titleFont)),
          font: style.titleFont, .start, .top)
      }
    }
    let size = diameter(frame.width, style)
    let top = frame.y + titleHeight(frame.width, style) + style.gap
    let disc = Rectangle(x: frame.x + rim(style), y: top, width: size, height: size)
    let radius = size / 2
    scene.group(clip: Path(circle: disc.center, radius: radius)) { inner in
      inner.image(raster, in: disc, smooth: true)
    }
    let thin = Stroke(Color(grey: 0.4), width: style.thinLine)
    for angle in [30.0, 60] {
      scene.stroke(Path(circle: disc.center, radius: radius * Self.radius(angle)), thin)
    }
    scene.stroke(Path(line: Point(disc.left, disc.center.y), Point(disc.right, disc.center.y)), thin)
    scene.stroke(Path(line: Point(disc.center.x, disc.top), Point(disc.center.x, disc.bottom)), thin)
    scene.stroke(Path(circle: disc.center, radius: radius), Stroke(.black, width: style.axisWidth))
    let names: (String, String) =
      switch axis {
      case .z: ("x", "y")
      case .y: ("x", "z")
      case .x: ("y", "z")
      }
    scene.text(
      RichText(plain: names.0), at: Point(disc.right + 3, disc.center.y), font: style.labelFont, .start,
      .middle)
    scene.text(
      RichText(plain: names.1), at: Point(disc.center.x, disc.bottom + 2), font: style.labelFont, .middle,
      .top)
    scene.text(
      RichText(plain: "centre: \(axis.rawValue) axis; rings: 30\u{00B0}, 60\u{00B0}"),
      at: Point(frame.x, disc.bottom + rim(style)), font: style.tickFont, .start, .top)
    let height = 0.6 * frame.width
    colorBar.draw(
      into: &scene,
      frame: Rectangle(
        x: disc.right + rim(style) + 2 * style.gap, y: disc.center.y - min(height, size) / 2, width: 0,
        height: min(height, size)), style: style)
  }
}
