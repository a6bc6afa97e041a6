import Foundation
import Readers
import Results
import TestSupport
import Testing
import Volumetry

@Suite struct ExportTests {
  /// A folder as `map` leaves it.
  private func results() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, state) in [("li.tif", 0.5), ("li_sigma.tif", 0.1)] {
      let volume = GalleryFigures.lithium(shape: Shape(z: 3, y: 8, x: 10), state: state)
      let writer = try TIFFVolumeWriter(path: folder.file(name), grid: volume.grid, type: .float32)
      try writer.write(.float32(volume.voxels), to: Region(whole: volume.shape))
      try writer.finish()
    }
    try Data(#"{"bias": 0.001}"#.utf8).write(to: URL(fileURLWithPath: folder.file("map.json")))
    return folder
  }

  @Test func arraysReadBackEqual() throws {
    let folder = try results()
    let record = try NotebookExport().write(ResultFolder(folder.path), to: folder.file("export"))
    #expect(record.volumes.map(\.name) == ["li", "li_sigma"])
    let truth = GalleryFigures.lithium(shape: Shape(z: 3, y: 8, x: 10), state: 0.5)
    let array = try VolumeFile.open(folder.file("export/li.npy")).loadFloats()
    #expect(array.shape == truth.shape)
    #expect(
      zip(array.voxels, truth.voxels).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN })
    let lines = try String(contentsOfFile: folder.file("export/voxels.csv"), encoding: .utf8).split(
      separator: "\n")
    #expect(lines[0] == "z_um,y_um,x_um,li,li_sigma")
    #expect(lines.count == 1 + 240)
    #expect(lines[1].hasPrefix("5.0,5.0,5.0,\(truth[0, 0, 0]),"))
    let again = #expect(throws: VoxelithError.self) {
      try NotebookExport().write(ResultFolder(folder.path), to: folder.file("export"))
    }
    #expect(again?.code == .cannotCreate)
  }

  /// The notebook run by Jupyter.
  @Test(
    .enabled(if: ExternalTools.python != nil, "no Python with nbconvert: make deps-test, or VOXELITH_PYTHON"))
  func notebookRuns() throws {
    let folder = try results()
    try NotebookExport().write(ResultFolder(folder.path), to: folder.file("export"))
    let check = """
      import numpy, sys
      with numpy.load('volumes.npz') as z:
          assert sorted(z) == ['li', 'li_sigma'] and z['li'].shape == (3, 8, 10)
          assert numpy.array_equal(z['li'], numpy.load('li.npy'), equal_nan=True)
      """
    for arguments in [
      ["-c", check],
      ["-m", "nbconvert", "--to", "html", "--execute", "explore.ipynb", "--ExecutePreprocessor.timeout=120"],
    ] {
      let result = try ExternalTools.package(arguments, in: folder.file("export"))
      #expect(result.status == 0, "\(arguments): \(result.log)")
    }
    let html = try String(contentsOfFile: folder.file("export/explore.html"), encoding: .utf8)
    #expect(html.contains("image/png") || html.contains("data:image/png"))
  }
}
