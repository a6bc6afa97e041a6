public import Drawing
import Foundation
import Readers
public import Volumetry

/// One web page that needs nothing but itself: text, tables, figures and volumes to look through.
///
/// Every text is shown as it is; nothing in a name can become part of the page's code.
public struct Report: Sendable {
  public enum Item: Sendable {
    case paragraph(String)
    /// The answer, in large letters.
    case lead(RichText)
    /// What a reader must know before believing a number; one sentence each.
    case warnings([String])
    /// Figures and tables beside each other where the window is wide enough.
    case beside([Item])
    /// What a browser without JavaScript shows in place of the viewer.
    case withoutScript([Item])
    /// The first row is the heading.
    case table([[String]])
    /// A drawing, kept as SVG, and the same laid out for the width of a telephone where it has one.
    case drawing(Scene, caption: String, narrow: Scene? = nil)
    /// A picture file, PNG or SVG, with its width on paper where that is known.
    case picture([UInt8], type: FigureFormat, caption: String, millimetres: Double? = nil)
    /// Items that are folded away until asked for.
    case folded([Item], title: String)
    /// Text of a file, folded away until asked for.
    case text(String, title: String)
    /// The slice viewer; a report has at most one.
    case viewer
  }

  public struct Section: Sendable {
    public var heading: String
    public var items: [Item]

    public init(_ heading: String, _ items: [Item]) {
      self.heading = heading
      self.items = items
    }
  }

  public var title: String
  public var sections: [Section]
  /// Volumes of the slice viewer.
  public var volumes: [ReportVolume] = []
  /// Line at the foot of the page: version and the like.
  public var footer: String = ""

  public init(title: String, sections: [Section] = []) {
    self.title = title
    self.sections = sections
  }

  /// Writes the page.
  ///
  /// - Throws: `cannotCreate` where the file exists or cannot be written.
  public func write(to path: String, overwrite: Bool = false) throws(VoxelithError) {
    try OutputFile.check(path, overwrite: overwrite)
    try OutputFile.write(html(), to: path, overwrite: overwrite)
  }

