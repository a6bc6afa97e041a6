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
  /// What a command must print of a file: that it is still being written or its writer was killed, or that nothing in it tells
  /// where the points of a list lie.
  public static func notices(_ source: any SpectralSource) -> [String] {
    var notices: [String] = []
    if let notice = (source as? any GrowingSource)?.writingNotice { notices.append(notice) }
    if let line = (source as? any DescribedSpectra)?.origins.first(where: {
      $0.quantity == "places of the points" && $0.value.hasSuffix("in a line")
    }) {
      notices.append(
        "\(source.name): \(line.value): the file does not give their places; "
          + "name them with --positions, or give the shape of the scan with --scan-shape")
    }
    return notices
  }
}
