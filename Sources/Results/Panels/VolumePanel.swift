public import Drawing
import Foundation
public import Solids
public import Volumetry

/// A volume or surface in three dimensions as a panel: picture, box with lengths, colour bar, scale bar.
public struct VolumePanel: TitledPanel {
  private let raster: Raster
  private let grid: Grid
  private let projection: Projection
  private let isOrthographic: Bool
  public var colorBar: ColorBar?
  public var title: RichText?
  public var titleLines = 0
  /// A line below the picture.
  public var note: RichText?
  /// Whether the box and the lengths of its sides are drawn.
  public var showsBox = true
  /// Height of the picture at most, as a part of the width.
  public var maximumAspect = 1.1

  /// - Parameter pixels: sides of the picture, of which the volume takes as much as it can.
  public init(
    _ rendering: VolumeRendering, pixels: Int = 1000, label: RichText? = nil, title: RichText? = nil,
    threads: Int = Parallel.availableThreads
  ) {
    let width = max(16, pixels)
    raster = rendering.render(width: width, height: width, threads: threads)
    grid = rendering.grid
    projection = rendering.projection
    isOrthographic = rendering.camera.fieldOfView == nil
    self.title = title
    if let label, let scale = rendering.transfer.scale as? ColorScale {
      colorBar = ColorBar(scale, label: label)
    }
  }

  /// - Parameter grid: the box around the surface.
  public init(
    _ rendering: MeshRendering, grid: Grid, pixels: Int = 1000, colorBar: ColorBar? = nil,
    title: RichText? = nil
  ) {
    let width = max(16, pixels)
    self.init(
      rendering.render(width: width, height: width, in: grid), rendering.camera, grid, colorBar, title)
  }

  /// - Throws: what making the surface throws.
  public init(
    _ rendering: IsosurfaceRendering, pixels: Int = 1000, colorBar: ColorBar? = nil, title: RichText? = nil,
    resources: Resources = Resources()
  ) throws(VoxelithError) {
    let width = max(16, pixels)
    self.init(
      try rendering.render(width: width, height: width, resources: resources), rendering.camera,
      rendering.surface.grid, colorBar, title)
  }

  private init(_ raster: Raster, _ camera: Camera, _ grid: Grid, _ colorBar: ColorBar?, _ title: RichText?) {
    self.raster = raster
    self.grid = grid
    projection = Projection(camera, center: grid.middle, extent: grid.extent)
    isOrthographic = camera.fieldOfView == nil
    self.title = title
    self.colorBar = colorBar
  }

  public var caption: String { title?.plain ?? "volume" }

  private func titleHeight(_ width: Double, _ style: FigureStyle) -> Double {
    let own = title.map { TextLayout.wrapped($0, width: width, font: style.titleFont).count } ?? 0
    let lines = max(own, titleLines)
    return lines == 0 ? 0 : Double(lines) * TextLayout.height(style.titleFont) + style.gap
  }

  /// The lengths of the sides where the picture has no room for them, then the note.
  private func noteLines(_ width: Double, _ layout: Layout, _ style: FigureStyle) -> [RichText] {
    let lengths = BoxEdges(grid, projection).labelled.map { "\($0.name) \(text(ofLength: $0.length))" }
    let own = layout.hasLengths || !showsBox ? nil : RichText(plain: lengths.joined(separator: ", "))
    return [own, note].compactMap { $0 }.flatMap {
      TextLayout.wrapped($0, width: width, font: style.tickFont)
    }
  }

  private func text(ofLength length: Double) -> String {
    grid.hasKnownSpacing
      ? PhysicalLength.text(micrometres: length, digits: 3) : "\(Ticks.number(length)) voxels"
  }

  private func barHeight(_ width: Double) -> Double { 0.55 * width }

  private func barWidth(_ width: Double, _ style: FigureStyle) -> Double {
    colorBar.map { $0.width(height: barHeight(width), style: style) + 2 * style.gap } ?? 0
  }

