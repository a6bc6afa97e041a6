import Foundation
import TestSupport
import Testing

/// The page of a watch in a real browser, while a writer writes.
@Suite(.serialized) struct LivePageTests {
  private struct Seen: Decodable {
    var first, later, last, images, writer, watch: Int
    var afterRestart: Int
    var files, readout, region, state, title: String
    var left, layout, errorsBefore, errorsAfter: [String]

    enum CodingKeys: String, CodingKey {
      case first, later, last, images, writer, watch, files, readout, region, state, title, left, layout
      case afterRestart = "after_restart"
      case errorsBefore = "errors_before"
      case errorsAfter = "errors_after"
    }
  }

  @Test(
    .enabled(
      if: ExternalTools.chromium != nil && ExternalTools.python != nil,
      "chromium or a Python with h5py (VOXELITH_PYTHON) is not installed"))
  func thePageFillsAndComesBack() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let (status, output, log) = try ExternalTools.run(
      ExternalTools.python,
      [
        PackageFiles.root + "/Tests/Python/live_page.py", ExternalTools.chromium ?? "", Program.path,
        twin.calibration, twin.path("xcs.nxs"), folder.path,
      ])
    let told = (try? String(contentsOfFile: folder.file("live.log"), encoding: .utf8)) ?? ""
    #expect(status == 0, "\(log) \(told)")
    let seen = try JSONDecoder().decode(Seen.self, from: Data(output.utf8))
    // It fills while the writer writes, and to its end after both sides were started again.
    #expect(seen.first > 0 && seen.later > seen.first && seen.last >= seen.afterRestart, "\(seen)")
    #expect(seen.last > seen.later && seen.state == "ended: the writer closed the file", "\(seen)")
    #expect(seen.writer == 0 && seen.watch == 0, "\(seen) \(told)")
    // Names are text.
    #expect(
      seen.files.contains("<img src=x") && seen.images == 0 && !seen.title.contains("broken"), "\(seen)")
    #expect(seen.readout.contains("z, y, x = ") && seen.region.contains("0:"), "\(seen)")
    #expect(seen.left.count == 3 && seen.left.allSatisfy { $0.count > 3 }, "\(seen.left)")
    #expect(seen.layout.isEmpty, "\(seen.layout)")
    #expect(seen.errorsBefore.isEmpty && seen.errorsAfter.isEmpty, "\(seen)")
  }
}
