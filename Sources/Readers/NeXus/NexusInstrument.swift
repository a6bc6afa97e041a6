import Volumetry

/// What a NeXus file says of the measurement: `NXbeam`, `NXmonochromator` and `NXdetector` of an entry.
enum NexusInstrument {
  /// - Parameter path: path of the array of counts; its entry is searched.
  /// - Parameter given: what the caller knows, which is not looked for.
  /// - Throws: `data` where a unit is not understood, naming the option that stands above it.
  static func acquisition(
    of file: HDF5File, around path: String, given: Acquisition = Acquisition()
  ) throws(VoxelithError) -> Acquisition {
    guard let entryName = path.split(separator: "/").first,
      let entry = try file.root().groupIfPresent(String(entryName))
    else { return Acquisition() }
    var found = given
    var visited: Set<HDF5Identity> = []
    for group in try groups(below: entry, depth: 0, &visited) {
      found = found.filled(from: try read(group, unless: found))
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

  /// What a group says of what is not known yet.
  private static func read(
    _ group: HDF5Group, unless known: Acquisition
  ) throws(VoxelithError) -> Acquisition {
    var result = Acquisition()
    switch Kind(group) {
    case .beam:
      if known.incidentEnergy == nil {
        result.incidentEnergy = try beam(group, "incident_energy")
        if result.incidentEnergy == nil {
          result.incidentEnergy = try wavelength(group, "incident_wavelength")
        }
      }
    case .monochromator:
      if known.incidentEnergy == nil {
        result.incidentEnergy = try beam(group, "energy")
        if result.incidentEnergy == nil { result.incidentEnergy = try wavelength(group, "wavelength") }
      }
    case .detector:
      if known.scatteringAngle == nil {
        result.scatteringAngle = try angle(group, "scattering_angle")
        if result.scatteringAngle == nil { result.scatteringAngle = try angle(group, "polar_angle") }
      }
      if known.energyResolution == nil { result.energyResolution = try resolution(group) }
      if known.liveTime == nil {
        result.liveTime = try time(group, "live_time")
        if result.liveTime == nil { result.liveTime = try time(group, "count_time") }
      }
    default: break
    }
    return result
  }

  /// The one value of a dataset with its unit; nil where it holds several.
  private static func scalar(
    _ group: HDF5Group, _ name: String
  ) -> (value: Double, units: String?, place: String)? {
    guard let dataset = group.datasetIfPresent(name), dataset.count == 1,
      let value = dataset.value()?.number
    else { return nil }
    return (value, dataset.attribute("units")?.string, dataset.path)
  }

  private static func beam(_ group: HDF5Group, _ name: String) throws(VoxelithError) -> Double? {
    guard let (value, units, place) = scalar(group, name) else { return nil }
    return try Units.beamEnergy(value, units, file: group.file.path, place: place)
  }

  /// A beam that is told by its wavelength alone; NeXus has angstrom where the file gives no unit.
  private static func wavelength(_ group: HDF5Group, _ name: String) throws(VoxelithError) -> Double? {
    guard let (value, units, place) = scalar(group, name), value > 0 else { return nil }
    let factor = try Units.factor(
      of: units, .length, assumed: 1e-4, what: "the wavelength of the beam", option: "--incident-energy",
      file: group.file.path, place: place)
    return Units.photonEnergy(wavelength: value * factor)
  }

  private static func resolution(_ group: HDF5Group) throws(VoxelithError) -> Double? {
    guard let (value, units, place) = scalar(group, "energy_resolution") else { return nil }
    return value
      * (try Units.factor(
        of: units, .energy, assumed: EnergyUnit.judged(from: [value]).inKeV, what: "the energy resolution",
        option: "energy_resolution_keV of the standards", file: group.file.path, place: place))
  }

  private static func time(_ group: HDF5Group, _ name: String) throws(VoxelithError) -> Double? {
    guard let (value, units, place) = scalar(group, name), value > 0 else { return nil }
    return value
      * (try Units.factor(
        of: units, .time, assumed: 1, what: "the live time", option: "--live-time", file: group.file.path,
        place: place))
  }

  private static func angle(_ group: HDF5Group, _ name: String) throws(VoxelithError) -> ScatteringAngle? {
    guard let dataset = group.datasetIfPresent(name), let count = dataset.count else { return nil }
    let factor = try Units.factor(
      of: dataset.attribute("units")?.string, .angle, assumed: 1, what: "the scattering angle",
      option: "--scattering-angle", file: group.file.path, place: dataset.path)
    if count == 1, let value = dataset.value()?.number { return .uniform(value * factor) }
    guard dataset.shape.count == 2, let values = try? dataset.readNumbers() else { return nil }
    return .perPixel(
      height: dataset.shape[0], width: dataset.shape[1], values: values.map { $0 * factor })
  }
}