  /// A length of a side at the middle of its edge, on the side that is off the box.
  private struct Label {
    var text: RichText
    /// Middle of the edge in the picture's units, y down.
    var anchor: Point
    /// From there to the middle of the text in points, and half of the text's size.
    var shift: Point
    var half: Size
  }

  private struct Layout {
    /// Points for one unit of the projection.
    var scale: Double
    /// Middle of the picture, from the upper left corner of the room below the title.
    var middle: Point
    var size: Size
    var labels: [Label]
    /// Whether labels have lengths, or the letters of the axes alone.
    var hasLengths: Bool
  }

  /// Part of the room beside letters alone that the picture keeps, or else the lengths go below it.
  private static let leastShare = 0.65

  private func layout(width: Double, style: FigureStyle) -> Layout {
    let whole = layout(width: width, style: style, hasLengths: true)
    guard showsBox else { return whole }
    let plain = layout(width: width, style: style, hasLengths: false)
    return whole.scale < Self.leastShare * plain.scale ? plain : whole
  }

  /// The largest picture whose box and labels fit into a width.
  private func layout(width: Double, style: FigureStyle, hasLengths: Bool) -> Layout {
    var labels = showsBox ? self.labels(style, hasLengths: hasLengths) : []
    let corners = (0..<8).map { corner -> Point in
      let side = SIMD3(Double(corner & 1), Double(corner >> 1 & 1), Double(corner >> 2))
      let p = projection.project(grid.origin + grid.extent * side)
      return Point(p.x, -p.y)
    }
    func bounds(_ scale: Double) -> Rectangle {
      let xs = corners.map { $0.x * scale }
      let ys = corners.map { $0.y * scale }
      let left = labels.map { $0.anchor.x * scale + $0.shift.x - $0.half.width } + xs
      let right = labels.map { $0.anchor.x * scale + $0.shift.x + $0.half.width } + xs
      let top = labels.map { $0.anchor.y * scale + $0.shift.y - $0.half.height } + ys
      let bottom = labels.map { $0.anchor.y * scale + $0.shift.y + $0.half.height } + ys
      let (x, y) = (left.min() ?? 0, top.min() ?? 0)
      return Rectangle(x: x, y: y, width: (right.max() ?? 0) - x, height: (bottom.max() ?? 0) - y)
    }
    // The room grows with the scale, so halving finds the largest scale that fits.
    func largest() -> Double {
      var (low, high) = (1.0, 4 * width)
      for _ in 0..<50 {
        let middle = (low + high) / 2
        let box = bounds(middle)
        if box.width <= width - 2, box.height <= maximumAspect * width { low = middle } else { high = middle }
      }
      return low
    }
    var low = largest()
    // In a small picture the lengths of two sides meet: the later one goes below the other.
    for index in labels.indices {
      for other in labels[..<index] {
        let a = labels[index]
        let apart = Point(
          (a.anchor.x - other.anchor.x) * low + a.shift.x - other.shift.x,
          (a.anchor.y - other.anchor.y) * low + a.shift.y - other.shift.y)
        let reach = a.half.height + other.half.height + 1
        if abs(apart.x) < a.half.width + other.half.width, abs(apart.y) < reach {
          labels[index].shift.y += reach - apart.y
          low = largest()
        }
      }
    }
    let box = bounds(low)
    return Layout(
      scale: low, middle: Point((width - box.width) / 2 - box.x, 1 - box.y),
      size: Size(width: width, height: box.height + 2), labels: labels, hasLengths: hasLengths)
  }

  public func height(forWidth width: Double, style: FigureStyle) -> Double {
    let layout = layout(width: width - barWidth(width, style), style: style)
    return titleHeight(width, style)
      + max(layout.size.height, colorBar == nil ? 0 : barHeight(width) + style.labelSize)
      + (isOrthographic ? SliceFigure.rowHeight(style) + style.gap : 0)
      + Double(noteLines(width, layout, style).count) * SliceFigure.rowHeight(style)
  }

