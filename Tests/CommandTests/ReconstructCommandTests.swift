import Foundation
import TestSupport
import Testing
import Voxelith

/// `reconstruct` from the file to the map.
struct ReconstructCommandTests {
  @Test("a disc of one content is found with its error, the same for any number of threads")
  func disc() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let file = folder.file("projections.nxs")
    try SmallProjections.write(file, calibration: twin.calibration)
    for (name, threads) in [("one", "1"), ("two", "2")] {
      let made = try Program.run(
        [
          "reconstruct", file, "-c", twin.calibration, "-o", folder.file(name), "--threads", threads,
          "--live-time", "0.001",
        ],
        in: folder)
      #expect(made.status == 0, "\(made.errors)")
    }
    for name in ["li.tif", "li_sigma.tif", "intensity.tif", "mask.tif"] {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: folder.file("one/" + name)))
          == Data(contentsOf: URL(fileURLWithPath: folder.file("two/" + name))))
    }
    let report = try ResultFile.read(MapReport.self, folder.file("one/map.json"))
    let (mean, sigma) = (try #require(report.meanX), try #require(report.meanXSigma))
    #expect(abs(mean - 0.6) < 4 * sigma)
    #expect(report.tomography?.projections == 16)
    #expect(report.shape == [12, 1, 12])
  }

  @Test(
    "angles that repeat, axes in the wrong order and spectra that are no projections are errors that say so")
  func badInput() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let repeated = folder.file("repeated.nxs")
    try SmallProjections.write(repeated, calibration: twin.calibration, angles: [0, 45, 90, 135, 0])
    let turned = folder.file("turned.nxs")
    try SmallProjections.write(
      turned, calibration: twin.calibration, axes: ["y", "rotation_angle", "x", "energy"])
    for (file, word) in [
      (repeated, "more than once"), (turned, "rotation angle"), (twin.path("xcs.nxs"), "rotation"),
    ] {
      let made = try Program.run(
        ["reconstruct", file, "-c", twin.calibration, "-o", folder.file("bad"), "--live-time", "0.001"],
        in: folder)
      #expect(made.status == 65)
      #expect(made.errors.contains(word), "\(made.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("bad/li.tif")))
    }
  }
}
