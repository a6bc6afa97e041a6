import Foundation

/// The files that an input consists of: what keys and provenance take checksums of. The one place that knows.
package enum InputFiles {
  /// The path itself, and every file that is read through it. A folder of slices or of Zarr chunks stands for itself, since its
  /// checksum covers its content; so does what lies beside labels and tells of their outside.
  package static func closure(of path: String) -> [String] {
    [path] + besides(path)
  }

  /// Small files that are read because they lie beside an input.
  private static func besides(_ path: String) -> [String] {
    SegmentationFile.companion(of: path).map { [$0] } ?? []
  }
}
