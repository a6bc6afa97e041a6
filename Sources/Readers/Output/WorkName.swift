import Foundation
import Synchronization

/// The name of a file or folder that is being written: `.voxelith-MACHINE-PROCESS-BEGIN-NUMBER.part`.
///
/// It tells whose it is, so that what a killed process left can be told from what another one still writes and from the
/// user's own files. It does not hold the final name and fits wherever that fits.
public struct WorkName: Sendable, Hashable {
  /// Whether the process that made a name may still write to it.
  public enum Owner: Sendable {
    case alive
    case dead
    /// On another machine, where this one cannot look.
    case elsewhere
  }

  let machine: String
  let process: Int32
  /// When the process began, in ticks of the kernel: process numbers come again.
  let begin: UInt64
  let number: Int

  private static let serial = Atomic<Int>(0)
  private static let own = (
    machine: thisMachine(), process: getpid(), begin: beginOfProcess(getpid()) ?? 0
  )

  /// A name that no other one of this process has.
  package static func next() -> WorkName {
    let number = serial.wrappingAdd(1, ordering: .relaxed).newValue
    return WorkName(machine: own.machine, process: own.process, begin: own.begin, number: number)
  }

  private init(machine: String, process: Int32, begin: UInt64, number: Int) {
    self.machine = machine
    self.process = process
    self.begin = begin
    self.number = number
  }

  /// Reads a name; nil where it is of another form.
  public init?(_ name: some StringProtocol) {
    guard name.hasPrefix(".voxelith-"), name.hasSuffix(".part") else { return nil }
    self.init(core: name.dropFirst(".voxelith-".count).dropLast(".part".count))
  }

  /// Reads ``core``; nil where it is of another form.
  public init?(core: some StringProtocol) {
    let parts = String(core).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0].count == 8, parts[0].allSatisfy({ $0.isHexDigit }),
      let process = Int32(parts[1]), process > 0, let begin = UInt64(parts[2]), let number = Int(parts[3]),
      number > 0
    else { return nil }
    self.init(machine: String(parts[0]), process: process, begin: begin, number: number)
  }

  /// What tells this name from all others.
  public var core: String { "\(machine)-\(process)-\(begin)-\(number)" }

  /// The name of a file or folder beside the final one.
  public var hidden: String { ".voxelith-\(core).part" }

  public var owner: Owner {
    guard machine == Self.own.machine else { return .elsewhere }
    return Self.beginOfProcess(process) == begin ? .alive : .dead
  }

  /// The path of a new hidden name in the folder of a file.
  static func path(beside file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return next().hidden }
    return file[...slash] + next().hidden
  }

  private static func thisMachine() -> String {
    // FNV-1a: names of machines may hold any letter and be long.
    var hash: UInt32 = 2_166_136_261
    for byte in ProcessInfo.processInfo.hostName.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// Nil where there is no such process.
  private static func beginOfProcess(_ process: Int32) -> UInt64? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
    // The second field is the program's name in brackets, which may hold anything; the 22nd is the time.
    let text = String(decoding: data, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? UInt64(fields[19]) : nil
  }
}
