import AllocationWatch
import Foundation
import Voxelith

/// Reads mutants one after another in a process of its own, and notes each before it is read.
struct Worker {
  let target: FuzzTarget
  let folder: String
  let seed: UInt64

  /// Bytes that a reader may hold at once for a file: what a stream of 64 Ki voxels and a library's own caches take,
  /// and what Deflate can unpack (1032 times) of the file.
  static func allowance(size: Int) -> Int { (64 << 20) + 1100 * size }

  func run(_ numbers: Range<Int>) throws {
    if target == .structure { return try StructureWorker(folder: folder, seed: seed).run(numbers) }
    let mutator = Mutator(
      seeds: try Seeds.load(folder + "/seeds-" + target.rawValue), tokens: target.tokens, seed: seed)
    let journal = try Journal(writing: folder + "/journal-" + target.rawValue)
    let context = try FuzzContext(twin: folder + "/twin")
    // Half of it may unpack one block, which is what the allowance has for files of any length.
    ReadingMemory.budget = 128 << 20
    let path = folder + "/twin/mutant-\(target.rawValue).\(target.ending)"
    for number in numbers {
      var state = journal.state
      state.number = number
      try journal.put(state)
      let bytes = mutator.mutant(number)
      try Self.write(bytes, to: path)
      allocation_watch_begin()
      do throws(VoxelithError) {
        try target.read(path, context)
        state.read += 1
      } catch {
        state.refused += 1
        if error.code == .internal { try journal.note(number, "internal", error.description) }
        if error.description.split(separator: "\n", omittingEmptySubsequences: false).count > 2 {
          try journal.note(number, "message", error.description)
        }
      }
      let peak = allocation_watch_peak()
      if peak > state.peak { (state.peak, state.peakSize) = (peak, bytes.count) }
      if peak > Self.allowance(size: bytes.count) {
        try journal.note(number, "allocation", "\(peak) bytes for a file of \(bytes.count)")
      }
      try journal.put(state)
    }
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Without a rename, which costs more than the reading.
  static func write(_ bytes: [UInt8], to path: String) throws {
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? file.close() }
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: bytes)
  }
}

/// How far a worker is, in a file that outlives it.
struct Journal {
  struct State: Codable {
    /// The mutant that is being read.
    var number = -1
    var read = 0
    var refused = 0
    /// Most bytes held at once, and the size of the file that needed them.
    var peak = 0
    var peakSize = 0
  }

  private let path: String
  private let file: FileHandle
  private let notes: FileHandle

  init(writing path: String) throws {
    self.path = path
    for name in [path, path + ".notes"] where !FileManager.default.fileExists(atPath: name) {
      _ = FileManager.default.createFile(atPath: name, contents: nil)
    }
    file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    notes = try FileHandle(forWritingTo: URL(fileURLWithPath: path + ".notes"))
    try notes.seekToEnd()
  }

  var state: State { Self.state(path) }

  static func state(_ path: String) -> State {
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard numbers.count == 5 else { return State() }
    return State(
      number: numbers[0], read: numbers[1], refused: numbers[2], peak: numbers[3], peakSize: numbers[4])
  }

  func put(_ state: State) throws {
    let fields = [state.number, state.read, state.refused, state.peak, state.peakSize]
    // Fixed width, so that one write replaces the one before.
    let text = fields.map { "\($0)".leftPadded(to: 20) }.joined(separator: " ") + "\n"
    try file.seek(toOffset: 0)
    try file.write(contentsOf: Data(text.utf8))
  }

  func note(_ number: Int, _ kind: String, _ detail: String) throws {
    try notes.write(contentsOf: Data("\(number)\t\(kind)\t\(detail.replacing("\n", with: " / "))\n".utf8))
  }

  static func notes(_ path: String) -> [FuzzRecord.Finding] {
    let text = String(
      decoding: FileManager.default.contents(atPath: path + ".notes") ?? Data(), as: UTF8.self)
    return text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "\t", maxSplits: 2)
      guard parts.count == 3, let number = Int(parts[0]) else { return nil }
      return FuzzRecord.Finding(mutant: number, kind: String(parts[1]), detail: String(parts[2]))
    }
  }
}

extension String {
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
