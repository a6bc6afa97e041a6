import Foundation
public import Volumetry

/// A volume or surface in three dimensions as a panel: picture, box with lengths, colour bar, scale bar.
public struct VolumePanel: Panel {
  private let raster: Raster
  private let grid: Grid
  private let projection: Projection
  private let isOrthographic: Bool
  public var colorBar: ColorBar?
  public var title: RichText?
  /// Whether the box and the lengths of its sides are drawn.
  public var showsBox = true
  /// Height of the picture as a part of its width.
  public var aspect = 0.85

  /// - Parameter pixels: width of the picture; its height follows ``aspect``.
  public init(
    _ rendering: VolumeRendering, pixels: Int = 1000, label: RichText? = nil, title: RichText? = nil,
    threads: Int = Parallel.availableThreads
  ) {
    let width = max(16, pixels)
    raster = rendering.render(width: width, height: Int(Double(width) * 0.85), threads: threads)
    grid = rendering.grid
    projection = rendering.projection
    isOrthographic = rendering.camera.fieldOfView == nil
    self.title = title
    if let label { colorBar = ColorBar(rendering.transfer.scale, label: label) }
  }

  /// - Parameter grid: the box around the surface.
  public init(
    _ rendering: MeshRendering, grid: Grid, pixels: Int = 1000, colorBar: ColorBar? = nil,
    title: RichText? = nil
  ) {
    let width = max(16, pixels)
    raster = rendering.render(width: width, height: Int(Double(width) * 0.85), in: grid)
    self.grid = grid
    projection = Projection(rendering.camera, center: grid.middle, extent: grid.extent)
    isOrthographic = rendering.camera.fieldOfView == nil
    self.title = title
    self.colorBar = colorBar
  }

  public var caption: String { title?.plain ?? "volume" }

  private func titleHeight(_ width: Double, _ style: FigureStyle) -> Double {
    let lines = title.map { TextLayout.wrapped($0, width: width, font: style.titleFont).count } ?? 0
    return lines == 0 ? 0 : Double(lines) * TextLayout.height(style.titleFont) + style.gap
  }

  private func barWidth(_ width: Double, _ style: FigureStyle) -> Double {
    colorBar.map { $0.width(height: 0.6 * width * aspect, style: style) + style.gap } ?? 0
  }

  public func height(forWidth width: Double, style: FigureStyle) -> Double {
    titleHeight(width, style) + (width - barWidth(width, style)) * aspect
      + (isOrthographic ? SliceFigure.rowHeight(style) + style.gap : 0)
  }

