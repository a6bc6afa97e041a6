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

  /// Draws within `picture`, which shows `extent` micrometres. Missing voxels stay clear.
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
  }
}
