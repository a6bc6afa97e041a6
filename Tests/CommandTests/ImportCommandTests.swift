import Foundation
import TestSupport
import Testing
import Voxelith

/// `import`, and options that messages of the readers name.
@Suite struct ImportCommandTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  @Test func importsAreReadAsTheyWere() throws {
    let run = try Program.run(
      [
        "import", twin.path("xcs.nxs"), "-o", folder.file("xcs.nxs"), "--report",
        folder.file("geometry.json"),
        "--json",
      ], in: folder)
    #expect(run.status == 0, "\(run.errors)")
    let report = try JSONDecoder().decode(ImportReport.self, from: Data(run.output.utf8))
    for quantity in ["energies", "voxel size", "live time", "beam energy", "scattering angle"] {
      #expect(report.origins.contains { $0.quantity == quantity }, "\(quantity)")
    }
    let (before, after) = (
      try SpectralFile.open(twin.path("xcs.nxs")), try SpectralFile.open(folder.file("xcs.nxs"))
    )
    #expect(
      before.grid == after.grid && before.energy == after.energy && before.acquisition == after.acquisition)
    let whole = Region(whole: before.grid.shape)
    #expect(try before.readCounts(whole) == after.readCounts(whole))
    let again = try Program.run(["import", twin.path("xcs.nxs"), "-o", folder.file("xcs.nxs")], in: folder)
    #expect(again.status == 73)
  }

  @Test func optionsThatExcludeEachOtherAreUsage() throws {
    for wrong in [
      ["--snake"], ["--scan-shape", "4,5", "--positions", "none"], ["--scan-shape", "0,5"],
      ["--energy-coefficients", "84"], ["--detector", "a"], ["--positions", "w=/a"], ["--deflate", "11"],
    ] {
      let run = try Program.run(
        ["import", twin.path("xcs.nxs"), "-o", folder.file("x.nxs")] + wrong, in: folder)
      #expect(run.status == 64, "\(wrong): \(run.errors)")
    }
    #expect(folder.entries.isEmpty)
  }

  /// An option that a message names exists on the command, or the message says which commands have it.
  @Test func messagesNameOptionsThatExist() throws {
    let channels = folder.file("channels.csv")
    try ("channel,counts\n" + (0..<40).map { "\($0),5\n" }.joined()).write(
      toFile: channels, atomically: true, encoding: .utf8)
    let inspect = try Program.run(["inspect", channels], in: folder)
    #expect(inspect.status == 65)
    #expect(inspect.errors.contains("--energy-coefficients") && !inspect.errors.contains("is an option of"))
    let good = try Program.run(["inspect", channels, "--energy-coefficients", "84,0.5"], in: folder)
    #expect(good.status == 0 && good.output.contains("84 to 103.5 keV"), "\(good.errors)")
    let plan = try Program.run(
      ["plan", twin.calibration, "--spectra", channels, "--target", "0.02"], in: folder)
    #expect(plan.status == 65)
    #expect(
      plan.errors.contains("--energy-coefficients") && !plan.errors.contains("is an option of"),
      "\(plan.errors)")
    #expect(plan.errorLines <= 2)
  }
}
