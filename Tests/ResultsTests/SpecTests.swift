import Correlation
import Drawing
import Foundation
import Readers
import Results
import TestSupport
import Testing
import Volumetry

@Suite struct SpecTests {
  private func spec(_ json: String) throws -> FigureSpec {
    try JSONDecoder().decode(FigureSpec.self, from: Data(json.utf8))
  }

  /// A folder with lithium maps, open through headerless reading and TIFF.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, state) in [("a.tif", 0.4), ("b.tif", 0.7)] {
      let volume = GalleryFigures.lithium(shape: Shape(z: 4, y: 10, x: 12), state: state)
      let writer = try TIFFVolumeWriter(path: folder.file(name), grid: volume.grid, type: .float32)
      try writer.write(.float32(volume.voxels), to: Region(whole: volume.shape))
      try writer.finish()
    }
    return folder
  }

  @Test func optionsFollowPresetAndOverrides() throws {
    let options = try spec(#"{"preset": "nature", "double_column": true, "dpi": 600, "panels": []}"#)
      .options()
    #expect(abs(options.width.millimetres - 183) < 1e-9 && options.dpi == 600)
    let own = try spec(#"{"preset": "acs", "width_mm": 50, "font_size_pt": 14, "panels": []}"#).options()
    #expect(abs(own.width.millimetres - 50) < 1e-9 && own.style.labelSize == 14)
    #expect(throws: VoxelithError.self) { try spec(#"{"preset": "none", "panels": []}"#).options() }
    #expect(throws: VoxelithError.self) { try spec(#"{"panels": []}"#).figure() }
  }

  /// A slice with its own map keeps it and its own bar beside a volume that shares its range with others.
  @Test func ownMapIsKeptBesideAVolume() throws {
    let folder = try folder()
    func figure(_ map: String) throws -> PanelFigure {
      let panels = #"{"kind": "volume", "file": "a.tif"}, {"kind": "slice", "file": "b.tif"\#(map)}"#
      let made = try spec(#"{"shared_range": true, "panels": [\#(panels)]}"#).figure(in: folder.path)
      return try #require(made as? PanelFigure)
    }
    let shared = try #require(try figure("").panels[1] as? SliceFigure)
    #expect(!shared.showsColorBar && shared.scale.map.name == "batlow")
    let own = try #require(try figure(#", "map": "grey""#).panels[1] as? SliceFigure)
    #expect(own.showsColorBar && own.scale.map.name == "grey")
  }

  /// Errors in the file of the values stand beside them as NeXus has it, and are drawn with them.
  @Test func errorsInTheFileOfTheValuesAreFound() throws {
    let folder = try folder()
    let output = try HDF5Output(path: folder.file("map.nxs"), overwrite: false)
    try output.group("/entry", class: "NXentry")
    try output.attribute("default", .strings(["data"]), of: "/entry")
    try output.group("/entry/data", class: "NXdata")
    for (name, value) in [("lithium", 0.5), ("lithium_errors", 0.125)] as [(String, Float)] {
      let array = try HDF5OutputArray(
        "/entry/data/" + name, in: output, type: .float32, shape: [4, 10, 12], chunk: [1, 10, 12])
      let values = (0..<480).map { value * (name == "lithium" ? Float($0 % 7) : 1) }
      try array.write(.float32(values), start: [0, 0, 0], count: [4, 10, 12])
      array.close()
    }
    let grid = Grid(shape: Shape(z: 4, y: 10, x: 12), spacing: SIMD3(2, 2, 2))
    try output.axes(of: grid, in: "/entry/data", signal: "lithium")
    try output.finish()
    let path = folder.file("map.nxs")
    #expect(PanelSpec.sigma(besideFile: path) == path)
    #expect(PanelSpec.sigma(besideFile: path, dataset: "/entry/data/lithium_errors") == nil)
    let figure = try spec(#"{"panels": [{"kind": "slice", "file": "map.nxs"}]}"#).figure(in: folder.path)
    let slice = try #require(figure as? SliceFigure)
    #expect(slice.note?.plain.contains("0.13") == true || slice.note?.plain.contains("0.12") == true)
  }

  /// Axes and colour bars say what the file's own attributes say, unless the panel does.
  @Test func attributesOfAFileAreItsLabel() throws {
    let folder = try folder()
    let output = try HDF5Output(path: folder.file("scan.h5"), overwrite: false)
    try output.group("/entry", class: "NXentry")
    let array = try HDF5OutputArray(
      "/entry/current", in: output, type: .float32, shape: [4, 10, 12], chunk: [1, 10, 12])
    let values = (0..<480).map { Float($0 % 17) }
    try array.write(.float32(values), start: [0, 0, 0], count: [4, 10, 12])
    array.close()
    try output.attribute("long_name", .strings(["beam current"]), of: "/entry/current")
    try output.attribute("units", .strings(["um"]), of: "/entry/current")
    try output.finish()
    func drawn(_ panel: String) throws -> String {
      let figure = try spec(#"{"panels": [{"file": "scan.h5", \#(panel)}]}"#)
      try figure.figure(in: folder.path).write(
        to: folder.file("figure.svg"), options: try figure.options(overwrite: true))
      return try String(contentsOfFile: folder.file("figure.svg"), encoding: .utf8)
    }
    for kind in ["histogram", "slice", "profile"] {
      #expect(try drawn(#""kind": "\#(kind)""#).contains("beam current (\u{00B5}m)"), "\(kind)")
    }
    let own = try drawn(#""kind": "slice", "units": "mA""#)
    #expect(own.contains("beam current (mA)") && !own.contains("current (\u{00B5}m)"))
    #expect(try drawn(#""kind": "histogram", "label": "ring""#).contains("ring"))
  }

  @Test func missingFileNamesItsPanel() throws {
    let error = #expect(throws: VoxelithError.self) {
      try spec(#"{"panels": [{"kind": "slice", "file": "/nowhere/li.tif"}]}"#).figure()
    }
    #expect(error?.code == .missing && error?.place == "panel a")
  }

  @Test func badPanelsAreRefused() throws {
    let folder = try folder()
    for panel in [
      #"{"kind": "slice", "file": "a.tif", "axis": "w"}"#,
      #"{"kind": "slice", "file": "a.tif", "map": "jet"}"#,
      #"{"kind": "slice", "file": "a.tif", "range": [1]}"#,
      #"{"kind": "slice", "file": "a.tif", "range": [2, 1]}"#,
      #"{"kind": "slice", "file": "a.tif", "slice": 99}"#, #"{"kind": "value-and-sigma", "file": "a.tif"}"#,
      #"{"kind": "density", "file": "a.tif"}"#, #"{"kind": "slice", "file": "a.tif", "normal": [0, 0, 0]}"#,
      #"{"kind": "slice", "file": "a.tif", "voxel_size_um": [1, -1, 1]}"#,
    ] {
      #expect(throws: VoxelithError.self, "\(panel)") {
        try spec(#"{"panels": [\#(panel)]}"#).figure(in: folder.path)
      }
    }
  }

  @Test("the line of a table of voxels is that of its volumes: rows are neighbours")
  func tablesOfVoxelsKnowTheirNeighbours() throws {
    let folder = try folder()
    let shape = Shape(z: 4, y: 10, x: 12)
    let a = try VolumeFile.open(folder.file("a.tif"))
    let b = try VolumeFile.open(folder.file("b.tif"))
    var table = try VoxelTable(grid: a.grid)
    for (name, source) in [("a", a), ("b", b)] {
      try table.add(name, unit: "1", values: try source.readFloats(Region(whole: shape)).map { Double($0) })
    }
    try Data(table.csv().utf8).write(to: URL(fileURLWithPath: folder.file("voxels.csv")))
    func line(_ panel: String) throws -> (label: String, y: [Double]) {
      let figure = try spec(#"{"panels": [\#(panel)]}"#).figure(in: folder.path)
      let plot = try #require(((figure as? PanelFigure)?.panels[0] as? Plot ?? figure as? Plot)?.series.last)
      guard case .line(_, let y, _) = plot.shape else { throw VoxelithError(.data, "no line") }
      return ("\(String(describing: plot.label))", y)
    }
    let volumes = try line(#"{"kind": "scatter", "file": "a.tif", "file2": "b.tif", "line": "fit"}"#)
    let rows = try line(
      #"{"kind": "scatter", "file": "voxels.csv", "x": "a[1]", "y": "b[1]", "line": "fit"}"#)
    // The table has its values in single precision, which a p value of 1e-14 shows.
    func independent(_ label: String) -> Substring? { label.firstMatch(of: /\d+ independent/)?.output }
    #expect(independent(rows.label) == independent(volumes.label), "\(rows.label) \(volumes.label)")
    #expect(rows.label.contains("independent"))
    #expect(zip(rows.y, volumes.y).allSatisfy { abs($0 - $1) < 1e-6 })
    let text = try String(contentsOfFile: folder.file("voxels.csv"), encoding: .utf8).split(separator: "\n")
    try (text + text.suffix(1)).joined(separator: "\n").write(
      toFile: folder.file("twice.csv"), atomically: true, encoding: .utf8)
    #expect(throws: VoxelithError.self) {
      try line(#"{"kind": "scatter", "file": "twice.csv", "x": "a[1]", "y": "b[1]", "line": "fit"}"#)
    }
  }
}