  public func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    if let title {
      for (index, line) in TextLayout.wrapped(title, width: frame.width, font: style.titleFont).enumerated() {
        scene.text(
          line, at: Point(frame.x, frame.y + Double(index) * TextLayout.height(style.titleFont)),
          font: style.titleFont, .start, .top)
      }
    }
    let width = frame.width - barWidth(frame.width, style)
    let picture = Rectangle(
      x: frame.x, y: frame.y + titleHeight(frame.width, style), width: width, height: width * aspect)
    // Text of the box stands around the picture's middle nine tenths.
    let inner = picture.inset(by: showsBox ? style.labelSize * 1.6 : 0)
    let half = min(inner.width, inner.height) / 2
    func place(_ point: SIMD3<Double>) -> Point {
      let p = projection.project(point)
      return Point(inner.center.x + p.x * half, inner.center.y - p.y * half)
    }
    let edges = BoxEdges(grid, projection)
    let line = Stroke(Color(grey: 0.45), width: style.axisWidth)
    if showsBox {
      for edge in edges.hidden { scene.stroke(Path(line: place(edge.0), place(edge.1)), line) }
    }
    // The raster's shorter side is the picture's -1 to 1.
    let scale = 2 * half / Double(min(raster.width, raster.height))
    let size = Size(width: Double(raster.width) * scale, height: Double(raster.height) * scale)
    scene.group(clip: Path(picture)) { inside in
      inside.image(
        raster,
        in: Rectangle(
          x: inner.center.x - size.width / 2, y: inner.center.y - size.height / 2, width: size.width,
          height: size.height), smooth: true)
    }
    if showsBox {
      for edge in edges.visible { scene.stroke(Path(line: place(edge.0), place(edge.1)), line) }
      label(edges, into: &scene, place, inner.center, picture, style)
    }
    if let colorBar {
      let height = 0.6 * frame.width * aspect
      colorBar.draw(
        into: &scene,
        frame: Rectangle(
          x: picture.right + style.gap, y: picture.center.y - height / 2, width: 0, height: height),
        style: style)
    }
    if isOrthographic {
      let points = half / projection.halfHeight
      let bar = ScaleBar(for: 0.6 * picture.width / points, isPhysical: grid.hasKnownSpacing)
      bar.draw(
        into: &scene, left: picture.left,
        middle: picture.bottom + style.gap + SliceFigure.rowHeight(style) / 2,
        pointsPerUnit: points, style: style)
    }
  }

  private func label(
    _ edges: BoxEdges, into scene: inout Scene, _ place: (SIMD3<Double>) -> Point, _ middle: Point,
    _ picture: Rectangle, _ style: FigureStyle
  ) {
    for (name, length, edge) in edges.labelled {
      let a = place(edge.0)
      let b = place(edge.1)
      let center = Point((a.x + b.x) / 2, (a.y + b.y) / 2)
      var out = Point(center.x - middle.x, center.y - middle.y)
      let along = Point(b.x - a.x, b.y - a.y)
      let long = max(1e-9, hypot(along.x, along.y))
      // Away from the edge, on the side that is off the middle.
      let normal = Point(-along.y / long, along.x / long)
      out = normal.x * out.x + normal.y * out.y >= 0 ? normal : Point(-normal.x, -normal.y)
      let text = RichText(
        plain: "\(name) "
          + (grid.hasKnownSpacing
            ? PhysicalLength.text(micrometres: length, digits: 3) : "\(Ticks.number(length)) voxels"))
      let width = TextLayout.width(text, font: style.tickFont)
      let away = 2 + abs(out.x) * width / 2 + abs(out.y) * style.tickSize * 0.6
      let x = min(
        max(center.x + out.x * away, picture.left + width / 2), picture.right - width / 2)
      let y = min(
        max(center.y + out.y * away, picture.top + style.tickSize / 2), picture.bottom - style.tickSize / 2)
      scene.text(text, at: Point(x, y), font: style.tickFont, .middle, .middle)
    }
  }
}

/// The twelve edges of a box as a camera sees them.
struct BoxEdges {
  typealias Edge = (SIMD3<Double>, SIMD3<Double>)

  /// Edges behind the volume, and those before it.
  private(set) var hidden: [Edge] = []
  private(set) var visible: [Edge] = []
  /// For each axis the edge of the outline that lies lowest in the picture, with the length of the side.
  private(set) var labelled: [(name: String, length: Double, edge: Edge)] = []

  init(_ grid: Grid, _ projection: Projection) {
    let low = grid.origin
    let high = grid.origin + grid.extent
    let eye = projection.center - projection.forward * (projection.distance ?? 1e6 * grid.extent.max())
    for (axis, name) in ["x", "y", "z"].enumerated() {
      let others = (0..<3).filter { $0 != axis }
      var outline: [Edge] = []
      for corner in 0..<4 {
        var start = low
        var facing = 0
        for (bit, other) in others.enumerated() {
          let isHigh = corner >> bit & 1 == 1
          start[other] = isHigh ? high[other] : low[other]
          // A face is seen where the eye lies beyond it.
          if isHigh ? eye[other] > high[other] : eye[other] < low[other] { facing += 1 }
        }
        var end = start
        end[axis] = high[axis]
        if facing == 0 { hidden.append((start, end)) } else { visible.append((start, end)) }
        if facing == 1 { outline.append((start, end)) }
      }
      let lowest = (outline.isEmpty ? visible.suffix(4) : outline[...]).min { a, b in
        projection.project((a.0 + a.1) / 2).y < projection.project((b.0 + b.1) / 2).y
      }
      if let lowest { labelled.append((name, grid.extent[axis], lowest)) }
    }
  }
}
