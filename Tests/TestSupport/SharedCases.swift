import Foundation

/// Small inputs that once failed, with their right values, outside the repository.
public enum SharedCases {
  /// Folder `shared/cases` beside the one of shared data.
  public static let folder: String? = SharedData.folder.map {
    ($0 as NSString).deletingLastPathComponent + "/cases"
  }.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }

  /// Whether the files are here; use as `@Test(.enabled(if: SharedCases.isPresent))`.
  public static var isPresent: Bool { folder != nil }

  /// Path of a file below `shared/cases`.
  public static func path(_ relative: String) -> String { (folder ?? "shared/cases") + "/" + relative }
}
