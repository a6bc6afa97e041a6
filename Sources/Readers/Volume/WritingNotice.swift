public import Volumetry

/// A source of a file that may still be written while it is read.
protocol GrowingSource {
  /// How far the file has come where it was not closed.
  var writingNotice: String? { get }
}

extension HDF5VolumeSource: GrowingSource {
  var writingNotice: String? { array.writingNotice }
}

extension HDF5SpectralSource: GrowingSource {
  var writingNotice: String? { array.array.writingNotice }
}

extension VolumeFile {
  /// What a command must print where the file is still being written or its writer was killed; else nil.
  public static func writingNotice(_ source: any VolumeSource) -> String? {
    (source as? any GrowingSource)?.writingNotice
  }
}

extension SpectralFile {
  /// What a command must print where the file is still being written or its writer was killed; else nil.
  public static func writingNotice(_ source: any SpectralSource) -> String? {
    (source as? any GrowingSource)?.writingNotice
  }
}
