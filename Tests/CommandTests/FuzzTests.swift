import Foundation
import TestSupport
import Testing
import Voxelith

/// The short form of the run over damaged files: no crash, no hang, no memory that the file does not justify.
@Suite struct FuzzTests {
  @Test func damagedFilesOfEveryReader() throws {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: (Program.path as NSString).deletingLastPathComponent + "/ReaderFuzz")
    process.arguments = [
      "--count", "\(Soak.count(short: 300, long: 100_000))", "--seed", Soak.isLong ? "1" : "2",
      "--record", folder.file("record.json"),
    ]
    if let shared = SharedData.folder { process.arguments? += ["--shared", shared] }
    // A crash must end the process at once, not wait for a backtrace that keeps the pipe open.
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) {
      $1
    }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    if Soak.isLong { print(text) }
    struct Record: Decodable {
      struct Reader: Decodable {
        let reader: String
        let mutants: Int
        let read: Int
        let refused: Int
      }
      let readers: [Reader]
    }
    let data = try #require(FileManager.default.contents(atPath: folder.file("record.json")))
    let record = try JSONDecoder().decode(Record.self, from: data)
    #expect(record.readers.count == 17)
    for reader in record.readers {
      #expect(reader.mutants >= 300, "\(reader.reader)")
      // A reader that refuses everything, or takes everything, is not tried by its mutants.
      #expect(reader.refused > 0, "\(reader.reader)")
      if reader.reader != "yaml" { #expect(reader.read > 0, "\(reader.reader)") }
    }
  }
}
