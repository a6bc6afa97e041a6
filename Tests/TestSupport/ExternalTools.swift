import Foundation

/// Programs that look at results with other eyes; tests that need one are skipped, with a word, where it is missing.
public enum ExternalTools {
  /// The place of a program in the usual folders.
  public static func find(_ names: String...) -> String? {
    for name in names {
      for folder in ["/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"]
      where FileManager.default.isExecutableFile(atPath: folder + name) {
        return folder + name
      }
    }
    return nil
  }

  public static let chromium = find("chromium", "chromium-browser", "google-chrome")
  public static let pdftotext = find("pdftotext")
  public static let pdffonts = find("pdffonts")

  /// A Python with nbconvert, numpy, pandas, xarray, matplotlib and tifffile: VOXELITH_PYTHON, or the one of `make deps-test`.
  public static let python: String? = {
    let own = ProcessInfo.processInfo.environment["VOXELITH_PYTHON"]
    let made = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent(".build/python/bin/python").path
    return [own, made].compactMap { $0 }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// Runs Python with the package and the library of this build.
  public static func package(
    _ arguments: [String], in folder: String? = nil
  ) throws -> (status: Int32, log: String) {
    let run = try run(
      "/usr/bin/env",
      [
        "PYTHONPATH=\(PackageFiles.root)/Sources/VoxelithPython:\(PackageFiles.root)/Tests/Python",
        "PYTHONDONTWRITEBYTECODE=1", "VOXELITH_LIBRARY=\(PackageFiles.built("libVoxelithC.so"))",
        "VOXELITH_PROGRAM=\(PackageFiles.built("voxelith"))", python ?? "python3",
      ] + arguments, in: folder)
    return (run.status, run.output + run.log)
  }

  /// Runs a program and waits; its outputs go through files, so that no pipe can fill.
  public static func run(
    _ program: String?, _ arguments: [String], in folder: String? = nil
  ) throws -> (status: Int32, output: String, log: String) {
    let scratch = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program ?? "")
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    for name in ["out", "err"] {
      _ = FileManager.default.createFile(atPath: scratch.file(name), contents: nil)
    }
    process.standardOutput = FileHandle(forWritingAtPath: scratch.file("out"))
    process.standardError = FileHandle(forWritingAtPath: scratch.file("err"))
    try process.run()
    process.waitUntilExit()
    func text(_ name: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: scratch.file(name))), as: UTF8.self)
    }
    return (process.terminationStatus, try text("out"), try text("err"))
  }
}
