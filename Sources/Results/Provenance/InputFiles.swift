import Foundation
import Readers
package import Volumetry

/// What is read because it lies beside an input, or is named by it in another way than a link: see ``InputManifest``.
package enum InputFiles {
  /// The path itself, and what lies beside labels and tells of their outside.
  package static func closure(of path: String) -> [String] {
    [path] + besides(path)
  }

  /// Every file whose bytes are read, as far as it is there.
  package static func all(of paths: [String]) throws(VoxelithError) -> [String] {
    var found = paths
    for path in paths.flatMap({ closure(of: $0) }) where FileManager.default.fileExists(atPath: path) {
      found += try InputClosure.entries(of: [path]).map(\.path)
    }
    return found
  }

  /// Small files that are read because they lie beside an input.
  private static func besides(_ path: String) -> [String] {
    SegmentationFile.companion(of: path).map { [$0] } ?? []
  }
}
