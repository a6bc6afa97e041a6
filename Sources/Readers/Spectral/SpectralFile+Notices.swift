public import Volumetry

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
    for line in (source as? any DescribedSpectra)?.origins ?? [] where told.contains(line.quantity) {
      notices.append("\(source.name): \(line.quantity): \(line.value) (\(line.source))")
    }
    return notices
  }

  /// What is worth a notice where a file's origins tell it.
  private static let told: Set<String> = [
    GeometryOrigin.binsInCommon, GeometryOrigin.otherCalibration, GeometryOrigin.gridsApart,
  ]
}
