import Volumetry

/// Widths of text as Cairo will draw it, without hinting, so that they are the same in every format.
enum TextMetrics {
  /// Width of a text in points; an estimate where no font can be loaded.
  static func advance(_ text: String, font: Font) -> Double {
    do throws(VoxelithError) {
      let canvas = try CairoCanvas(pixels: Size(width: 1, height: 1), dpi: 72)
      return canvas.advance(text, font: font)
    } catch {
      return 0.6 * font.size * Double(text.count)
    }
  }
}
