import Correlation
import Drawing
import Foundation
import Readers
import Results
import TestSupport
import Testing
import Volumetry

/// Panels on one scale show one quantity; what is missing is seen in every kind; panels are as large as can be read.
@Suite struct SharedScaleTests {
  private let folder: TemporaryFolder
  private let shape = Shape(z: 4, y: 10, x: 12)

  init() throws { folder = try TemporaryFolder() }

  private func put(_ name: String, type: VoxelType = .float32, _ change: (Float) -> Float = { $0 }) throws {
    let volume = GalleryFigures.lithium(shape: shape)
    let path = folder.file(name)
    try FileManager.default.createDirectory(
      atPath: PathName.folder(of: path), withIntermediateDirectories: true)
    let writer = try TIFFVolumeWriter(path: path, grid: volume.grid, type: type)
    let values = volume.voxels.map(change)
    if type == .uint8 {
      try writer.write(.uint8(values.map { UInt8($0) }), to: Region(whole: shape))
    } else {
      try writer.write(.float32(values), to: Region(whole: shape))
    }
    try writer.finish()
  }

  private func shared(_ files: String...) throws -> PanelFigure {
    var spec = FigureSpec(panels: files.map { .slice(SlicePanelSpec(file: $0)) })
    spec.sharedRange = true
    return try #require(try spec.figure(in: folder.path) as? PanelFigure)
  }

