/// A second slice over the first: lithium over the grey of XCT.
public struct SliceOverlay: Sendable {
  public let slice: SliceImage
  public let scale: ColorScale
  /// 0 shows nothing, 1 hides what lies below.
  public var opacity: Double
  /// Micrometres from the left and the upper border of the picture to those of this slice.
  public var offset: (x: Double, y: Double)
  /// As those of a ``SliceFigure``.
  public var steps: [RichText] = []

  public init(
    _ slice: SliceImage, scale: ColorScale, opacity: Double = 0.5, offset: (x: Double, y: Double) = (0, 0)
  ) {
    self.slice = slice
    self.scale = scale
    self.opacity = min(max(opacity, 0), 1)
    self.offset = offset
  }

  /// Draws within `picture`, which shows `extent` micrometres. Missing voxels are hatched, as far as what lies below may be hidden.
  func draw(into scene: inout Scene, _ picture: Rectangle, extent: (width: Double, height: Double)) {
    let points = picture.width / extent.width
    let shown = steps.isEmpty ? slice.reduced(toFit: 2048) : slice.sampled(toFit: 2048)
    let box = Rectangle(
      x: picture.x + offset.x * points, y: picture.y + offset.y * points, width: slice.extent.width * points,
      height: slice.extent.height * points)
    let isFine =
      steps.isEmpty && (Double(shown.width) > box.width * 2 || Double(shown.height) > box.height * 2)
    scene.group(clip: Path(picture), opacity: opacity) { inner in
      inner.image(
        scale.raster(shown.values, width: shown.width, height: shown.height), in: box, smooth: isFine)
    }
    guard let missing = missing(in: box) else { return }
    scene.group(clip: Path(picture), opacity: max(0.35, opacity)) { inner in
      inner.group(clip: missing) { Hatch.draw(into: &$0, box) }
    }
  }

  /// The voxels without a value, runs of a row joined; nil where there are none.
  private func missing(in box: Rectangle) -> Path? {
    let shown = slice.sampled(toFit: 256)
    let size = Size(width: box.width / Double(shown.width), height: box.height / Double(shown.height))
    var path = Path()
    var isEmpty = true
    for row in 0..<shown.height {
      var column = 0
      while column < shown.width {
        guard shown.values[row * shown.width + column].isNaN else {
          column += 1
          continue
        }
        let start = column
        while column < shown.width, shown.values[row * shown.width + column].isNaN { column += 1 }
        let run = Rectangle(
          x: box.x + Double(start) * size.width, y: box.y + Double(row) * size.height,
          width: Double(column - start) * size.width, height: size.height)
        path.add(run)
        isEmpty = false
      }
    }
    return isEmpty ? nil : path
  }
}
