import Foundation
import Voxelith

/// Names of files whose bytes are not UTF-8, as old disks and other systems have them.
///
/// Text in Swift is UTF-8 and would lose such bytes. So a file (or the folder above a new one) is opened by its bytes,
/// and the rest of the program is given the name under which Linux shows open files: `/proc/self/fd/7`.
enum PathBytes {
  /// Linux's `O_PATH`, which Swift does not see: a name is opened, and neither read nor written.
  private static let pathOnly: Int32 = 0x20_0000
  private static let shown = Guarded<[String: String]>([:])

  /// Commands whose output is a folder.
  private static let folderCommands: Set<String> = [
    "chemistry", "correlate", "demo", "diffuse", "export", "map", "merge", "orient", "particles", "paths",
    "pores", "reconstruct", "run", "series", "simulate", "slurm", "stack", "validate", "watch",
  ]
  private static let made = Guarded<[[UInt8]]>([])

  /// The arguments after the program's name, with such names replaced, and names of outputs that begin with a dash told
  /// from options.
  ///
  /// - Throws: `missing` where there is no such file; `cannotCreate` for the name of a new file, which must be UTF-8.
  static func arguments() throws(VoxelithError) -> [String] {
    try ProcessFiles.check()
    var result: [String] = []
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let start = unsafe CommandLine.unsafeArgv[index] else { continue }
      let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: strlen(start)))
      let isOutput = result.last == "-o" || result.last == "--output"
      if let text = String(validating: bytes, as: UTF8.self) {
        // Options of one letter stay options: a name was forgotten.
        if isOutput, text.hasPrefix("-"), !text.hasPrefix("--"), text.utf8.count > 2 {
          result[result.count - 1] = "--output=" + text
        } else {
          result.append(text)
        }
        continue
      }
      // `--option=NAME` keeps what comes before the name.
      var head = ""
      var name = bytes[...]
      if bytes.starts(with: Array("--".utf8)), let equals = bytes.firstIndex(of: UInt8(ascii: "=")) {
        head = String(decoding: bytes[...equals], as: UTF8.self)
        name = bytes[(equals + 1)...]
      }
      let command = result.first { !$0.hasPrefix("-") } ?? ""
      result.append(
        head
          + (try replacement(
            of: Array(name), isOutput: isOutput || head == "--output=",
            isFolder: folderCommands.contains(command))))
    }
    return result
  }

  /// - Parameter isFolder: whether an output is a folder, so that it may have to be made.
  private static func replacement(
    of name: [UInt8], isOutput: Bool, isFolder: Bool
  ) throws(VoxelithError) -> String {
    let slash = UInt8(ascii: "/")
    var name = name
    let endsInSlash = name.last == slash
    while name.count > 1, name.last == slash { name.removeLast() }
    if let last = name.lastIndex(of: slash), last > 0,
      let tail = String(validating: name[(last + 1)...], as: UTF8.self), !tail.isEmpty
    {
      let folder = Array(name[..<last])
      if isOutput { try make(folder) }
      return try opened(folder, isOutput: isOutput) + "/" + tail
    }
    if isOutput, isFolder || endsInSlash { try make(name) }
    return try opened(name, isOutput: isOutput)
  }

  /// Makes a folder with those above it, where there is none.
  private static func make(_ folder: [UInt8]) throws(VoxelithError) {
    var end = folder.startIndex
    while end < folder.endIndex {
      end = folder[(end + 1)...].firstIndex(of: UInt8(ascii: "/")) ?? folder.endIndex
      let part = Array(folder[..<end])
      if unsafe mkdir(part.map { CChar(bitPattern: $0) } + [0], 0o777) == 0 {
        made.withLock { $0.append(part) }
      } else if errno != EEXIST, errno != EISDIR {
        let cause = unsafe String(cString: strerror(errno))
        throw VoxelithError(
          .cannotCreate, "the folder cannot be made", file: readable(folder), cause: cause)
      }
    }
  }

  /// Takes away the folders that were made here and that nothing was put into.
  static func removeEmptyFolders() {
    for folder in made.withLock({ $0 }).reversed() {
      _ = unsafe rmdir(folder.map { CChar(bitPattern: $0) } + [0])
    }
  }

  private static func opened(_ name: [UInt8], isOutput: Bool) throws(VoxelithError) -> String {
    let descriptor = unsafe open(name.map { CChar(bitPattern: $0) } + [0], pathOnly | O_CLOEXEC)
    guard descriptor >= 0 else {
      if isOutput {
        throw VoxelithError(
          .cannotCreate, "the name of a new file is not UTF-8", file: readable(name),
          advice: "choose a name in UTF-8; folders above it may have any")
      }
      throw VoxelithError(.missing, "there is no such file", file: readable(name))
    }
    let path = "/proc/self/fd/\(descriptor)"
    shown.withLock { $0[path] = readable(name) }
    return path
  }

  /// The name with bytes that are no letters as `\xFF`.
  private static func readable(_ name: [UInt8]) -> String {
    var text = ""
    for byte in name {
      if byte < 0x80 {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "\\x" + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }

  /// A message that names files as the user knows them.
  static func readable(in message: String) -> String {
    guard message.contains("/proc/self/fd/") else { return message }
    return shown.withLock { shown in
      // The longest number first, so that 12 is not taken for 1.
      shown.sorted { $0.key.count > $1.key.count }.reduce(message) { $0.replacing($1.key, with: $1.value) }
    }
  }
}
