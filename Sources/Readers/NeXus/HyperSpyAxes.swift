import Volumetry

/// Files of HyperSpy (`.hspy`): a group with the array `data` and a group `axis-0`, `axis-1`, ... for each of its axes, which holds name, units,
/// and either offset and scale or the values (HyperSpy User Guide, "HSpy - HyperSpy's HDF5 Specification").
enum HyperSpyAxes {
  static let signal = "data"

  /// Whether a group is a signal of HyperSpy.
  static func describe(_ group: HDF5Group) -> Bool {
    guard group.groupIfPresent("axis-0") != nil, let data = group.datasetIfPresent(signal) else {
      return false
    }
    return !data.shape.isEmpty && group.groupIfPresent("axis-\(data.shape.count - 1)") != nil
  }

  /// What lies along each axis of the array of such a group; nil for any other.
  static func find(
    for array: HDF5Dataset, in group: HDF5Group
  ) -> (axes: [NexusAxis?], names: [String?])? {
    guard array.path.split(separator: "/").last.map(String.init) == signal, describe(group) else {
      return nil
    }
    let axes = array.shape.enumerated().map { (dimension, length) -> NexusAxis? in
      group.groupIfPresent("axis-\(dimension)").flatMap { axis($0, length: length) }
    }
    return (axes, axes.map { $0.map(\.name) })
  }

  private static func axis(_ group: HDF5Group, length: Int) -> NexusAxis? {
    let name = word(group.attribute("name")?.string) ?? ""
    let units = word(group.attribute("units")?.string)
    if let dataset = group.datasetIfPresent("axis"), dataset.shape == [length],
      let values = NexusAxes.numbers(dataset)
    {
      return NexusAxis(name: name, values: values, units: units, spacing: nil)
    }
    guard let scale = group.attribute("scale")?.number, let offset = group.attribute("offset")?.number,
      scale.isFinite, offset.isFinite, scale != 0
    else { return nil }
    let values = (0..<length).map { offset + Double($0) * scale }
    return NexusAxis(name: name, values: values, units: units, spacing: abs(scale))
  }

  /// HyperSpy's ways of saying nothing.
  private static func word(_ text: String?) -> String? {
    guard let text, !text.isEmpty, !["<undefined>", "_undefined_", "t.Undefined"].contains(text.lowercased())
    else { return nil }
    return text
  }
}
