import Volumetry

/// Finding what lies along the axes of an array, in the new way of NeXus (attributes of the group) and
/// in the old ones (attributes of the datasets).
enum NexusAxes {
  /// Longest axis that is read.
  private static let limit = HDF5Attributes.limit

  /// What lies along each axis, and what the file calls it, which it may do without saying what lies there.
  static func find(
    for signal: HDF5Dataset, in group: HDF5Group
  ) -> (axes: [NexusAxis?], names: [String?]) {
    if let known = HyperSpyAxes.find(for: signal, in: group) { return known }
    let rank = signal.shape.count
    var axes = [NexusAxis?](repeating: nil, count: rank)
    var names = [String?](repeating: nil, count: rank)
    for (dimension, name) in self.names(for: signal, in: group) where axes.indices.contains(dimension) {
      if name != "." && !name.isEmpty && names[dimension] == nil { names[dimension] = name }
      axes[dimension] = axes[dimension] ?? axis(name, along: dimension, of: signal, in: group)
    }
    if axes.contains(where: { $0 == nil }) { useScales(&axes, &names, signal: signal, in: group) }
    moveMisplaced(&axes, signal: signal, in: group)
    if !axes.contains(where: { $0?.isEnergy == true }), let energy = energyByLength(signal, in: group) {
      axes[energy.dimension] = energy.axis
    }
    return (axes, names)
  }

  /// Names by dimension, from the first of the three ways that the file uses.
  private static func names(for signal: HDF5Dataset, in group: HDF5Group) -> [(Int, String)] {
    let rank = signal.shape.count
    if let list = group.attribute("axes")?.strings.map(split) {
      if list.count == rank { return Array(list.enumerated()).map { ($0.offset, $0.element) } }
      return list.compactMap { name in
        group.attribute(name + "_indices")?.numbers?.first.flatMap { Int(exactly: $0) }.map { ($0, name) }
      }
    }
    if let list = signal.attribute("axes")?.strings.map(split), list.count == rank {
      return Array(list.enumerated()).map { ($0.offset, $0.element) }
    }
    guard let members = try? group.names() else { return [] }
    return members.prefix(1000).compactMap { name in
      guard let number = group.datasetIfPresent(name)?.attribute("axis")?.number,
        let dimension = Int(exactly: number)
      else { return nil }
      return (dimension - 1, name)
    }
  }

  /// `["y", "x"]`, `"y:x"`, `"y,x"` and `"[y,x]"` alike.
  private static func split(_ names: [String]) -> [String] {
    guard names.count == 1, let joined = names.first else { return names }
    return joined.split { ":, []".contains($0) }.map(String.init)
  }

  private static func axis(
    _ name: String, along dimension: Int, of signal: HDF5Dataset, in group: HDF5Group
  ) -> NexusAxis? {
    if name == "." || name.isEmpty { return nil }
    let length = signal.shape[dimension]
    guard let dataset = group.datasetIfPresent(name), dataset.shape.count == 1,
      [length, length + 1].contains(dataset.shape[0]), let values = numbers(dataset)
    else { return nil }
    return make(name, values, dataset)
  }

  /// Dimension scales, along axes of which the attributes of NeXus say nothing.
  private static func useScales(
    _ axes: inout [NexusAxis?], _ names: inout [String?], signal: HDF5Dataset, in group: HDF5Group
  ) {
    for (dimension, scales) in DimensionScales.find(for: signal, in: group).enumerated() {
      guard axes[dimension] == nil, let scale = scales.first else { continue }
      names[dimension] = names[dimension] ?? scale.name
      let length = signal.shape[dimension]
      guard !DimensionScales.isBare(scale.dataset), [length, length + 1].contains(scale.dataset.shape[0]),
        let values = numbers(scale.dataset)
      else { continue }
      axes[dimension] = make(scale.name, values, scale.dataset)
    }
  }

  static func numbers(_ dataset: HDF5Dataset) -> [Double]? {
    guard dataset.type != nil, let count = dataset.count, count <= limit else { return nil }
    return try? dataset.readNumbers()
  }

  private static func make(_ name: String, _ values: [Double], _ dataset: HDF5Dataset) -> NexusAxis {
    NexusAxis(
      name: name, values: values, units: dataset.attribute("units")?.string,
      spacing: dataset.attribute("spacing")?.number)
  }

  /// Positions of a scanned stage may be stored for every point: they belong to the dimension along
  /// which they change, whatever the order of the names says.
  private static func moveMisplaced(
    _ axes: inout [NexusAxis?], signal: HDF5Dataset, in group: HDF5Group
  ) {
    guard let listed = group.attribute("axes")?.strings.map(split) else { return }
    for name in listed {
      guard let dataset = group.datasetIfPresent(name), dataset.shape.count == 2,
        let indices = group.attribute(name + "_indices")?.numbers?.compactMap({ Int(exactly: $0) }),
        indices.count == 2, indices.allSatisfy({ axes.indices.contains($0) }),
        dataset.shape == indices.map({ signal.shape[$0] }), let values = numbers(dataset)
      else { continue }
      let (height, width) = (dataset.shape[0], dataset.shape[1])
      guard height > 0, width > 0 else { continue }
      let column = (0..<height).map { values[$0 * width] }
      let row = Array(values[0..<width])
      let alongRow = abs(row[width - 1] - row[0]) >= abs(column[height - 1] - column[0])
      axes[alongRow ? indices[1] : indices[0]] = make(name, alongRow ? row : column, dataset)
    }
  }

  /// A list of energies whose length is that of an axis, the last of them first.
  private static func energyByLength(
    _ signal: HDF5Dataset, in group: HDF5Group
  ) -> (dimension: Int, axis: NexusAxis)? {
    guard let members = try? group.names() else { return nil }
    for name in members.prefix(1000) {
      guard let dataset = group.datasetIfPresent(name), dataset.shape.count == 1,
        dataset.shape[0] >= 2
      else { continue }
      let probe = make(name, [], dataset)
      guard probe.isEnergy, !isOther(name),
        let dimension = signal.shape.lastIndex(where: { length in
          length == dataset.shape[0] || length + 1 == dataset.shape[0]
        }), let values = numbers(dataset)
      else { continue }
      let axis = make(name, values, dataset)
      guard axis.isDescending || zip(values, values.dropFirst()).allSatisfy({ $0 < $1 }) else { continue }
      return (dimension, axis)
    }
    return nil
  }

  /// Whether a name tells that energies are no axis: coefficients of a calibration, a resolution, the energy of the beam.
  private static func isOther(_ name: String) -> Bool {
    let lower = name.lowercased()
    return [
      "calib", "coef", "resol", "fwhm", "width", "incident", "mono", "threshold", "offset", "gain", "error",
      "sigma", "live", "time",
    ].contains { lower.contains($0) }
  }
}
