import Foundation

/// What is read because it lies beside an input, or is named by it in another way than a link: see ``InputManifest``.
package enum InputFiles {
  /// The path itself, and what lies beside labels and tells of their outside.
  package static func closure(of path: String) -> [String] {
    [path] + besides(path)
  }

  /// Small files that are read because they lie beside an input.
  private static func besides(_ path: String) -> [String] {
    SegmentationFile.companion(of: path).map { [$0] } ?? []
  }
}
