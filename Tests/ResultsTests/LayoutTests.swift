import Drawing
import Foundation
import Results
import Solids
import TestSupport
import Testing
import Volumetry

/// Every kind of panel in every journal's sizes: no text outside of the page or on another one, none too small.
@Suite struct LayoutTests {
  private struct Sheet {
    let name: String
    let preset: JournalPreset
    let scene: Scene
  }

  private func sheets() throws -> [Sheet] {
    try EveryPanel().panels().flatMap { name, panel in
      JournalPreset.allCases.flatMap { preset in
        // A figure of all kinds has three panels side by side, as no column is wide enough for.
        ((name == "all kinds" || name == "shared") ? [true] : [false, true]).map { isDouble in
          let width = isDouble ? preset.doubleColumn : preset.singleColumn
          return Sheet(
            name: "\(name), \(preset.rawValue), \(isDouble ? "double" : "single")", preset: preset,
            scene: panel.scene(width: width, style: preset.style))
        }
      }
    }
  }

  @Test func everyTextIsOnThePageAndApart() throws {
    for sheet in try sheets() {
      let page = Rectangle(sheet.scene.size)
      let boxes = sheet.scene.textBoxes
      #expect(!boxes.isEmpty)
      for (index, one) in boxes.enumerated() {
        #expect(page.contains(one.box, tolerance: 0.5), "\(sheet.name): '\(one.text)' is cut")
        for other in boxes[(index + 1)...] {
          let apart = !one.box.inset(by: 1.2).overlaps(other.box.inset(by: 1.2))
          #expect(apart, "\(sheet.name): '\(one.text)' lies on '\(other.text)'")
        }
      }
    }
  }

  /// Letters, subscripts and lines keep the journal's limits; heights of single panels do, too.
  @Test func limitsOfTheJournalAreKept() throws {
    for sheet in try sheets() {
      let said = sheet.preset.complaints(about: sheet.scene, dpi: sheet.preset.limits.resolution)
        .filter { !$0.contains("is not installed") }
        // One square picture across two columns, and twelve panels, are higher than a page, as they should be told.
        .filter { !($0.contains("mm high") && sheet.name.hasSuffix("double")) }
      #expect(said.isEmpty, "\(sheet.name): \(said)")
    }
  }

  /// In a narrow panel of several the axes keep nearly half of the plot's height beside a long legend.
  @Test func legendsLeaveRoomForTheAxes() throws {
    let long = "a legend of many words that a narrow column breaks over several lines"
    let series = (0..<3).map { index in
      Series(
        .line(x: [0, 1, 2], y: [1, Double(index), 2], .solid), label: RichText(plain: "\(long) \(index)"))
    }
    let plot = Plot(x: PlotAxis("x"), y: PlotAxis("y"), series)
    let style = JournalPreset.nature.style
    let wide = plot.height(forWidth: 250, style: style)
    let narrow = plot.height(forWidth: 75, style: style)
    #expect(narrow > 75 * plot.aspect && wide < 2 * 250 * plot.aspect)
    let page = PanelFigure([plot, plot, plot], columns: 3).scene(
      width: JournalPreset.nature.singleColumn, style: style)
    for one in page.textBoxes {
      #expect(Rectangle(page.size).contains(one.box, tolerance: 0.5), "'\(one.text)' is cut")
    }
  }

  /// A family that a journal does not ask for is named as the one that is drawn.
  @Test func lettersOfAnotherFamilyAreTold() throws {
    let plot = Plot(
      x: PlotAxis("x"), y: PlotAxis("y"), [Series(.line(x: [0, 1], y: [0, 1], .solid))])
    var style = JournalPreset.nature.style
    style.family = "DejaVu Serif"
    let said = JournalPreset.nature.complaints(
      about: plot.scene(width: .millimetres(89), style: style), dpi: nil)
    #expect(said.contains { $0.hasPrefix("letters of DejaVu Serif") }, "\(said)")
    #expect(!said.contains { $0.contains("not installed") }, "\(said)")
  }

  /// PNG: no ink reaches the border of the picture.
  @Test func nothingTouchesTheBorderOfAPicture() throws {
    for sheet in try sheets() where sheet.preset == .wiley || sheet.preset == .nature {
      let raster = try sheet.scene.raster(dpi: 150)
      let (w, h) = (raster.width, raster.height)
      let border = (0..<w).flatMap { [($0, 0), ($0, h - 1)] } + (0..<h).flatMap { [(0, $0), (w - 1, $0)] }
      let dark = border.filter { x, y in (0..<3).contains { raster.pixels[4 * (y * w + x) + $0] < 250 } }
      #expect(dark.isEmpty, "\(sheet.name): ink at \(dark.prefix(3))")
    }
  }

