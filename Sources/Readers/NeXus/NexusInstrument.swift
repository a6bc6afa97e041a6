import Volumetry

/// What a NeXus file says of the measurement: `NXbeam`, `NXmonochromator` and `NXdetector` of an entry.
enum NexusInstrument {
  /// - Parameter path: path of the array of counts; its entry is searched.
  static func acquisition(of file: HDF5File, around path: String) throws(VoxelithError) -> Acquisition {
    guard let entryName = path.split(separator: "/").first,
      let entry = try file.root().groupIfPresent(String(entryName))
    else { return Acquisition() }
    var found = Acquisition()
    var visited: Set<HDF5Identity> = []
    for group in try groups(below: entry, depth: 0, &visited) {
      found = found.filled(from: read(group))
    }
    return found
  }

  /// Instrument, beam, monochromator, detector and sample groups, an entry's own first.
  private static func groups(
    below group: HDF5Group, depth: Int, _ visited: inout Set<HDF5Identity>
  ) throws(VoxelithError) -> [HDF5Group] {
    var found: [HDF5Group] = []
    for name in try group.names().prefix(1000) {
      guard let child = group.groupIfPresent(name), let kind = Kind(child),
        visited.insert(try child.identity()).inserted
      else { continue }
      if kind != .instrument { found.append(child) }
      if depth < 3 { found += try groups(below: child, depth: depth + 1, &visited) }
    }
    return found
  }

  private enum Kind {
    case instrument, beam, monochromator, detector

    init?(_ group: HDF5Group) {
      let name = (group.path.split(separator: "/").last ?? "").lowercased()
      switch group.nexusClass {
      case "NXinstrument", "NXsample", "NXsubentry": self = .instrument
      case "NXbeam", "NXsource": self = .beam
      case "NXmonochromator": self = .monochromator
      case "NXdetector": self = .detector
      case nil:
        switch name {
        case "instrument": self = .instrument
        case "beam": self = .beam
        case "monochromator", "dcm", "mono": self = .monochromator
        case "detector": self = .detector
        default: return nil
        }
      default: return nil
      }
    }
  }

  private static func read(_ group: HDF5Group) -> Acquisition {
    var result = Acquisition()
    switch Kind(group) {
    case .beam: result.incidentEnergy = energy(group, "incident_energy")
    case .monochromator: result.incidentEnergy = energy(group, "energy")
    case .detector:
      result.scatteringAngle = angle(group, "scattering_angle") ?? angle(group, "polar_angle")
      result.energyResolution = energy(group, "energy_resolution")
      result.liveTime = time(group, "live_time") ?? time(group, "count_time")
    default: break
    }
    return result
  }

  /// The one value of a dataset with its unit; nil where it holds several.
  private static func scalar(_ group: HDF5Group, _ name: String) -> (value: Double, units: String?)? {
    guard let dataset = group.datasetIfPresent(name), dataset.count == 1,
      let value = dataset.value()?.number
    else { return nil }
    return (value, dataset.attribute("units")?.string)
  }

  private static func energy(_ group: HDF5Group, _ name: String) -> Double? {
    guard let (value, units) = scalar(group, name) else { return nil }
    return value * (units.flatMap { EnergyUnit(in: $0) } ?? .judged(from: [value])).inKeV
  }

  private static func time(_ group: HDF5Group, _ name: String) -> Double? {
    guard let (value, units) = scalar(group, name), value > 0 else { return nil }
    return value * NexusUnits.seconds(units)
  }

  private static func angle(_ group: HDF5Group, _ name: String) -> ScatteringAngle? {
    guard let dataset = group.datasetIfPresent(name), let count = dataset.count else { return nil }
    let factor = NexusUnits.degrees(dataset.attribute("units")?.string)
    if count == 1, let value = dataset.value()?.number { return .uniform(value * factor) }
    guard dataset.shape.count == 2, let values = try? dataset.readNumbers() else { return nil }
    return .perPixel(
      height: dataset.shape[0], width: dataset.shape[1], values: values.map { $0 * factor })
  }
}
