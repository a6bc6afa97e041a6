import Foundation
import TestSupport
import Testing
import Voxelith

/// Figures, stacks, reports and exports as a user asks for them, and what goes wrong.
@Suite struct FigureCommandTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private func run(_ arguments: String...) throws -> Program { try Program.run(arguments, in: folder) }

  private func fails(_ status: Int32, _ words: String, _ arguments: String...) throws {
    let result = try Program.run(arguments, in: folder)
    #expect(result.status == status, "\(arguments): \(result.status) \(result.errors)")
    #expect(result.errors.contains(words), "\(arguments): \(result.errors)")
    // Wrong usage that the parser finds shows the usage, too.
    #expect(result.errors.contains("\nUsage: ") || (1...2).contains(result.errorLines), "\(result.errors)")
    #expect(!result.errors.contains("Fatal"))
  }

  private func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: folder.file(name), atomically: true, encoding: .utf8)
    return folder.file(name)
  }

  private func volume(_ name: String, _ value: (Int) -> Float) throws -> String {
    let grid = Grid(shape: Shape(z: 3, y: 8, x: 9), spacing: SIMD3(2, 2, 2))
    let writer = try TIFFVolumeWriter(path: folder.file(name), grid: grid, type: .float32)
    try writer.write(.float32((0..<216).map(value)), to: Region(whole: grid.shape))
    try writer.finish()
    return folder.file(name)
  }

  @Test func everyFormatIsWritten() throws {
    let li = twin.path("truth/li.tif")
    for (ending, start) in [("png", "\u{FFFD}PNG"), ("pdf", "%PDF"), ("svg", "<?xml")] {
      let path = folder.file("figure.\(ending)")
      let result = try run("render", li, "-o", path, "--label", "x", "--json")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("\"caption\""))
      let head = String(
        decoding: (FileManager.default.contents(atPath: path) ?? Data()).prefix(5), as: UTF8.self)
      #expect(head.hasPrefix(start), "\(head)")
    }
  }

  @Test func kindsComeFromOptions() throws {
    let li = twin.path("truth/li.tif")
    let labels = twin.path("labels.tif")
    for (name, arguments) in [
      ("histogram", [li, "--kind", "histogram", "--fit", "2"]), ("profile", [li, "--kind", "profile"]),
      ("density", [li, "--kind", "density", "--with", li]),
      ("scatter", [li, "--kind", "scatter", "--with", li, "--line", "identity"]),
      ("series", [li, li, "--kind", "series", "--times", "0,2", "--layers", "2"]),
      ("calibration", [twin.calibration, "--kind", "calibration"]),
      ("volume", [li, "--kind", "volume", "--voxels"]),
      ("surface", [labels, "--kind", "surface", "--phase", "1", "--smooth-um", "4"]),
      ("oblique", [li, "--normal", "1,0.5,1"]), ("states", [li, li, "--titles", "a_1,b"]),
    ] {
      let path = folder.file(name + ".svg")
      let result = try Program.run(["render"] + arguments + ["-o", path], in: folder)
      #expect(result.status == 0, "\(name): \(result.errors)")
      #expect(FileManager.default.fileExists(atPath: path), "\(name)")
    }
  }

  @Test func surfacesAndTurntables() throws {
    let labels = twin.path("labels.tif")
    for ending in ["ply", "stl", "glb"] {
      let path = folder.file("pores.\(ending)")
      let result = try run("render", labels, "--kind", "surface", "--phase", "0", "-o", path)
      #expect(result.status == 0 && result.output.contains("triangles"), "\(result.errors)\(result.output)")
      #expect((FileManager.default.contents(atPath: path)?.count ?? 0) > 1000)
    }
    let film = try run(
      "render", twin.path("truth/li.tif"), "--kind", "volume", "--turntable", "3", "--pixels", "64", "-o",
      folder.file("film"))
    #expect(film.status == 0, "\(film.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("film")).sorted() == [
        "frame_0000.png", "frame_0001.png", "frame_0002.png", "provenance.json",
      ])
    try fails(
      64, "--kind surface", "render", labels, "-o", folder.file("x.ply"))
    try fails(64, "--kind volume", "render", labels, "--turntable", "3", "-o", folder.file("x"))
  }

  @Test func figureFromYAML() throws {
    let spec = try write(
      "figure.yaml",
      "preset: nature\npanels:\n  - {kind: slice, file: truth/li.tif, label: x, title: 'a <b> & c'}\n"
        + "  - {kind: histogram, file: truth/li.tif, label: x}\n")
    let path = folder.file("figure.svg")
    let result = try run("render", "--spec", spec, "--in", twin.path(""), "-o", path)
    #expect(result.status == 0, "\(result.errors)")
    let svg = try String(contentsOfFile: path, encoding: .utf8)
    #expect(svg.contains("a &lt;b&gt; &amp; c") && !svg.contains("<b>"))
    #expect(svg.contains("width=\"252."))
    try fails(
      64, "'lable' is not known in a figure", "render", "--spec",
      try write("typo.yaml", "panels:\n  - {kind: slice, file: li.tif, lable: x}\n"), "-o", path)
    try fails(
      64, "YAML", "render", "--spec", try write("broken.yaml", "panels: [{kind: slice"), "-o",
      folder.file("b.svg"))
    try fails(
      64, "'panels' is missing", "render", "--spec", try write("none.yaml", "dpi: 300\n"), "-o",
      folder.file("n.svg"))
    try fails(
      66, "there is no such file", "render", "--spec", folder.file("nowhere.yaml"), "-o", folder.file("n.svg")
    )
  }

  /// The standard errors beside a map are found for the kind as they are for a slice, from options and in a figure file.
  @Test func valueAndSigmaFindsTheErrorsBesideTheMap() throws {
    let map = try volume("li.tif") { 0.5 + 0.001 * Float($0) }
    try fails(
      64, "none lie beside the values", "render", map, "-o", folder.file("alone.png"), "--kind",
      "value-and-sigma")
    _ = try volume("li_sigma.tif") { 0.01 + 1e-5 * Float($0) }
    let figure = try write("pair.yaml", "panels:\n  - {kind: value-and-sigma, file: li.tif}\n")
    for (name, arguments) in [
      ("options.svg", [map, "--kind", "value-and-sigma"]), ("file.svg", ["--spec", figure]),
    ] {
      let path = folder.file(name)
      let result = try Program.run(["render"] + arguments + ["-o", path], in: folder)
      #expect(result.status == 0, "\(name): \(result.errors)")
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains("\u{3C3}"), "\(name)")
    }
  }

  /// A value that does not fit is answered with what the option's help says.
  @Test func malformedValuesGetTheHelpOfTheirOption() throws {
    try fails(64, "NAME=PATH", "correlate", "x.tif", "y.tif", "-o", folder.file("c"))
    try fails(
      64, "HOST:PORT", "watch", "a.nxs", "-c", "c.json", "-o", folder.file("w"), "--serve", "--address",
      "0.0.0.0:99999")
  }

  @Test func badFiguresAreRefused() throws {
    let li = twin.path("truth/li.tif")
    let out = folder.file("out.png")
    try fails(64, "jet", "render", li, "-o", out, "--map", "jet")
    try fails(64, "range", "render", li, "-o", out, "--range", "1,1")
    try fails(64, "--range takes 2", "render", li, "-o", out, "--range", "1,b")
    try fails(64, "there is no slice z = 99", "render", li, "-o", out, "--slice", "99")
    try fails(64, "no slice at", "render", li, "-o", out, "--position-um", "1e6")
    try fails(64, "axis 'w'", "render", li, "-o", out, "--axis", "w")
    try fails(64, ".bmp", "render", li, "-o", folder.file("out.bmp"))
    try fails(64, "none", "render", li, "-o", out, "--preset", "none")
    try fails(66, "nowhere", "render", folder.file("nowhere.tif"), "-o", out)
    try fails(65, "no surface", "render", li, "-o", out, "--kind", "surface", "--level", "40")
    try fails(64, "needs as many times", "render", li, li, "-o", out, "--kind", "series", "--times", "1,2,3")
    try fails(
      65, "is not a calibration file", "render", try write("c.json", "{}"), "-o", out, "--kind", "calibration"
    )
    let nan = try volume("nan.tif") { _ in .nan }
    try fails(65, "no value", "render", nan, "-o", out)
    try fails(65, "no value", "render", nan, "-o", out, "--kind", "histogram")
    try fails(65, "every voxel is missing", "render", nan, "-o", out, "--kind", "volume")
    try fails(65, "leave it out", "render", li, nan, "-o", out, "--kind", "series")
    try fails(65, "three channels", "render", li, "-o", out, "--kind", "rose")
    let sigma = try volume("sigma.tif") { Float($0) }
    try fails(65, "voxels, the values", "render", li, "-o", out, "--sigma", sigma)
    // What cannot be used is refused.
    try fails(64, "columns is 0", "render", li, li, "-o", out, "--columns", "0")
    try fails(64, "columns are of several panels", "render", sigma, "-o", out, "--columns", "2")
    try fails(64, "from 0 to 1", "render", li, "-o", out, "--over", li, "--opacity", "3")
    try fails(64, "from 1 to 1000", "render", li, "-o", out, "--kind", "histogram", "--bins", "0")
    let table = try write("t.csv", "lithium,depth[um]\n1,2\n2,3\n")
    try fails(
      64, "did you mean 'lithium'", "render", table, "-o", out, "--kind", "scatter", "--x", "lithum", "--y",
      "depth")
    #expect(!FileManager.default.fileExists(atPath: out))
    let ramp = try volume("ramp.tif") { Float($0) }
    #expect(try run("render", ramp, "-o", out).status == 0)
    try fails(73, "exists already", "render", ramp, "-o", out)
    try fails(73, "a file where a folder is needed", "render", ramp, "-o", ramp + "/out.png")
  }

  @Test func stacksAndTheirErrors() throws {
    let ramp = try volume("ramp.tif") { Float($0) }
    let result = try run("stack", ramp, "-o", folder.file("slices"), "--bits", "16", "--format", "png")
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("slices")).sorted() == [
        "provenance.json", "slice_0000.png", "slice_0001.png", "slice_0002.png", "stack.json",
      ])
    try fails(73, "exists already", "stack", ramp, "-o", folder.file("slices"), "--format", "png")
    // The name says the format where no option does.
    #expect(try run("stack", ramp, "-o", folder.file("whole.nrrd")).status == 0)
    #expect(try VolumeFile.describe(folder.file("whole.nrrd")).kind == "nrrd")
    try fails(64, "8 or 16", "stack", ramp, "-o", folder.file("s"), "--bits", "12")
    try fails(64, "gif", "stack", ramp, "-o", folder.file("s"), "--format", "gif")
    try fails(64, "axis", "stack", ramp, "-o", folder.file("s"), "--axis", "q")
    try fails(64, "range", "stack", ramp, "-o", folder.file("s"), "--range", "3,3")
    try fails(73, "cannot be made", "stack", ramp, "-o", ramp + "/s")
  }

  /// Names with HTML and scripts in them come out as text.
  @Test func reportsAndExports() throws {
    let name = "<script>alert(1)<_script> & \"x\""
    let results = folder.file(name)
    try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: false)
    try FileManager.default.copyItem(
      atPath: try volume("li.tif") { Float($0) / 216 }, toPath: results + "/li.tif")
    try FileManager.default.copyItem(atPath: twin.calibration, toPath: results + "/<img src=x>.json")
    let page = folder.file("page.html")
    let report = try run("report", results, "-o", page)
    #expect(report.status == 0, "\(report.errors)")
    let html = try String(contentsOfFile: page, encoding: .utf8)
    #expect(!html.contains("<script>alert") && !html.contains("<img src=x"))
    #expect(html.contains("&lt;script&gt;alert(1)") && html.contains("Calibration line with residuals"))
    try fails(73, "exists already", "report", results, "-o", page)
    try fails(64, ".html", "report", results, "-o", folder.file("page.txt"))
    try fails(66, "no such folder", "report", folder.file("nowhere"), "-o", folder.file("p.html"))
    let export = try run("export", results, "-o", folder.file("export"))
    #expect(export.status == 0, "\(export.errors)")
    let made = try FileManager.default.contentsOfDirectory(atPath: folder.file("export"))
    #expect(
      made.contains { $0.hasSuffix(".ipynb") } && made.contains("li.npy") && made.contains("volumes.npz"))
    try fails(73, "exists already", "export", results, "-o", folder.file("export"))
    try fails(66, "no such folder", "export", folder.file("nowhere"), "-o", folder.file("e"))
    let empty = folder.file("empty")
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
    try fails(65, "holds no volumes", "report", empty, "-o", folder.file("p.html"))
  }

  /// The notebook of a map, run by Jupyter: no cell fails and it draws.
  @Test(
    .enabled(if: ExternalTools.python != nil, "no Python with nbconvert: make deps-test, or VOXELITH_PYTHON"))
  func notebookOfAMapRuns() throws {
    let map = try run("map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", folder.file("map"))
    #expect(map.status == 0, "\(map.errors)")
    let export = try run("export", folder.file("map"), "-o", folder.file("export"))
    #expect(export.status == 0, "\(export.errors)")
    let page = try ExternalTools.package(
      ["-m", "nbconvert", "--to", "html", "--execute", "explore.ipynb", "--ExecutePreprocessor.timeout=120"],
      in: folder.file("export"))
    #expect(page.status == 0, "\(page.log)")
    let html = try String(contentsOfFile: folder.file("export/explore.html"), encoding: .utf8)
    #expect(html.contains("data:image/png") && !html.contains("Traceback"))
  }
}
