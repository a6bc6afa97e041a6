import Foundation
import TestSupport

/// Independent readers and writers, where this machine has them.
enum Python {
  static let tifffile = interpreter(importing: "numpy, tifffile")
  static let zarr = interpreter(importing: "zarr, numcodecs")
  static let h5py = interpreter(importing: "h5py, numpy")
  static let sitk = interpreter(importing: "SimpleITK, numpy")

  /// Path of an interpreter that has these modules; `VOXELITH_PYTHON` names one that is not on the path.
  private static func interpreter(importing modules: String) -> String? {
    let named = ProcessInfo.processInfo.environment["VOXELITH_PYTHON"]
    return [named, "/usr/bin/python3"].compactMap { $0 }.first { path in
      FileManager.default.isExecutableFile(atPath: path)
        && (try? answer(of: path, "import \(modules)", []))?.status == 0
    }
  }

  /// A folder with the files that a script of h5py writes; it has h5py, numpy, os and sys at hand.
  static func folder(writtenBy script: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    _ = try run(
      "import h5py, numpy as np, os, sys\nos.chdir(sys.argv[1])\n" + script, folder.path, with: h5py)
    return folder
  }

  /// Runs a script and gives what it prints.
  static func run(_ script: String, _ arguments: String..., with interpreter: String?) throws -> String {
    let answer = try Self.answer(of: interpreter ?? "python3", script, arguments)
    guard answer.status == 0 else { throw Failure(message: answer.text) }
    return answer.text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  struct Failure: Error { let message: String }

  static func answer(
    of interpreter: String, _ script: String, _ arguments: [String]
  ) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: interpreter)
    process.arguments = ["-c", script] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
