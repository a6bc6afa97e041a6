import Drawing
import Foundation
import Readers
import Results
import TestSupport
import Testing
import Volumetry

/// Labels and masks in steps of colour, channels by their names, counts from one on, and what stands below a solid.
@Suite struct LabelFigureTests {
  private let folder: TemporaryFolder
  private let grid = Grid(shape: Shape(z: 4, y: 6, x: 8), spacing: SIMD3(2, 2, 2))

  init() throws { folder = try TemporaryFolder() }

  private func put(_ name: String, _ labels: [UInt8]) throws {
    let writer = try TIFFVolumeWriter(path: folder.file(name), grid: grid, type: .uint8)
    try writer.write(.uint8(labels), to: Region(whole: grid.shape))
    try writer.finish()
  }

  private func texts(_ panel: any Panel) -> [String] {
    panel.scene(width: .millimetres(85)).textBoxes.map(\.text)
  }

  @Test func maskHasOneStepForEveryReason() throws {
    try put("mask.tif", (0..<grid.shape.count).map { [0, 7, 0, 2][$0 % 4] })
    try Data(
      #"{"mask": {"good": {"value": 0}, "no_active_material": {"value": 7}, "too_few_counts": {"value": 2}}}"#
        .utf8
    ).write(to: URL(fileURLWithPath: folder.file("map.json")))
    let panel = try FigureSpec(panels: [.slice(SlicePanelSpec(file: "mask.tif"))]).figure(in: folder.path)
    let figure = try #require(panel as? SliceFigure)
    #expect(figure.steps.map(\.plain) == ["good", "too few counts", "no active material"])
    #expect(figure.scale.range == -0.5...2.5)
    let shown = texts(figure)
    #expect(shown.contains("no active material") && !shown.contains("4"), "\(shown)")
    // The picture has as many colours as there are reasons.
    let colors = Set([0, 1, 2].map { figure.scale.color(of: $0) })
    #expect(colors.count == 3 && Set(figure.slice.values).count == 3)
    // A range asks for a scale.
    var ranged = SlicePanelSpec(file: "mask.tif")
    ranged.colors.range = [0, 8]
    let scale = try #require(try FigureSpec(panels: [.slice(ranged)]).figure(in: folder.path) as? SliceFigure)
    #expect(scale.steps.isEmpty)
  }

  /// One label has one colour in all panels, whichever of them holds it.
  @Test func panelsOfLabelsShareTheirColors() throws {
    try put("a.tif", (0..<grid.shape.count).map { UInt8($0 % 2) })
    try put("b.tif", (0..<grid.shape.count).map { UInt8($0 % 2 + 1) })
    var spec = FigureSpec(panels: ["a.tif", "b.tif"].map { .slice(SlicePanelSpec(file: $0)) })
    spec.sharedRange = true
    let figure = try #require(try spec.figure(in: folder.path) as? PanelFigure)
    #expect(figure.sharedColorBar?.steps.map(\.plain) == ["0", "1", "2"])
    let slices = figure.panels.compactMap { $0 as? SliceFigure }
    #expect(Set(slices[0].slice.values) == [0, 1] && Set(slices[1].slice.values) == [1, 2])
    #expect(slices[0].scale.range == slices[1].scale.range)
  }

  @Test func channelsAreTitlesAndUnitsAreRaised() throws {
    let writer = try TIFFVolumeWriter(
      path: folder.file("f.tif"), grid: grid, type: .float32, channels: 2,
      channelNames: ["active", "carbon_binder"])
    for channel in 0..<2 {
      let values = (0..<grid.shape.count).map { Float($0 % 7 + channel) }
      try writer.write(.float32(values), channel: channel, to: Region(whole: grid.shape))
    }
    try writer.finish()
    var panel = SlicePanelSpec(file: "f.tif")
    (panel.volume.channel, panel.colors.units, panel.colors.label) = (1, "g cm^-3", "density")
    let figure = try #require(try FigureSpec(panels: [.slice(panel)]).figure(in: folder.path) as? SliceFigure)
    #expect(figure.title?.plain == "carbon binder")
    #expect(figure.label.plain == "density (g\u{00A0}cm\u{2212}3)")
    #expect(figure.label.runs.contains { $0.level == .upper && $0.text == "\u{2212}3" })
  }

  /// A cell without a pair has no colour, so the bar starts at one.
  @Test func countsOfADensityStartAtOne() throws {
    let values = (0..<2000).map { Double($0 * 7919 % 101) }
    let plot = Plot.jointDensity(
      x: PlotAxis("x"), y: PlotAxis("y"), values: (values, values.map { $0 * $0 }), bins: 8)
    guard case .density(let density) = plot.series[0].shape else {
      Issue.record("no density")
      return
    }
    #expect(density.scale?.range.lowerBound == 1 && density.largest > 20)
    let page = plot.scene(width: .millimetres(85))
    // Texts right of the axes: the bar's.
    let bar = page.textBoxes.filter { $0.box.left > 0.86 * page.size.width }.map(\.text)
    #expect(bar.contains("1") && !bar.contains("0"), "\(bar)")
  }

  /// A map in three dimensions tells its median error as a slice does, with two digits.
  @Test func solidsTellTheirErrors() throws {
    for (name, value) in [("li.tif", 0.5), ("li_sigma.tif", 0.05)] as [(String, Float)] {
      let writer = try TIFFVolumeWriter(path: folder.file(name), grid: grid, type: .float32)
      let values = (0..<grid.shape.count).map { value * (1 + 0.001 * Float($0 % 5 - 2)) }
      try writer.write(.float32(values), to: Region(whole: grid.shape))
      try writer.finish()
    }
    for (spec, words) in [
      (.volume(VolumePanelSpec(file: "li.tif")), "voxels"), (.slice(SlicePanelSpec(file: "li.tif")), "slice"),
    ] as [(PanelSpec, String)] {
      let panel = try FigureSpec(panels: [spec]).figure(in: folder.path)
      #expect(texts(panel).joined(separator: " ").contains("median \u{03C3} of the \(words): 0.050"))
      // A folder that is named from where the program stands changes nothing.
      let here = FileManager.default.currentDirectoryPath.split(separator: "/").map { _ in ".." }
      let relative = here.joined(separator: "/") + folder.path
      let other = try FigureSpec(panels: [spec]).figure(in: relative)
      #expect(texts(other) == texts(panel))
    }
  }

  /// Rows of the layout of pores and states are named once, their states by what differs.
  @Test func rowsOfALayoutAreNamed() throws {
    let names = [
      "directional-charged", "directional-discharged", "isotropic-charged", "isotropic-discharged",
    ]
    for name in names {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
      for file in ["li.tif", "labels.tif"] {
        try Data().write(to: URL(fileURLWithPath: folder.file("\(name)/\(file)")))
      }
    }
    func titles(_ titles: [String]?) throws -> [String?] {
      try FigureLayout.poresAndStates.figure(of: names.map(folder.file), states: 2, titles: titles).panels
        .map(\.title)
    }
    #expect(
      try titles(nil) == [
        "directional pores", "charged", "discharged", "isotropic pores", "charged", "discharged",
      ])
    #expect(
      try titles(["x=0.3", "x=0.8", "a b", "a b c"]) == ["pores", "x=0.3", "x=0.8", "pores", "a b", "a b c"])
  }
}
