import Foundation
import Glibc
import Live
import Readers
import Results
import TestSupport
import Testing
import Volumetry

/// What a watch sees of files and folders, and of those who write them.
@Suite struct InputTests {
  private func write(_ path: String, x: Int = 2) throws {
    let grid = Grid(shape: Shape(z: 1, y: 2, x: x), spacing: SIMD3(10, 10, 10))
    let energy = EnergyAxis(first: 50, width: 1, count: 4)
    var acquisition = Acquisition()
    acquisition.liveTime = 10
    let writer = try NexusSpectralWriter(path: path, grid: grid, energy: energy, acquisition: acquisition)
    try writer.write(
      [Float](repeating: 3, count: grid.shape.count * energy.count), to: Region(whole: grid.shape))
    try writer.finish()
  }

  @Test func aFileOfSeveralNamesCountsOnce() throws {
    let folder = try TemporaryFolder()
    for name in ["s_0.nxs", "s_1.nxs"] { try write(folder.file(name)) }
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("latest.nxs"), withDestinationPath: "s_1.nxs")
    try FileManager.default.linkItem(atPath: folder.file("s_0.nxs"), toPath: folder.file("s_0_again.nxs"))
    let survey = WatchedInput([folder.path], options: SpectralOpenOptions()).survey()
    #expect(survey.paths.map { PathName.last(of: $0) } == ["s_0.nxs", "s_1.nxs"])
    #expect(survey.aliases.map { PathName.last(of: $0) }.sorted() == ["latest.nxs", "s_0_again.nxs"])
    // A file that is named itself is not taken once more from its folder.
    let both = WatchedInput([folder.file("s_1.nxs"), folder.path], options: SpectralOpenOptions()).survey()
    #expect(both.paths.map { PathName.last(of: $0) } == ["s_1.nxs", "s_0.nxs"])
  }

  @Test func filesThatCannotBeReadAreNamed() throws {
    let folder = try TemporaryFolder()
    try write(folder.file("s_0.nxs"))
    try Data().write(to: URL(fileURLWithPath: folder.file("empty.nxs")))
    try Data("notes".utf8).write(to: URL(fileURLWithPath: folder.file("notes.txt")))
    let survey = WatchedInput([folder.path], options: SpectralOpenOptions()).survey()
    #expect(survey.paths == [folder.file("s_0.nxs")] && survey.unreadable == [folder.file("empty.nxs")])
  }

  @Test func aStrayIsLeftOutWhereMostGoTogether() throws {
    let folder = try TemporaryFolder()
    for (name, x) in [("a.nxs", 3), ("b.nxs", 2)] { try write(folder.file(name), x: x) }
    let input = WatchedInput([folder.path], options: SpectralOpenOptions())
    let spectra = try GrowingSpectra(SpectralInputSettings(), angle: 90, budget: 1 << 20)
    // One against one tells nothing.
    #expect(!spectra.leaveOutStrays(input.survey()) && spectra.strays.isEmpty)
    try write(folder.file("c.nxs"))
    #expect(spectra.leaveOutStrays(input.survey()))
    let source = try #require(try spectra.open(input.survey()))
    #expect(spectra.strays == [folder.file("a.nxs")] && source.grid.shape == Shape(z: 1, y: 2, x: 2))
    #expect(try source.readCounts(Region(whole: source.grid.shape)).allSatisfy { $0 == 6 })
  }

  /// A master that is there before its sources is looked at until they are.
  @Test(.enabled(if: ExternalTools.python != nil, "no Python with h5py (VOXELITH_PYTHON)"))
  func sourcesOfAMasterAreSeenWhenTheyCome() throws {
    let folder = try TemporaryFolder()
    let script = """
      import sys, h5py
      layout = h5py.VirtualLayout(shape=(2, 2, 2, 4), dtype="u4")
      for i in range(2):
          layout[i] = h5py.VirtualSource(f"part{i}.h5", "data", shape=(2, 2, 4))
      with h5py.File(sys.argv[1] + "/master.nxs", "w", libver="v110") as out:
          entry = out.create_group("entry")
          entry.attrs["NX_class"] = "NXentry"
          data = entry.create_group("data")
          data.attrs["NX_class"], data.attrs["signal"] = "NXdata", "counts"
          data.attrs["axes"] = ["z", "y", "x", "energy"]
          data.create_virtual_dataset("counts", layout).attrs["units"] = "counts"
          data.create_dataset("energy", data=[50.0, 51, 52, 53]).attrs["units"] = "keV"
      with h5py.File(sys.argv[1] + "/hidden", "w", libver="v110") as out:
          out.create_dataset("data", shape=(2, 2, 4), dtype="u4")
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(ExternalTools.python))
    process.arguments = ["-c", script, folder.path]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let input = WatchedInput([folder.file("master.nxs")], options: SpectralOpenOptions())
    // The answer that nothing is there does not stay.
    for _ in 0..<8 {
      #expect(input.survey().files.first?.stamps.count == 1)
      usleep(50_000)
    }
    for (count, name) in [(2, "part0.h5"), (3, "part1.h5")] {
      try FileManager.default.copyItem(atPath: folder.file("hidden"), toPath: folder.file(name))
      let end = Date().addingTimeInterval(10)
      while input.survey().files.first?.stamps.count != count, Date() < end { usleep(50_000) }
      #expect(input.survey().files.first?.stamps.count == count)
    }
  }

  /// A file that says nothing of its writer counts as closed only where a writer was seen to let go of it.
  @Test func aWriterThatWasSeenIsKnownToBeGone() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("scan.dat")
    try Data("counts".utf8).write(to: URL(fileURLWithPath: path))
    let survey = WatchedInput([path], options: SpectralOpenOptions()).survey()
    var (trace, blind) = (WriterTrace(), WriterTrace())
    blind.note(survey)
    #expect(survey.writers(blind) == .unknown)
    let file = unsafe open(path, O_RDWR)
    #expect(flock(file, LOCK_EX) == 0)
    trace.note(survey)
    #expect(survey.writers(trace) == .open)
    close(file)
    #expect(survey.writers(trace) == .released && survey.writers(blind) == .unknown)
  }

  @Test func whatSomebodyChangedIsNotReplaced() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("li.tif")
    let renewed = RenewedFiles()
    try Data("ours".utf8).write(to: URL(fileURLWithPath: path))
    renewed.note(renewed.marks(of: ["li.tif"], from: folder.path, to: folder.path))
    try renewed.check()
    try Data("edited by hand".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: VoxelithError.self) { try renewed.check() }
    #expect(renewed.changed == path)
    // What is out of the way is in nobody's.
    try FileManager.default.removeItem(atPath: path)
    try renewed.check()
  }
}