  /// PDF, as poppler reads it: every word lies on the page, and every font is embedded.
  @Test(.enabled(if: ExternalTools.pdftotext != nil, "poppler-utils is not installed"))
  func wordsOfThePDFLieOnItsPage() throws {
    let folder = try TemporaryFolder()
    for sheet in try sheets() {
      let path = folder.file("sheet.pdf")
      try sheet.scene.write(to: path, overwrite: true)
      let (_, text, _) = try ExternalTools.run(ExternalTools.pdftotext, ["-bbox", path, "-"])
      let words = Self.boxes(text)
      #expect(!words.isEmpty)
      for word in words {
        let isInside =
          word.box.left >= 0 && word.box.top >= -1 && word.box.right <= sheet.scene.size.width
          && word.box.bottom <= sheet.scene.size.height + 1
        #expect(isInside, "\(sheet.name): '\(word.text)' at \(word.box)")
      }
      let (_, fonts, _) = try ExternalTools.run(ExternalTools.pdffonts, [path])
      let rows = fonts.split(separator: "\n").dropFirst(2)
      #expect(!rows.isEmpty)
      for row in rows {
        // name, type, encoding, emb, sub, uni, object
        #expect(row.split(separator: " ").suffix(5).first == "yes", "\(sheet.name): \(row)")
      }
    }
  }

  private static func boxes(_ text: String) -> [(text: String, box: Rectangle)] {
    text.split(separator: "\n").filter { $0.contains("<word ") }.map { line in
      func number(_ name: String) -> Double {
        Double(line.components(separatedBy: name + "=\"").last?.prefix { $0 != "\"" } ?? "") ?? .nan
      }
      let (x, y) = (number("xMin"), number("yMin"))
      return (
        String(line), Rectangle(x: x, y: y, width: number("xMax") - x, height: number("yMax") - y)
      )
    }
  }

  /// Too high, too small, too wide: each is told.
  @Test func whatAnEditorWouldSendBackIsTold() throws {
    let volume = GalleryFigures.lithium()
    let tall = PanelFigure(
      try (0..<3).map { _ in try SliceFigure(volume, label: "x_2") as any Panel }, columns: 1)
    let style = JournalPreset.nature.style
    let page = tall.scene(width: JournalPreset.nature.doubleColumn, style: style)
    let high = JournalPreset.nature.complaints(about: page, dpi: 72)
    #expect(high.contains { $0.contains("mm high") && $0.contains("170") }, "\(high)")
    #expect(high.contains { $0.contains("72 pixels") }, "\(high)")
    var small = style.scaled(0.5)
    small.leastText = 0
    small.leastLine = 0
    let tiny = JournalPreset.nature.complaints(
      about: tall.scene(width: .millimetres(300), style: small), dpi: nil)
    for words in ["mm wide", "text of", "subscripts of"] {
      #expect(tiny.contains { $0.contains(words) }, "\(words): \(tiny)")
    }
  }

  @Test func familiesFallBackToOnesAsWide() {
    #expect(FontChoice([Font.standard]).note == nil)
    let arial = FontChoice(["Arial"])
    #expect(arial.family == "Arial" ? arial.note == nil : arial.note?.contains("Arial") == true)
    let none = FontChoice(["No Such Family 7"])
    #expect(none.family == Font.standard && none.note?.contains("No Such Family 7") == true)
  }

  /// A font that somebody names and that is not there is an error, with a guess where the name is nearly one.
  @Test func aMisspeltFontIsRefused() throws {
    #expect(try FontChoice(named: Font.standard).family == Font.standard)
    let error = #expect(throws: VoxelithError.self) { try FontChoice(named: "Arail") }
    #expect(error?.code == .usage && error?.advice == "did you mean 'Arial'?", "\(String(describing: error))")
    let none = #expect(throws: VoxelithError.self) { try FontChoice(named: "No Such Family 7") }
    #expect(none?.advice?.contains("fc-list") == true, "\(String(describing: none))")
    var figure = FigureSpec(panels: [])
    figure.font = "Arail"
    #expect(throws: VoxelithError.self) { try figure.options() }
  }

  /// In a narrow panel the lengths of the sides go below the picture, which keeps most of the width.
  @Test(arguments: [(21.0, true), (85, false)]) func lengthsLeaveRoomForTheVolume(
    width: Double, isNarrow: Bool
  ) throws {
    let grid = Grid(shape: Shape(z: 12, y: 16, x: 16), spacing: SIMD3(repeating: 50))
    let scale = try ColorScale(map: .viridis, lower: 0, upper: 1)
    let rendering = try VolumeRendering(
      Volume<Float>(grid: grid, repeating: 1), transfer: .solid(scale, above: 0.5, softness: 0.5))
    let scene = VolumePanel(rendering, pixels: 64).scene(
      width: .millimetres(width), style: JournalPreset.wiley.style)
    let texts = scene.textBoxes.map { String($0.text.map { $0.isWhitespace ? " " : $0 }) }
    #expect(texts.contains("x") == isNarrow && texts.contains("x 800 µm") != isNarrow, "\(texts)")
    #expect(texts.joined(separator: " ").contains("800 µm"), "\(texts)")
  }
}