  /// The page.
  public func html() -> String {
    var body = ""
    var links = ""
    for (index, section) in sections.enumerated() {
      let heading = SVGWriter.escaped(section.heading)
      links += "<a href=\"#s\(index)\">\(heading)</a>"
      body += "<section id=\"s\(index)\"><h2>\(heading)</h2>\n"
      for item in section.items { body += html(item) }
      body += "</section>\n"
    }
    let hasViewer = sections.contains { $0.items.contains { if case .viewer = $0 { true } else { false } } }
    let script =
      hasViewer && !volumes.isEmpty
      ? "<script type=\"application/json\" id=\"volumes\">\(viewerData())</script>\n<script>\(ReportPage.viewerScript)</script>\n"
      : ""
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
      <link rel="icon" href="data:,">
      <title>\(SVGWriter.escaped(title))</title>
      <style>\(ReportPage.style)</style>
      </head>
      <body>
      <header><h1>\(SVGWriter.escaped(title))</h1>
      <button id="theme" type="button" aria-label="Switch between dark and light">dark / light</button></header>
      <nav aria-label="Sections">\(links)</nav>
      <main>
      \(body)</main>
      <footer>\(SVGWriter.escaped(footer))</footer>
      <script>\(ReportPage.themeScript)</script>
      \(script)</body>
      </html>

      """
  }

  private func html(_ item: Item) -> String {
    switch item {
    case .paragraph(let text): return "<p>\(SVGWriter.escaped(text))</p>\n"
    case .lead(let text): return "<p class=\"lead\">\(Self.marked(text))</p>\n"
    case .warnings(let texts):
      guard !texts.isEmpty else { return "<p class=\"quiet\">No warnings.</p>\n" }
      return "<ul class=\"warnings\" aria-label=\"Warnings\">"
        + texts.map { "<li>\(SVGWriter.escaped($0))</li>" }.joined() + "</ul>\n"
    case .withoutScript(let items):
      return "<noscript>" + items.map { html($0) }.joined() + "</noscript>\n"
    case .beside(let items): return "<div class=\"beside\">" + items.map { html($0) }.joined() + "</div>\n"
    case .table(let rows):
      guard let head = rows.first else { return "" }
      // Numbers and short words stay on one line and the table scrolls; sentences are broken at spaces.
      func row(_ cells: [String], _ tag: String) -> String {
        "<tr>"
          + cells.map { cell in
            guard cell.count > 44, cell.contains(" ") else {
              return "<\(tag)>\(SVGWriter.escaped(cell))</\(tag)>"
            }
            return "<\(tag) class=\"long\">\(Self.sentence(cell))</\(tag)>"
          }.joined() + "</tr>\n"
      }
      let name = SVGWriter.escaped(head.joined(separator: ", "))
      // A table that no sheet of paper holds may be broken between rows.
      let form = rows.count > 30 ? " class=\"tall\"" : ""
      return
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table: \(name)\"><table\(form)><thead>\(row(head, "th"))</thead><tbody>"
        + rows.dropFirst().map { row($0, "td") }.joined() + "</tbody></table></div>\n"
    case .drawing(let scene, let caption, let narrow):
      return figure(
        Array(scene.svg().utf8), "svg+xml", caption, millimetres: scene.size.width * 25.4 / 72,
        narrow: narrow.map { Array($0.svg().utf8) })
    case .picture(let bytes, let type, let caption, let millimetres):
      return type == .pdf
        ? "" : figure(bytes, type == .svg ? "svg+xml" : "png", caption, millimetres: millimetres)
    case .folded(let items, let title):
      return
        "<details><summary>\(SVGWriter.escaped(title))</summary>"
        + items.map { html($0) }.joined() + "</details>\n"
    case .text(let text, let title):
      return
        "<details class=\"raw\"><summary>\(SVGWriter.escaped(title))</summary><pre>\(SVGWriter.escaped(text))</pre></details>\n"
    case .viewer: return volumes.isEmpty ? "" : ReportPage.viewerMarkup
    }
  }

  /// A sentence that is broken at spaces alone: names of files and the like stay whole.
  private static func sentence(_ text: String) -> String {
    text.components(separatedBy: " ").map { word in
      let plain = SVGWriter.escaped(word)
      return word.contains { "-/.:".contains($0) } ? "<span class=\"word\">\(plain)</span>" : plain
    }.joined(separator: " ")
  }

  /// Text with its subscripts and superscripts.
  private static func marked(_ text: RichText) -> String {
    text.runs.map { run in
      let plain = SVGWriter.escaped(run.text)
      switch run.level {
      case .normal: return plain
      case .lower: return "<sub>\(plain)</sub>"
      case .upper: return "<sup>\(plain)</sup>"
      }
    }.joined()
  }

  /// A figure as large as on paper, or a little larger, since a screen is looked at from further away.
  ///
  /// - Parameter narrow: SVG that takes its place in a narrow window.
  private func figure(
    _ bytes: [UInt8], _ type: String, _ caption: String, millimetres: Double?, narrow: [UInt8]? = nil
  ) -> String {
    let text = SVGWriter.escaped(caption)
    let pixels = millimetres.map { Int($0 * 96 / 25.4 * 1.3) }
    // On paper two narrow figures stand beside each other.
    let form = (millimetres ?? 0) > 100 ? " class=\"wide\"" : ""
    let width = form + (pixels.map { " style=\"width:\($0)px\"" } ?? "")
    // On a narrow screen letters stay large enough to be read, and the figure is scrolled.
    let least = pixels.map { " style=\"min-width:\(min($0 * 3 / 4, 640))px\"" } ?? ""
    let caption = text.replacing("/", with: "/<wbr>")
    func data(_ bytes: [UInt8], _ type: String) -> String {
      "data:image/\(type);base64,\(Data(bytes).base64EncodedString())"
    }
    let image = "<img\(least) alt=\"\(text)\" src=\"\(data(bytes, type))\">"
    let shown =
      narrow.map {
        "<picture class=\"fitted\"><source media=\"screen and (max-width: 36rem)\" srcset=\"\(data($0, "svg+xml"))\">\(image)</picture>"
      } ?? image
    return
      "<figure\(width)><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Figure\">\(shown)</div>"
      + "<figcaption>\(caption)</figcaption></figure>\n"
  }

  private struct ViewerData: Encodable {
    let volumes: [ReportVolume]
    let maps: [String: String]
  }

  private func viewerData() -> String {
    let maps = [ColorMap.batlow, .viridis, .cividis, .magma, .lajolla, .vik, .grey]
    let data = ViewerData(
      volumes: volumes,
      maps: Dictionary(
        uniqueKeysWithValues: maps.map { ($0.name, Data($0.table()).base64EncodedString()) }))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json: Data
    do { json = try encoder.encode(data) } catch { return "{}" }
    // So that no text within can end the script element.
    return String(decoding: json, as: UTF8.self).replacingOccurrences(of: "<", with: "\\u003c")
  }
}
