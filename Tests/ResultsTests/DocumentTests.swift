import Drawing
import Foundation
import TestSupport
import Testing
import Volumetry

/// PDF and SVG in the eyes of other programs: poppler's tools and Chromium.
@Suite struct DocumentTests {
  /// Every kind of figure: its words are text, its fonts embedded, and poppler has nothing to say against it.
  @Test(
    .enabled(
      if: ExternalTools.pdftotext != nil && ExternalTools.pdffonts != nil, "poppler-utils are not installed"))
  func pdfHoldsTextWithItsFonts() throws {
    let folder = try TemporaryFolder()
    for (name, panel, width) in try GalleryFigures.all() {
      let path = folder.file(name + ".pdf")
      try panel.write(to: path, options: FigureOptions(width: .millimetres(width)))
      let words = try ExternalTools.run(ExternalTools.pdftotext, ["-layout", path, "-"])
      #expect(words.log.isEmpty, "\(name): \(words.log)")
      let found = words.output.filter { !$0.isWhitespace }
      // Letters that stand upright come out one by one, so only the number of letters is compared with what was drawn.
      let drawn = panel.scene(width: .millimetres(width)).textBoxes.map(\.text).joined().filter {
        !$0.isWhitespace
      }
      #expect(
        Double(found.count) > 0.9 * Double(drawn.count), "\(name): \(found.count) of \(drawn.count) letters")
      let table = try ExternalTools.run(ExternalTools.pdffonts, [path])
      #expect(table.log.isEmpty, "\(name): \(table.log)")
      let lines = table.output.split(separator: "\n").dropFirst(2)
      #expect(!lines.isEmpty, "\(name) has no font")
      for line in lines {
        let fields = line.split(separator: " ")
        // ... emb sub uni object ID
        #expect(fields.count > 5 && fields[fields.count - 5] == "yes", "\(name): \(line)")
      }
    }
  }

  @Test(.enabled(if: ExternalTools.pdftotext != nil, "poppler-utils are not installed"))
  func pdfWordsAreTheFigures() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("calibration.pdf")
    try GalleryFigures.calibration().write(to: path)
    let words = try ExternalTools.run(ExternalTools.pdftotext, [path, "-"]).output
    for word in ["Calibration", "standards", "S = 0.410 + 0.120 x"] {
      #expect(words.contains(word), "\(words)")
    }
  }

  /// SVG opens in Chromium without a message, and its words are found in the opened document.
  @Test(.enabled(if: ExternalTools.chromium != nil, "chromium is not installed"))
  func svgOpensInABrowser() throws {
    let folder = try TemporaryFolder()
    var body = ""
    for (name, panel, width) in try GalleryFigures.all() {
      let svg = panel.scene(width: .millimetres(width)).svg()
      let path = folder.file(name + ".svg")
      try Data(svg.utf8).write(to: URL(fileURLWithPath: path))
      body += "<object data=\"\(name).svg\" type=\"image/svg+xml\"></object>"
    }
    let script = """
      <pre id="results"></pre><script>
      addEventListener('load', () => {
        document.getElementById('results').textContent = [...document.querySelectorAll('object')].map(o => {
          const d = o.contentDocument;
          return d && !d.querySelector('parsererror') && d.querySelectorAll('text').length > 0 && d.documentElement.getBBox().width > 10;
        }).join(',');
      });
      </script>
      """
    let page = folder.file("page.html")
    try Data("<!DOCTYPE html><meta charset=utf-8><body>\(body)\(script)</body>".utf8).write(
      to: URL(fileURLWithPath: page))
    let (_, output, log) = try ExternalTools.run(
      ExternalTools.chromium,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + folder.file("profile"),
        "--allow-file-access-from-files", "--virtual-time-budget=4000", "--enable-logging=stderr",
        "--dump-dom",
        "file://" + page,
      ])
    #expect(!log.contains("CONSOLE"), "\(log.split(separator: "\n").filter { $0.contains("CONSOLE") })")
    let results = output.components(separatedBy: "<pre id=\"results\">").dropFirst().first?.components(
      separatedBy: "</pre>")[0]
    let count = try GalleryFigures.all().count
    #expect(
      results == [String](repeating: "true", count: count).joined(separator: ","), "\(results ?? "none")")
  }
}
