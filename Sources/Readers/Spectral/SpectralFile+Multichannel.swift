import Volumetry

extension SpectralFile {
  /// Whether a file is a text of a multichannel analyser: Amptek MCA, SPE, EMSA/MAS or SPEC.
  public static func isMultichannel(_ path: String) -> Bool {
    guard let file = try? InputFile(path), let head = try? file.bytes(at: 0, count: 4096) else {
      return false
    }
    return MultichannelSpectra.parser(FileText.whole(head)) != nil
  }
}
