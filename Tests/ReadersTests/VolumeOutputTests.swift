import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Output files")
struct VolumeOutputTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.file(name), encoding: .utf8)
  }

  @Test func replacesOnlyWhenAsked() throws {
    try OutputFile.write("one", to: folder.file("a.txt"), overwrite: false)
    let error = #expect(throws: VoxelithError.self) {
      try OutputFile.write("two", to: folder.file("a.txt"), overwrite: false)
    }
    #expect(error?.code == .cannotCreate)
    expectClear(error, .cannotCreate, naming: "a.txt")
    #expect(try text("a.txt") == "one")
    try OutputFile.write([UInt8]("three".utf8), to: folder.file("a.txt"), overwrite: true)
    #expect(try text("a.txt") == "three")
    #expect(folder.entries == ["a.txt"])
  }

  @Test func aFileThatAppearsMeanwhileIsKept() throws {
    let output = try OutputFile(folder.file("a.txt"), overwrite: false)
    try writeBytes([0x78], to: folder.file("a.txt"))
    #expect(throws: VoxelithError.self) { try output.commit() }
    #expect(try text("a.txt") == "x")
    #expect(folder.entries == ["a.txt"])
  }

  @Test func foldersInTheWay() throws {
    try OutputFile.prepareFolder(folder.file("deep/er"))
    try OutputFile.prepareFolder(folder.file("deep/er"))
    for path in ["deep", "none/a.txt"] {
      let error = #expect(throws: VoxelithError.self) {
        try OutputFile.write("x", to: folder.file(path), overwrite: true)
      }
      #expect(error?.code == .cannotCreate)
    }
    try OutputFile.write("x", to: folder.file("file"), overwrite: false)
    let error = #expect(throws: VoxelithError.self) { try OutputFile.prepareFolder(folder.file("file")) }
    #expect(error?.code == .cannotCreate)
  }

  @Test func jsonHasSortedKeysAndNullForNaN() throws {
    struct Result: Codable {
      var zebra = Double.nan
      var apple = Float.infinity
      var path = "a/b"
      var list: [Double] = [0.1, -.infinity]
      var absent: Int?
    }
    try JSONOutput.write(Result(), to: folder.file("r.json"), overwrite: false)
    #expect(
      try text("r.json") == """
        {
          "apple" : null,
          "list" : [
            0.1,
            null
          ],
          "path" : "a/b",
          "zebra" : null
        }

        """)
    let object = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: folder.file("r.json"))))
    #expect((object as? [String: Any])?["zebra"] is NSNull)
  }
}
