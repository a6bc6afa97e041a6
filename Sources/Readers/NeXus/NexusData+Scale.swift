import Volumetry

extension NexusData {
  /// What the numbers of the signal stand for: `scale_factor`, `add_offset` and `_FillValue` of netCDF, or `scaling_factor` and
  /// `offset` of NXdata, and what is told but not applied.
  ///
  /// - Throws: `data` where a factor is none.
  func valueScale() throws(VoxelithError) -> (scale: ValueScale, notes: [String]) {
    var scale = ValueScale()
    var notes: [String] = []
    var sources: [String] = []
    func attribute(_ name: String) -> Double? {
      guard let value = signal.attribute(name)?.number else { return nil }
      sources.append("attribute \(name)")
      return value
    }
    if let factor = attribute("scale_factor") { scale.slope = factor }
    if let offset = attribute("add_offset") { scale.offset = offset }
    if let mark = signal.attribute("_FillValue")?.number ?? signal.attribute("missing_value")?.number,
      mark.isFinite
    {
      scale.missing = mark
      sources.append(
        signal.attribute("_FillValue") == nil ? "attribute missing_value" : "attribute _FillValue")
    }
    if scale.slope == 1, scale.offset == 0, group.nexusClass == "NXdata" {
      let own = signal.path.split(separator: "/").last.map(String.init) ?? ""
      func number(_ name: String) -> Double? {
        group.datasetIfPresent(name).flatMap { $0.count == 1 ? $0.value()?.number : nil }
      }
      let names = [own + "_scaling_factor", "scaling_factor"]
      if let name = names.first(where: { number($0) != nil }), let factor = number(name) {
        scale.slope = factor
        sources.append(name)
        if let place = [own + "_offset", "offset"].first(where: { number($0) != nil }),
          let offset = number(place)
        {
          scale.offset = offset
          sources.append(place)
        }
      } else if let offset = number("offset"), offset != 0 {
        notes.append(
          "the group has an offset of \(GeometryOrigin.text(offset)) and no scaling_factor: it is not applied to the values"
        )
      }
    }
    guard scale.slope.isFinite, scale.slope != 0, scale.offset.isFinite else {
      throw VoxelithError(
        .data,
        "the values are to be multiplied by \(scale.slope) and shifted by \(scale.offset), which is not possible",
        file: signal.file.path, place: signal.path)
    }
    if !sources.isEmpty { scale.source = sources.joined(separator: ", ") + " of \(signal.path)" }
    return (scale, notes)
  }
}
