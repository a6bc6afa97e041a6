import Foundation

/// Real files that live outside the repository; tests that need them are skipped where they are missing.
public enum SharedData {
  /// Folder `shared/data` beside the checkout, or the one that VOXELITH_SHARED names.
  public static let folder: String? = {
    let candidates =
      [ProcessInfo.processInfo.environment["VOXELITH_SHARED"]].compactMap { $0 }
      + [FileManager.default.currentDirectoryPath + "/../shared/data"]
    return candidates.first { FileManager.default.fileExists(atPath: $0) }
  }()

  /// Whether the files are here; use as `@Test(.enabled(if: SharedData.isPresent))`.
  public static var isPresent: Bool { folder != nil }

  /// Path of a file below `shared/data`.
  public static func path(_ relative: String) -> String {
    (folder ?? "shared/data") + "/" + relative
  }
}

/// A folder that is removed when the last reference goes.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    path = NSTemporaryDirectory() + "voxelith-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  public func file(_ name: String) -> String { path + "/" + name }

  /// Names of the entries, sorted.
  public var entries: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
