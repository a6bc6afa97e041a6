import Foundation
import Volumetry

/// The letters of a drawing as fonts within the SVG, so that it looks the same on every machine.
enum SVGFont {
  static func style(for marks: [Scene.Mark]) -> String {
    var used: [Font: Set<UInt32>] = [:]
    collect(marks, into: &used)
    var rules = ""
    for font in used.keys.sorted(by: { order($0) < order($1) }) {
      guard let bytes = FontSubset.make(font, characters: (used[font] ?? []).sorted()) else { continue }
      rules += "@font-face{font-family:'\(font.family)';font-weight:\(font.isBold ? "bold" : "normal");"
      rules += "font-style:\(font.isItalic ? "italic" : "normal");"
      rules += "src:url(data:font/ttf;base64,\(Data(bytes).base64EncodedString())) format('truetype');}\n"
    }
    return rules.isEmpty ? "" : "<style type=\"text/css\">\n\(rules)</style>\n"
  }

  private static func order(_ font: Font) -> (String, Int) {
    (font.family, (font.isBold ? 2 : 0) + (font.isItalic ? 1 : 0))
  }

  private static func collect(_ marks: [Scene.Mark], into used: inout [Font: Set<UInt32>]) {
    for mark in marks {
      switch mark {
      case .text(let text):
        for run in text.runs {
          let face = Font(
            size: 12, bold: run.font.isBold, italic: run.font.isItalic, family: run.font.family)
          used[face, default: []].formUnion(run.text.unicodeScalars.map(\.value))
        }
      case .group(let inner, _, _): collect(inner, into: &used)
      case .shape, .image: break
      }
    }
  }
}
