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

  /// The text in pieces of one font each: signs that the family lacks come from ``Font/standard``.
  static func pieces(_ text: String, font: Font) -> [(text: String, font: Font)] {
    guard font.family != Font.standard else { return [(text, font)] }
    do throws(VoxelithError) {
      let canvas = try CairoCanvas(pixels: Size(width: 1, height: 1), dpi: 72)
      var pieces: [(text: String, font: Font)] = []
      for sign in text {
        var face = font
        if sign.unicodeScalars.contains(where: { canvas.glyph($0.value, font: font) == 0 }) {
          face.family = Font.standard
        }
        if pieces.last?.font == face {
          pieces[pieces.count - 1].text.append(sign)
        } else {
          pieces.append((String(sign), face))
        }
      }
      return pieces
    } catch {
      return [(text, font)]
    }
  }

  /// Family of the face that is drawn where a family is asked for; nil where there is no font at all.
  static func family(drawnFor name: String) -> String? {
    do throws(VoxelithError) {
      return try CairoCanvas(pixels: Size(width: 1, height: 1), dpi: 72).family(Font(size: 7, family: name))
    } catch {
      return nil
    }
  }
}
