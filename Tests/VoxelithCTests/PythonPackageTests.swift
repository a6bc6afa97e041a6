import Foundation
import TestSupport
import Testing

/// The tests of the Python package, by Python; see `Tests/Python`.
@Suite struct PythonPackageTests {
  private static let skipped: Comment = "no Python with numpy: make deps-test, or VOXELITH_PYTHON"

  @Test(
    .enabled(if: ExternalTools.python != nil, skipped), .timeLimit(.minutes(10)),
    arguments: [
      "test_same_as_program", "test_further", "test_inputs", "test_interface", "test_notebook", "test_napari",
    ])
  func testsOfThePackagePass(_ module: String) throws {
    let run = try ExternalTools.package(["-m", "unittest", "-v", module])
    #expect(run.status == 0, "\(run.log)")
    // Nothing passes because nothing ran.
    #expect(run.log.contains("... ok") || run.log.contains("... skipped"), "\(run.log)")
    for line in run.log.split(separator: "\n") where line.contains("... skipped") { print("SKIPPED \(line)") }
  }

  /// The ten lines of the README are run as they stand there, on the phantom of `Volumes`.
  @Test(.enabled(if: ExternalTools.python != nil, skipped))
  func readmeExampleRuns() throws {
    let readme = try String(contentsOfFile: PackageFiles.root + "/README.md", encoding: .utf8)
    let code = try #require(readme.components(separatedBy: "```python\n").dropFirst().first)
      .components(separatedBy: "```")[0]
    let lines = code.split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(lines.count <= 10)
    let folder = try TemporaryFolder()
    try code.write(toFile: folder.file("example.py"), atomically: true, encoding: .utf8)
    for name in ["xcs.nxs", "standards.yaml", "standards"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.file(name), withDestinationPath: PackageFiles.root + "/Volumes/phantom/" + name)
    }
    let run = try ExternalTools.package(["example.py"], in: folder.path)
    #expect(run.status == 0, "\(run.log)")
    #expect(run.log.contains("x = 0."), "\(run.log)")
  }
}
