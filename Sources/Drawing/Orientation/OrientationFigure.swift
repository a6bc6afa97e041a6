public import Volumetry

/// A slice of a field of directions in colour, with the sphere that explains the colours.
public struct OrientationFigure: Panel {
  private let raster: Raster
  private let frame: SliceImage
  public let colors: OrientationColors
  public var title: RichText?

  /// - Parameters:
  ///   - vectors: the parts along x, y and z on one grid.
  ///   - weight: how vivid the colours are, 0 (white) to 1: the anisotropy, for instance.
  /// - Throws: `data` where the parts have different shapes or every vector is missing, `usage` for a slice that is not
  ///   there.
  public init(
    vectors: (x: any VolumeSource, y: any VolumeSource, z: any VolumeSource),
    weight: (any VolumeSource)? = nil,
    plane: SlicePlane = SlicePlane(), colors: OrientationColors = .axes, title: RichText? = nil
  ) throws(VoxelithError) {
    let x = try SliceImage(vectors.x, plane)
    let y = try SliceImage(vectors.y, plane)
    let z = try SliceImage(vectors.z, plane)
    var weights: SliceImage?
    if let weight { weights = try SliceImage(weight, plane) }
    for part in [y, z] + (weights.map { [$0] } ?? []) where part.width != x.width || part.height != x.height {
      throw VoxelithError(
        .data, "has \(part.width) x \(part.height) voxels, the x part \(x.width) x \(x.height)",
        file: part.name)
    }
    var raster = Raster(width: x.width, height: x.height)
    var found = false
    for i in x.values.indices {
      let vector = SIMD3(Double(x.values[i]), Double(y.values[i]), Double(z.values[i]))
      let color = colors.color(of: Self.seen(vector, across: plane.axis))
      guard color.alpha > 0 else { continue }
      found = true
      let vivid = weights.map { Double(min(max($0.values[i].isNaN ? 0 : $0.values[i], 0), 1)) } ?? 1
      raster[i % x.width, i / x.width] = Color.white.mixed(with: color, vivid)
    }
    guard found else {
      throw VoxelithError(.data, "the slice has no direction to draw", file: vectors.x.name)
    }
    self.raster = raster
    self.frame = x
    self.colors = colors
    self.title = title
    axis = plane.axis
    hasMissing = stride(from: 3, to: raster.pixels.count, by: 4).contains { raster.pixels[$0] == 0 }
  }

  private let axis: Axis
  private let hasMissing: Bool

  /// The vector in the frame of the picture: right, down, away.
  private static func seen(_ v: SIMD3<Double>, across axis: Axis) -> SIMD3<Double> {
    switch axis {
    case .z: v
    case .y: SIMD3(v.x, v.z, v.y)
    case .x: SIMD3(v.y, v.z, v.x)
    }
  }

  public var caption: String {
    [title?.plain ?? "orientation", frame.place].joined(separator: ", ")
  }

  private static let ball = 34.0

  private func picture(width: Double, style: FigureStyle) -> Rectangle {
    let titles = title.map { TextLayout.wrapped($0, width: width, font: style.titleFont) } ?? []
    let top = Double(titles.count) * TextLayout.height(style.titleFont) + (titles.isEmpty ? 0 : style.gap)
    // The ball and the key of missing voxels below it.
    let key =
      hasMissing
      ? ColorBar.barWidth + style.gap + TextLayout.width(ColorBar.missingLabel, font: style.tickFont) : 0
    var room = width - max(Self.ball + style.labelSize, key) - 3 * style.gap
    let aspect = frame.extent.height / frame.extent.width
    if aspect > 1.6 { room *= 1.6 / aspect }
    return Rectangle(x: 0, y: top, width: room, height: room * aspect)
  }

  public func height(forWidth width: Double, style: FigureStyle) -> Double {
    let box = picture(width: width, style: style)
    return box.top + max(box.height, Self.ball + (hasMissing ? 6 : 4) * style.labelSize) + style.gap + 1
      + 2 * SliceFigure.rowHeight(style)
  }

  public func draw(into scene: inout Scene, frame page: Rectangle, style: FigureStyle) {
    let local = picture(width: page.width, style: style)
    let box = Rectangle(x: page.x, y: page.y + local.y, width: local.width, height: local.height)
    if let title {
      for (index, line) in TextLayout.wrapped(title, width: page.width, font: style.titleFont).enumerated() {
        scene.text(
          line, at: Point(page.x, page.y + Double(index) * TextLayout.height(style.titleFont)),
          font: style.titleFont, .start, .top)
      }
    }
    if hasMissing { Hatch.draw(into: &scene, box) }
    let isFine = Double(raster.width) > box.width * 2 || Double(raster.height) > box.height * 2
    scene.image(raster, in: box, smooth: isFine)
    scene.stroke(Path(box), Stroke(.black, width: style.axisWidth))
    drawBall(into: &scene, box, page, style)
    let row = SliceFigure.rowHeight(style)
    let middle = page.y + height(forWidth: page.width, style: style) - 1.5 * row
    let bar = ScaleBar(for: frame.extent.width, isPhysical: frame.hasKnownSpacing)
    bar.draw(
      into: &scene, left: box.left, middle: middle, pointsPerUnit: box.width / frame.extent.width,
      style: style)
    scene.text(
      RichText(plain: frame.place), at: Point(box.left, middle + row), font: style.tickFont, .start, .middle)
  }

  private func drawBall(into scene: inout Scene, _ box: Rectangle, _ page: Rectangle, _ style: FigureStyle) {
    let ball = Rectangle(
      x: box.right + 2 * style.gap, y: box.top + style.labelSize, width: Self.ball, height: Self.ball)
    scene.image(colors.sphere(pixels: 256), in: ball, smooth: true)
    let names: (String, String) =
      switch axis {
      case .z: ("x", "y")
      case .y: ("x", "z")
      case .x: ("y", "z")
      }
    scene.text(
      RichText(plain: names.0), at: Point(ball.right + 2, ball.center.y), font: style.labelFont, .start,
      .middle)
    scene.text(
      RichText(plain: names.1), at: Point(ball.center.x, ball.bottom + 1), font: style.labelFont, .middle,
      .top)
    if hasMissing {
      let height = TextLayout.height(style.tickFont)
      let swatch = Rectangle(
        x: ball.left, y: ball.bottom + 3 * style.labelSize, width: ColorBar.barWidth, height: height)
      Hatch.draw(into: &scene, swatch)
      scene.stroke(Path(swatch), Stroke(.black, width: style.axisWidth))
      scene.text(
        ColorBar.missingLabel, at: Point(swatch.right + style.gap, swatch.center.y), font: style.tickFont,
        .start, .middle)
    }
    scene.text("direction", at: Point(ball.center.x, ball.top - 1), font: style.tickFont, .middle, .bottom)
  }
}
