import Volumetry

/// Positions of the points of a scan that lie beside the counts and not with them: counters and motors of the entry, as
/// control systems store them (`measurement/samx` of BLISS, `NXpositioner` groups of an instrument).
enum EntryPositions {
  /// A dataset for each axis of space; none where an axis has several that differ, so that nobody knows which is meant.
  ///
  /// - Parameters:
  ///   - path: path of the array of counts; its entry is searched.
  ///   - points: number of points of the scan.
  /// - Throws: `data` where a dataset is damaged.
  static func find(
    around path: String, in file: HDF5File, points: Int
  ) throws(VoxelithError) -> [(axis: Axis, dataset: HDF5Dataset, numbers: [Double])] {
    guard points > 1, let name = path.split(separator: "/").first,
      let entry = try file.root().groupIfPresent(String(name))
    else { return [] }
    var found: [Axis: [(dataset: HDF5Dataset, numbers: [Double])]] = [:]
    func take(_ dataset: HDF5Dataset?, named name: String) throws(VoxelithError) {
      guard let dataset, let axis = SpatialName.axis(name), dataset.type != nil, dataset.count == points,
        isLength(dataset)
      else { return }
      let numbers = try dataset.readNumbers()
      let placed = numbers.filter(\.isFinite)
      guard let start = placed.first, placed.contains(where: { $0 != start }),
        found[axis]?.contains(where: {
          $0.numbers.elementsEqual(numbers) { $0 == $1 || ($0.isNaN && $1.isNaN) }
        }) != true
      else { return }
      found[axis, default: []].append((dataset, numbers))
    }
    for group in try groups(of: entry) {
      for name in try group.names().prefix(1000) {
        if let child = group.groupIfPresent(name) {
          guard child.nexusClass == "NXpositioner" else { continue }
          for value in ["value", "raw_value"] { try take(child.datasetIfPresent(value), named: name) }
        } else {
          try take(group.datasetIfPresent(name), named: name)
        }
      }
    }
    guard found.values.allSatisfy({ $0.count == 1 }) else { return [] }
    return Axis.allCases.compactMap { axis in
      found[axis].map { (axis, $0[0].dataset, $0[0].numbers) }
    }
  }

  /// The entry itself and the groups in it that hold positions of a sample.
  private static func groups(of entry: HDF5Group) throws(VoxelithError) -> [HDF5Group] {
    var result = [entry]
    for name in try entry.names().prefix(1000) {
      guard let group = entry.groupIfPresent(name) else { continue }
      let kind = group.nexusClass ?? ""
      guard ["NXcollection", "NXsample", "NXinstrument", "NXdata"].contains(kind) || kind.isEmpty else {
        continue
      }
      result.append(group)
      for inner in ["positioners", "positions", "transformations"] {
        if let child = group.groupIfPresent(inner) { result.append(child) }
      }
    }
    return result
  }

  private static func isLength(_ dataset: HDF5Dataset) -> Bool {
    guard let units = dataset.attribute("units")?.string else { return true }
    return Units.factor(units, .length) != nil || Units.isCount(units)
  }
}