  @Test func otherQuantitiesHaveTheirOwnScale() throws {
    try put("a/li.tif")
    try put("b/li.tif") { $0 + 0.2 }
    try put("xct.tif") { 1000 * $0 }
    try put("labels.tif", type: .uint8) { $0 > 0.5 ? 1 : 0 }
    let one = try shared("a/li.tif", "b/li.tif")
    #expect(one.sharedColorBar?.label.plain == "lithium content x")
    let mixed = try shared("labels.tif", "a/li.tif", "b/li.tif", "xct.tif")
    let slices = mixed.panels.compactMap { $0 as? SliceFigure }
    #expect(mixed.sharedColorBar?.label.plain == "lithium content x" && slices.count == 4)
    #expect(slices.map(\.showsColorBar) == [true, false, false, true])
    #expect(slices[0].steps.count == 2 && slices[1].scale.range == slices[2].scale.range)
    #expect(slices[3].label.plain == "grey value" && slices[3].scale.range.upperBound > 10)
    let two = try shared("a/li.tif", "xct.tif")
    #expect(
      two.sharedColorBar == nil && two.panels.allSatisfy { ($0 as? SliceFigure)?.showsColorBar == true })
  }

  @Test func differencesAreNamedAsSuch() throws {
    for name in ["li.tif", "li_sigma.tif", "truth.tif"] { try put(name) }
    func label(_ more: String) throws -> String {
      let spec = try JSONDecoder().decode(
        FigureSpec.self, from: Data(#"{"panels": [{"kind": "histogram", "file": "li.tif"\#(more)}]}"#.utf8))
      return try #require(try spec.figure(in: folder.path) as? Plot).x.label.plain
    }
    #expect(
      try label(#", "reference": "truth.tif", "sigma": "li_sigma.tif""#)
        == "(x \u{2212} reference) / \u{03C3}")
    #expect(try label(#", "reference": "truth.tif""#) == "x \u{2212} reference")
    #expect(try label("") == "lithium content x")
  }

  @Test func missingVoxelsAreSeenInEveryKind() throws {
    try put("li.tif") { $0 > 0.6 ? .nan : $0 }
    try put("xct.tif")
    var over = SlicePanelSpec(file: "li.tif")
    over.over = "xct.tif"
    over.colors.range = [0.2, 0.4]
    let slice = try #require(try FigureSpec(panels: [.slice(over)]).figure(in: folder.path) as? SliceFigure)
    #expect(slice.colorBar.showsMissing && slice.colorBar.extendsAbove)
    var solid = VolumePanelSpec(file: "li.tif")
    solid.voxels = true
    let volume = try #require(
      try FigureSpec(panels: [.volume(solid)]).figure(in: folder.path) as? VolumePanel)
    #expect(volume.note?.plain.contains("without a value") == true)
  }

  /// Twelve states stand in rows of panels that can be read; twenty rows on one page are refused with the number that can.
  @Test func manyStatesAreWrappedOrRefused() throws {
    var folders: [String] = []
    for state in 1...20 {
      try put("s\(state)/li.tif")
      if state == 1 { try put("s1/labels.tif", type: .uint8) { $0 > 0.5 ? 1 : 0 } }
      folders.append(folder.file("s\(state)"))
    }
    var spec = try FigureLayout.poresAndStates.figure(of: Array(folders.prefix(12)), states: 12)
    spec.preset = "nature"
    let figure = try #require(try spec.figure() as? PanelFigure)
    let options = try spec.options()
    let inner = options.width.points - 2 * options.style.gap
    #expect(figure.panels.count == 13 && figure.columns < 7)
    #expect(figure.leastPanelWidth(forWidth: inner, style: options.style) > Length.millimetres(24).points)
    #expect(figure.height(forWidth: inner, style: options.style) < Length.millimetres(170).points)
    var many = try FigureLayout.gradients.figure(of: folders)
    many.preset = "nature"
    let error = #expect(throws: VoxelithError.self) { try many.figure() }
    #expect(
      error?.code == .usage && error?.advice?.contains("at most") == true, "\(String(describing: error))")
    var slices = FigureSpec(panels: folders.prefix(12).map { .slice(SlicePanelSpec(file: $0 + "/li.tif")) })
    slices.doubleColumn = true
    slices.columns = 12
    #expect(throws: VoxelithError.self) { try slices.figure() }
  }

  /// More independent voxels than voxels there are none.
  @Test func independentVoxelsAreNoMoreThanVoxels() {
    let test = CorrelationTest(0.2, voxels: 100, effective: 130.4)
    #expect(test.independentVoxels == 100 && abs(test.effectiveVoxels - 130.4) < 1e-9)
    #expect(CorrelationTest(0.2, voxels: 100, effective: 30.4).independentVoxels == 30)
  }

  /// The page of a series opens with what changed, and with the first state in the viewer.
  @Test func aSeriesOpensWithItsAnswer() throws {
    try put("01-first/deviance.tif")
    try put("01-first/li.tif")
    let states = """
      {"state": {"name": "charged", "file": "a.nxs"}, "mapped": 9, "mean_x": 0.8, "mean_x_sigma": 0.01},
      {"state": {"name": "empty", "file": "b.nxs"}, "mapped": 9, "mean_x": 0.4, "mean_x_sigma": 0.012,
       "change_since_first": {"value": -0.4, "sigma": 0.005}}
      """
    try Data(
      """
      {"format_version": 1, "method": "profile", "shape": [1, 2, 5], "voxels": 10, "common_voxels": 8,
       "gain_is_corrected": false, "states": [\(states)]}
      """.utf8
    ).write(to: URL(fileURLWithPath: folder.file("series.json")))
    let report = try Report(folder: ResultFolder(folder.path))
    #expect(
      report.sections.map(\.heading).prefix(4) == ["Result", "Warnings", "States", "Slices"],
      "\(report.sections.map(\.heading))")
    let html = report.html()
    #expect(
      html.contains(
        "mean x = 0.800 \u{00B1} 0.010 in charged and 0.400 \u{00B1} 0.012 in empty, a change of \u{2212}0.4000 \u{00B1} 0.0050, over the 8 of 10 voxels"
      ))
    let places = ["li.tif", "deviance.tif"].map { name in
      html.range(of: "\"name\":\"01-first/\(name)\"")?.lowerBound
    }
    let first = try #require(places[0])
    #expect(places[1].map { first < $0 } == true)
  }

  /// The balance of a cell is a part of the answer, a table of the states, and a warning where maps and charge differ.
  @Test(arguments: [("agrees", "maps and charge agree (p = 0.62)"), ("differs", "maps and charge differ")])
  func aSeriesOpensWithItsBalance(_ verdict: String, _ words: String) throws {
    let balance = """
      {"cycler": "c.mpt", "maker": "BioLogic", "charge_from": "column", "active_material_mmol": 0.0149,
       "active_material_mmol_sigma": 0.0003, "notes": ["the note"],
       "states": [{"charge_mAh": 0, "voltage_V": 3.5, "x_by_charge": 0.81, "x_by_charge_sigma": 0.01, "lithium_mmol": 0.01,
                   "lithium_mmol_sigma": 0.001, "lithium_by_charge_mmol": 0.01, "difference": {"value": -0.01, "sigma": 0.02}}],
       "result": {"ratio": {"value": 0.976, "sigma": 0.045}, "ratio_interval_95": [0.888, 1.064],
                  "offset": {"value": -0.023, "sigma": 0.015}, "offset_interval_95": [-0.053, 0.007],
                  "differences": [{"value": -0.01, "sigma": 0.02}], "chi_squared": 2.6, "degrees_of_freedom": 4,
                  "probability": 0.62, "verdict": "\(verdict)"}}
      """
    try Data(
      """
      {"format_version": 1, "method": "profile", "shape": [1, 2, 5], "voxels": 10, "common_voxels": 8,
       "gain_is_corrected": false, "balance": \(balance), "states": [
       {"state": {"name": "charged", "file": "a.nxs"}, "mapped": 9, "mean_x": 0.8, "mean_x_sigma": 0.01}]}
      """.utf8
    ).write(to: URL(fileURLWithPath: folder.file("series.json")))
    let html = try Report(folder: ResultFolder(folder.path)).html()
    for text in [
      "the change of x by the maps is 0.976 \u{00B1} 0.045 times that by charge (95 % interval 0.888 to 1.064)",
      "x by the maps minus x by charge is \u{2212}0.023 \u{00B1} 0.015 in the mean", words,
      "c.mpt (BioLogic)",
      "0.810 \u{00B1} 0.010", "The note.",
    ] { #expect(html.contains(text), "\(text)") }
    #expect(html.contains("Warnings (1)") == (verdict == "differs"))
  }
}
