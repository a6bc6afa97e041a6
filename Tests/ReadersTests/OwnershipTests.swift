import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// What is in the way of an output is never lost unasked, and one run at a time writes into a folder.
@Suite struct OwnershipTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func put(_ name: String, _ text: String = "mine") throws -> String {
    let path = folder.file(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  @Test func nothingButFilesIsReplaced() throws {
    let pipe = folder.file("pipe")
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    let link = folder.file("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
    let lost = folder.file("lost")
    try FileManager.default.createSymbolicLink(atPath: lost, withDestinationPath: folder.file("nowhere"))
    for path in [pipe, link, lost, "/dev/null", folder.path] {
      let error = #expect(throws: VoxelithError.self) {
        try OutputFile.write("text", to: path, overwrite: true)
      }
      #expect(error?.code == .cannotCreate, "\(path)")
    }
    var facts = stat()
    #expect(unsafe lstat(pipe, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO)
    #expect(unsafe lstat("/dev/null", &facts) == 0 && facts.st_mode & S_IFMT == S_IFCHR)
    #expect(folder.entries == ["link", "lost", "pipe"])
  }

  @Test func aFileThatCameMeanwhileStays() throws {
    let path = folder.file("out.bin")
    let output = try OutputFile(path, overwrite: false)
    _ = try put("out.bin")
    #expect(throws: VoxelithError.self) { try output.commit() }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    #expect(folder.entries == ["out.bin"])
  }

  @Test func namesUpToTheLongestThatFits() throws {
    for count in [200, 250, 255] {
      let name = String(repeating: "n", count: count)
      try OutputFile.write("text", to: folder.file(name), overwrite: false)
      try OutputFile.write("text", to: folder.file(name), overwrite: true)
    }
    let error = #expect(throws: VoxelithError.self) {
      try OutputFile.write("text", to: folder.file(String(repeating: "n", count: 256)), overwrite: false)
    }
    #expect(error?.code == .cannotCreate)
    #expect(folder.entries.allSatisfy { $0.hasPrefix("n") })
  }

  @Test func aZarrFolderWithSomethingOfTheUsersStays() throws {
    let path = folder.file("image.zarr")
    let grid = Grid(shape: Shape(z: 2, y: 2, x: 2), spacing: .one)
    func write(overwrite: Bool) throws {
      let writer = try ZarrVolumeWriter(path: path, grid: grid, type: .uint8, overwrite: overwrite)
      try writer.write(.uint8([UInt8](repeating: 1, count: 8)), to: Region(whole: grid.shape))
      try writer.finish()
    }
    try write(overwrite: false)
    try write(overwrite: true)
    let note = try put("image.zarr/0/notes.txt")
    let error = #expect(throws: VoxelithError.self) { try write(overwrite: true) }
    #expect(error?.code == .cannotCreate && error?.message.contains("notes.txt") == true)
    #expect(try String(contentsOfFile: note, encoding: .utf8) == "mine")
    #expect(folder.entries == ["image.zarr"])
  }

  @Test func oneRunAtATime() throws {
    let results = folder.file("results")
    do {
      let lock = try ResultsLock(results)
      let work = try lock.makeWorkFolder(for: "map")
      #expect(FileManager.default.fileExists(atPath: work))
      // A process holds what it holds; another one is refused: see `CommandTests`.
      let again = try ResultsLock(results)
      #expect(again.folder == lock.folder)
      try FileManager.default.removeItem(atPath: work)
    }
    // Nothing stays of it.
    #expect(try FileManager.default.contentsOfDirectory(atPath: results).isEmpty)
  }

  @Test func whatDeadProcessesLeftGoesAndNothingElse() throws {
    // No process has number 2^22 or above.
    let dead = "4194999-1-1"
    let machine = try #require(
      {
        let lock = try ResultsLock(folder.file("other"))
        let name = (try lock.makeWorkFolder(for: "map") as NSString).lastPathComponent
        return name.split(separator: "-").dropLast(3).last.map(String.init)
      }())
    let own = try put("results/map/.voxelith-\(machine)-\(dead).part")
    let work = try put("results/.voxelith/work/map-\(machine)-\(dead)/li.tif")
    _ = try put("results/.voxelith/lock", "process 4194999")
    let kept = [
      try put("results/.voxelith-notes.part"), try put("results/.hidden.part"),
      try put("results/.voxelith-0000000f-12-13-1.part"), try put("results/.voxelith/work/mine.txt"),
      try put("results/map/li.tif"),
    ]
    let left = try Leftovers(in: folder.file("results"))
    #expect(left.dead.count == 2 && left.elsewhere.count == 1 && left.alive.isEmpty)
    #expect(try left.remove().count == 2)
    #expect(!FileManager.default.fileExists(atPath: own))
    #expect(!FileManager.default.fileExists(atPath: work))
    #expect(!FileManager.default.fileExists(atPath: folder.file("results/.voxelith/lock")))
    for path in kept { #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine") }
  }
}
