import Foundation
import Voxelith

/// What a run found, as JSON.
struct FuzzRecord: Codable {
  struct Finding: Codable {
    var mutant: Int
    /// crash, hang, allocation, internal or message.
    var kind: String
    var detail: String
  }

  struct Reader: Codable {
    var reader: String
    var mutants: Int
    var read: Int
    var refused: Int
    var peakBytes: Int
    var peakFileBytes: Int
    var seconds: Double
    var findings: [Finding]

    enum CodingKeys: String, CodingKey {
      case reader, mutants, read, refused, seconds, findings
      case peakBytes = "peak_bytes"
      case peakFileBytes = "peak_file_bytes"
    }
  }

  var seed: UInt64
  var readers: [Reader]
}

/// Starts workers, and notes which mutant ended or stopped one.
struct Supervisor {
  let folder: String
  let seed: UInt64
  /// Seconds after which a mutant counts as a hang.
  let patience: Double
  /// Findings after which a reader is left.
  static let findingLimit = 200

  func run(_ target: FuzzTarget, count: Int, from first: Int = 0) throws -> FuzzRecord.Reader {
    let journal = folder + "/journal-" + target.rawValue
    for name in [journal, journal + ".notes"] { try? FileManager.default.removeItem(atPath: name) }
    var findings: [FuzzRecord.Finding] = []
    var next = first
    let start = ContinuousClock.now
    while next < first + count, findings.count < Self.findingLimit {
      guard let stop = try runWorker(target, next..<(first + count), journal: journal) else { break }
      findings.append(stop)
      next = stop.mutant + 1
    }
    let state = Journal.state(journal)
    let elapsed = start.duration(to: .now)
    return FuzzRecord.Reader(
      reader: target.rawValue, mutants: state.number + 1 - first, read: state.read, refused: state.refused,
      peakBytes: state.peak, peakFileBytes: state.peakSize,
      seconds: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18,
      findings: findings + Journal.notes(journal))
  }

  /// Runs one worker; answers the mutant that ended or stopped it, or nil where it came to its end.
  private func runWorker(_ target: FuzzTarget, _ numbers: Range<Int>, journal: String) throws -> FuzzRecord
    .Finding?
  {
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    process.arguments = [
      "worker", target.rawValue, folder, "--seed", "\(seed)", "--from", "\(numbers.lowerBound)", "--to",
      "\(numbers.upperBound)",
    ]
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_BACKTRACE"] = environment["SWIFT_BACKTRACE"] ?? "enable=no"
    process.environment = environment
    let errors = journal + ".stderr"
    _ = FileManager.default.createFile(atPath: errors, contents: nil)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    var seen = (number: -1, at: ContinuousClock.now)
    var isHanging = false
    while process.isRunning {
      Thread.sleep(forTimeInterval: 0.02)
      let number = Journal.state(journal).number
      if number != seen.number { seen = (number, .now) }
      if seen.at.duration(to: .now) > .seconds(patience) {
        isHanging = true
        kill(process.processIdentifier, SIGKILL)
      }
    }
    process.waitUntilExit()
    if !isHanging, process.terminationReason == .exit, process.terminationStatus == 0 { return nil }
    let number = Journal.state(journal).number
    guard numbers.contains(number) else { throw FuzzFailure(detail: Self.tail(errors)) }
    let detail =
      "ended by \(process.terminationReason == .exit ? "status" : "signal") \(process.terminationStatus): "
    return FuzzRecord.Finding(
      mutant: number, kind: isHanging ? "hang" : "crash",
      detail: isHanging ? "no end after \(patience) s" : detail + Self.tail(errors))
  }

  private static func tail(_ path: String) -> String {
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    let lines = text.split(separator: "\n").filter { !$0.isEmpty }
    return String(
      (lines.first { $0.contains("rror") || $0.contains("ERROR") } ?? lines.last ?? "").prefix(400))
  }
}

struct FuzzFailure: Error { var detail: String }
