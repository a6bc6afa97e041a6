import Results

extension PipelineFile {
  /// Every key of `pipeline.yaml` with its default and what it means, as a table in Markdown: made of the settings types, so
  /// that it cannot say anything else than they.
  package static func settingsTable() -> String {
    func rows<Operation: OperationSettings>(
      _ section: CodingKeys, _ type: Operation.Type,
      _ name: (Operation.CodingKeys) -> String = { $0.stringValue }
    ) -> [String] {
      Operation.CodingKeys.allCases.compactMap { key in
        let word = name(key)
        guard sections[section]?.contains(word) ?? false else { return nil }
        let usual = Operation.defaultText(key) ?? ""
        return "| `\(section.rawValue).\(word)` | \(cell(usual)) | \(cell(Operation.help(key))) |"
      }
    }
    var lines = ["| key | default | what |", "|---|---|---|"]
    lines += rows(.inputs, SpectralInputSettings.self, Inputs.spectralKey)
    lines += rows(.inputs, VolumeInputSettings.self) { "xct_" + $0.stringValue }
    lines += rows(.phases, Phases.self) + rows(.calibrate, CalibrateSettings.self)
    lines += rows(.segment, SegmentSettings.self) + rows(.segment, ThresholdSettings.self)
    lines += rows(.orient, OrientSettings.self) + rows(.pores, PoresSettings.self)
    lines += rows(.transport, TransportSettings.self) + rows(.particles, ParticlesSettings.self)
    lines += rows(.interfaces, InterfacesSettings.self) + rows(.paths, PathsSettings.self)
    lines += rows(.diffuse, DiffuseSettings.self)
    lines += rows(.register, RegisterSettings.self)
    lines += rows(.register, GivenTransform.self) + rows(.fractions, FractionsSettings.self)
    lines += rows(.map, MapSettings.self) + rows(.map, MapWindow.self)
    lines += rows(.materials, MaterialsSettings.self)
    lines += rows(.maps, GivenMapSettings.self) + rows(.maps, VolumeInputSettings.self)
    lines += rows(.correlate, CorrelateSettings.self) + rows(.correlate, CrossCheck.self)
    lines += rows(.figures, FiguresSettings.self)
    lines += rows(.report, ReportSettings.self)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func cell(_ text: String) -> String {
    text.replacing("\n", with: " ").replacing("|", with: "\\|")
  }
}
