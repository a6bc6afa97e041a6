public import Volumetry

extension Scene {
  /// The page as pixels.
  ///
  /// - Throws: `usage` where the picture would have more than 32000 pixels a side.
  public func raster(dpi: Double = 150) throws(VoxelithError) -> Raster {
    guard dpi.isFinite, dpi >= 10, dpi <= 10_000 else {
      throw VoxelithError(.usage, "a resolution of \(dpi) dpi is not between 10 and 10000")
    }
    let canvas = try CairoCanvas(pixels: size, dpi: dpi)
    draw(on: canvas)
    return try canvas.raster()
  }

  /// The page as PNG that states its resolution.
  public func png(dpi: Double = 300) throws(VoxelithError) -> [UInt8] {
    try PNGFile.encode(try raster(dpi: dpi), dpi: dpi, title: title)
  }

  /// The page as PDF with text as text and its fonts embedded.
  public func pdf() throws(VoxelithError) -> [UInt8] {
    let canvas = CairoCanvas(pdf: size, title: title)
    draw(on: canvas)
    return try canvas.document()
  }

  private func draw(on canvas: borrowing CairoCanvas) {
    if background.alpha > 0 {
      canvas.shape(Path(Rectangle(size)), fill: background, stroke: nil)
    }
    Self.draw(marks, on: canvas)
  }

  private static func draw(_ marks: [Mark], on canvas: borrowing CairoCanvas) {
    for mark in marks {
      switch mark {
      case .shape(let path, let fill, let stroke): canvas.shape(path, fill: fill, stroke: stroke)
      case .text(let text): canvas.text(text)
      case .image(let raster, let rectangle, let smooth):
        canvas.image(raster, in: rectangle, smooth: smooth)
      case .group(let inner, let clip, let opacity):
        canvas.beginGroup(clip: clip, opacity: opacity)
        draw(inner, on: canvas)
        canvas.endGroup(opacity: opacity)
      }
    }
  }
}
