import Foundation
import TestSupport
import Testing
// readme-example
import Voxelith

func mapLithium(_ spectra: String, standards: String, into folder: String) throws {
  let calibration = try Calibration(StandardsFile.load(standards))
  let map = try LithiumMap(source: SpectralFile.open(spectra), calibration: calibration)
  let report = try MapFolder.write(
    map, method: .profile, calibration: calibration, to: folder, overwrite: false, resources: Resources())
  print("x = \(report.meanX ?? .nan) +- \(report.meanXSigma ?? .nan) in \(report.mapped) voxels")
}
// end

@Suite struct ReadmeExampleTests {
  /// The example in README.md is the code above, and it maps the phantom of `Volumes`.
  @Test func exampleRunsAndIsTheOneShown() throws {
    let here = URL(fileURLWithPath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    let source = try String(contentsOf: here, encoding: .utf8)
    let code = source.components(separatedBy: "// readme-example\n")[1].components(separatedBy: "// end")[0]
    #expect(try String(contentsOfFile: root + "/README.md", encoding: .utf8).contains(code))
    let folder = try TemporaryFolder()
    try mapLithium(
      root + "/Volumes/phantom/xcs.nxs", standards: root + "/Volumes/phantom/standards.yaml",
      into: folder.file("map"))
    let comparison = try TruthComparison(
      map: try VolumeFile.open(folder.file("map/li.tif")),
      sigma: try VolumeFile.open(folder.file("map/li_sigma.tif")),
      truth: try VolumeFile.open(root + "/Volumes/phantom/truth/li.tif"))
    #expect(abs(comparison.pullMean) < 0.4 && abs(comparison.pullSpread - 1) < 0.2)
  }
}
