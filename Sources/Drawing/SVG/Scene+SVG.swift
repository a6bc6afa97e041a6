import Foundation
import Volumetry

extension Scene {
  /// The page as SVG 1.1 with text as text; the letters that it uses are embedded as a font.
  public func svg() -> String {
    var writer = SVGWriter()
    if background.alpha > 0 {
      writer.shape(Path(Rectangle(size)), fill: background, stroke: nil)
    }
    writer.draw(marks)
    let width = decimal(size.width)
    let height = decimal(size.height)
    var text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" \
      width="\(width)pt" height="\(height)pt" viewBox="0 0 \(width) \(height)">

      """
    if !title.isEmpty { text += "<title>\(SVGWriter.escaped(title))</title>\n" }
    text += SVGFont.style(for: marks)
    if !writer.definitions.isEmpty { text += "<defs>\n\(writer.definitions)</defs>\n" }
    return text + writer.body + "</svg>\n"
  }
}

package struct SVGWriter {
  var body = ""
  var definitions = ""
  private var clips = 0

  mutating func draw(_ marks: [Scene.Mark]) {
    for mark in marks {
      switch mark {
      case .shape(let path, let fill, let stroke): shape(path, fill: fill, stroke: stroke)
      case .text(let text): self.text(text)
      case .image(let raster, let rectangle, let smooth): image(raster, rectangle, smooth: smooth)
      case .group(let inner, let clip, let opacity):
        body += "<g"
        if let clip {
          clips += 1
          definitions += "<clipPath id=\"clip\(clips)\"><path d=\"\(Self.data(clip))\"/></clipPath>\n"
          body += " clip-path=\"url(#clip\(clips))\""
        }
        if opacity < 1 { body += " opacity=\"\(decimal(opacity))\"" }
        body += ">\n"
        draw(inner)
        body += "</g>\n"
      }
    }
  }

  mutating func shape(_ path: Path, fill: Color?, stroke: Stroke?) {
    body += "<path d=\"\(Self.data(path))\" "
    if let fill {
      body += Self.paint("fill", fill)
    } else {
      body += "fill=\"none\""
    }
    if let stroke {
      body += " " + Self.paint("stroke", stroke.color)
      body += " stroke-width=\"\(decimal(stroke.width))\" stroke-linejoin=\"round\""
      if stroke.roundCap { body += " stroke-linecap=\"round\"" }
      if !stroke.dash.isEmpty {
        body += " stroke-dasharray=\"\(stroke.dash.map { decimal($0) }.joined(separator: " "))\""
      }
    }
    body += "/>\n"
  }

  mutating func text(_ text: Scene.Text) {
    body += "<text xml:space=\"preserve\" font-family=\"'\(text.font.family)', sans-serif\" "
    body += Self.paint("fill", text.color)
    body += " transform=\"translate(\(decimal(text.origin.x)) \(decimal(text.origin.y)))"
    if text.quarterTurns == 1 { body += " rotate(-90)" }
    body += "\">"
    for run in text.runs {
      body += "<tspan x=\"\(decimal(run.offset.x))\" y=\"\(decimal(-run.offset.y))\""
      body += " font-size=\"\(decimal(run.font.size))\""
      if run.font.family != text.font.family { body += " font-family=\"'\(run.font.family)', sans-serif\"" }
      if run.font.isBold { body += " font-weight=\"bold\"" }
      if run.font.isItalic { body += " font-style=\"italic\"" }
      body += ">\(Self.escaped(run.text))</tspan>"
    }
    body += "</text>\n"
  }

  mutating func image(_ raster: Raster, _ rectangle: Rectangle, smooth: Bool) {
    let png: [UInt8]
    do { png = try PNGFile.encode(raster) } catch { return }
    body += "<image x=\"\(decimal(rectangle.x))\" y=\"\(decimal(rectangle.y))\""
    body += " width=\"\(decimal(rectangle.width))\" height=\"\(decimal(rectangle.height))\""
    body += " preserveAspectRatio=\"none\""
    if !smooth { body += " style=\"image-rendering:pixelated\"" }
    body += " xlink:href=\"data:image/png;base64,\(Data(png).base64EncodedString())\"/>\n"
  }

  static func paint(_ attribute: String, _ color: Color) -> String {
    let (r, g, b, a) = color.bytes
    let text = "\(attribute)=\"rgb(\(r),\(g),\(b))\""
    return a == 255 ? text : text + " \(attribute)-opacity=\"\(decimal(color.alpha))\""
  }

  static func data(_ path: Path) -> String {
    var text = ""
    func at(_ p: Point) -> String { "\(decimal(p.x)) \(decimal(p.y))" }
    for element in path.elements {
      switch element {
      case .move(let p): text += "M\(at(p))"
      case .line(let p): text += "L\(at(p))"
      case .curve(let a, let b, let p): text += "C\(at(a)) \(at(b)) \(at(p))"
      case .close: text += "Z"
      }
    }
    return text
  }

  /// Text that is safe between tags and in attributes of XML and HTML.
  package static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for sign in text.unicodeScalars {
      switch sign {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(sign)
      }
    }
    return result
  }
}