  public func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    if let title {
      for (index, line) in TextLayout.wrapped(title, width: frame.width, font: style.titleFont).enumerated() {
        scene.text(
          line, at: Point(frame.x, frame.y + Double(index) * TextLayout.height(style.titleFont)),
          font: style.titleFont, .start, .top)
      }
    }
    let layout = layout(width: frame.width - barWidth(frame.width, style), style: style)
    let top = frame.y + titleHeight(frame.width, style)
    let bar = colorBar == nil ? 0 : barHeight(frame.width) + style.labelSize
    let room = max(layout.size.height, bar)
    let middle = Point(
      frame.x + layout.middle.x, top + (room - layout.size.height) / 2 + layout.middle.y)
    func place(_ point: SIMD3<Double>) -> Point {
      let p = projection.project(point)
      return Point(middle.x + p.x * layout.scale, middle.y - p.y * layout.scale)
    }
    let edges = BoxEdges(grid, projection)
    let line = Stroke(Color(grey: 0.45), width: style.axisWidth)
    if showsBox {
      for edge in edges.hidden { scene.stroke(Path(line: place(edge.0), place(edge.1)), line) }
    }
    let picture = Rectangle(x: frame.x, y: top, width: layout.size.width, height: room)
    scene.group(clip: Path(picture)) { inside in
      inside.image(
        raster,
        in: Rectangle(
          x: middle.x - layout.scale, y: middle.y - layout.scale, width: 2 * layout.scale,
          height: 2 * layout.scale), smooth: true)
    }
    if showsBox {
      for edge in edges.visible { scene.stroke(Path(line: place(edge.0), place(edge.1)), line) }
      for label in layout.labels {
        scene.text(
          label.text,
          at: Point(
            middle.x + label.anchor.x * layout.scale + label.shift.x,
            middle.y + label.anchor.y * layout.scale + label.shift.y), font: style.tickFont, .middle, .middle
        )
      }
    }
    if let colorBar {
      let height = barHeight(frame.width)
      colorBar.draw(
        into: &scene,
        frame: Rectangle(
          x: picture.right + 2 * style.gap, y: top + (room - height) / 2, width: 0, height: height),
        style: style)
    }
    if isOrthographic {
      let points = layout.scale / projection.halfHeight
      let bar = ScaleBar(for: 0.6 * picture.width / points, isPhysical: grid.hasKnownSpacing)
      bar.draw(
        into: &scene, left: picture.left, middle: top + room + style.gap + SliceFigure.rowHeight(style) / 2,
        pointsPerUnit: points, style: style)
    }
    let below = top + room + (isOrthographic ? style.gap + SliceFigure.rowHeight(style) : 0)
    for (index, line) in noteLines(frame.width, layout, style).enumerated() {
      scene.text(
        line, at: Point(picture.left, below + (Double(index) + 0.5) * SliceFigure.rowHeight(style)),
        font: style.tickFont, .start, .middle)
    }
  }

  private func labels(_ style: FigureStyle, hasLengths: Bool) -> [Label] {
    let center = projection.project(grid.middle)
    return BoxEdges(grid, projection).labelled.map { name, length, edge in
      let a = projection.project(edge.0)
      let b = projection.project(edge.1)
      let anchor = Point((a.x + b.x) / 2, -(a.y + b.y) / 2)
      let along = Point(b.x - a.x, a.y - b.y)
      let long = max(1e-9, hypot(along.x, along.y))
      // Away from the edge, on the side that is off the middle.
      let normal = Point(-along.y / long, along.x / long)
      let isOut = normal.x * (anchor.x - center.x) + normal.y * (anchor.y + center.y) >= 0
      let out = isOut ? normal : Point(-normal.x, -normal.y)
      let text = RichText(plain: hasLengths ? "\(name) \(text(ofLength: length))" : name)
      let half = Size(
        width: TextLayout.width(text, font: style.tickFont) / 2, height: style.tickSize * 0.6)
      let away = 3 + abs(out.x) * half.width + abs(out.y) * half.height
      return Label(text: text, anchor: anchor, shift: Point(out.x * away, out.y * away), half: half)
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
