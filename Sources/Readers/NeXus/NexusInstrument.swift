import Volumetry

/// What a NeXus file says of the measurement: `NXbeam`, `NXmonochromator` and `NXdetector` of an entry.
enum NexusInstrument {
  /// - Parameters:
  ///   - path: path of the array of counts; its entry is searched.
  ///   - given: what the caller knows, which is not looked for.
  /// - Returns: all but the live time, which belongs to the points, and where it came from.
  /// - Throws: `data` where a unit is not understood, naming the option that stands above it.
  static func acquisition(
    of file: HDF5File, around path: String, given: Acquisition = Acquisition()
  ) throws(VoxelithError) -> (Acquisition, [GeometryOrigin]) {
    var found = given
    var origins: [GeometryOrigin] = []
    func option(_ what: String, _ value: Double?, _ unit: String, _ name: String) {
      if let value { origins.append(GeometryOrigin(what, GeometryOrigin.text(value) + unit, name)) }
    }
    option("beam energy", given.incidentEnergy, " keV", "--incident-energy")
    option("scattering angle", given.scatteringAngle?.mean, " deg", "--scattering-angle")
    option("energy resolution", given.energyResolution, " keV", "the caller")
    for group in try all(of: file, around: path) {
      try read(group, into: &found, &origins)
    }
    return (found, origins)
  }

  /// The detectors of the entry of an array.
  static func detectors(of file: HDF5File, around path: String) throws(VoxelithError) -> [HDF5Group] {
    try all(of: file, around: path).filter { Kind($0) == .detector }
  }

  private static func all(of file: HDF5File, around path: String) throws(VoxelithError) -> [HDF5Group] {
    guard let entryName = path.split(separator: "/").first,
      let entry = try file.root().groupIfPresent(String(entryName))
    else { return [] }
    var visited: Set<HDF5Identity> = []
    return try groups(below: entry, depth: 0, &visited)
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

  /// Takes what a group says of what is not known yet.
  private static func read(
    _ group: HDF5Group, into found: inout Acquisition, _ origins: inout [GeometryOrigin]
  ) throws(VoxelithError) {
    let kind = Kind(group)
    let text = GeometryOrigin.text
    if kind == .beam || kind == .monochromator, found.incidentEnergy == nil {
      let names = kind == .beam ? ("incident_energy", "incident_wavelength") : ("energy", "wavelength")
      var told = try beam(group, names.0)
      if told == nil { told = try wavelength(group, names.1) }
      if let (value, source) = told {
        found.incidentEnergy = value
        origins.append(GeometryOrigin("beam energy", "\(text(value)) keV", source))
      }
    }
    guard kind == .detector else { return }
    if found.scatteringAngle == nil {
      var told = try angle(group, "scattering_angle")
      if told == nil { told = try angle(group, "polar_angle") }
      if let (value, source) = told {
        found.scatteringAngle = value
        var words = "\(text(value.mean)) deg"
        if case .perPixel = value { words += " (mean; one for each pixel)" }
        origins.append(GeometryOrigin("scattering angle", words, source))
      }
    }
    if found.energyResolution == nil, let (value, source) = try resolution(group) {
      found.energyResolution = value
      origins.append(GeometryOrigin("energy resolution", "\(text(value)) keV FWHM", source))
    }
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

  private static func source(_ place: String, _ units: String?) -> String {
    "\(place) (\(units ?? "no unit"))"
  }

  private static func beam(_ group: HDF5Group, _ name: String) throws(VoxelithError) -> (Double, String)? {
    guard let (value, units, place) = scalar(group, name) else { return nil }
    return (try Units.beamEnergy(value, units, file: group.file.path, place: place), source(place, units))
  }

  /// A beam that is told by its wavelength alone; NeXus has angstrom where the file gives no unit.
  private static func wavelength(_ group: HDF5Group, _ name: String) throws(VoxelithError) -> (
    Double, String
  )? {
    guard let (value, units, place) = scalar(group, name), value > 0 else { return nil }
    let factor = try Units.factor(
      of: units, .length, assumed: 1e-4, what: "the wavelength of the beam", option: "--incident-energy",
      file: group.file.path, place: place)
    return (Units.photonEnergy(wavelength: value * factor), source(place, units))
  }

  private static func resolution(_ group: HDF5Group) throws(VoxelithError) -> (Double, String)? {
    guard let (value, units, place) = scalar(group, "energy_resolution") else { return nil }
    let factor = try Units.factor(
      of: units, .energy, assumed: EnergyUnit.judged(from: [value]).inKeV, what: "the energy resolution",
      option: "energy_resolution_keV of the standards", file: group.file.path, place: place)
    return (value * factor, source(place, units))
  }

  private static func angle(
    _ group: HDF5Group, _ name: String
  ) throws(VoxelithError) -> (ScatteringAngle, String)? {
    guard let dataset = group.datasetIfPresent(name), let count = dataset.count else { return nil }
    let units = dataset.attribute("units")?.string
    let factor = try Units.factor(
      of: units, .angle, assumed: 1, what: "the scattering angle", option: "--scattering-angle",
      file: group.file.path, place: dataset.path)
    let from = source(dataset.path, units)
    if count == 1, let value = dataset.value()?.number { return (.uniform(value * factor), from) }
    guard dataset.shape.count == 2, let values = try? dataset.readNumbers() else { return nil }
    return (
      .perPixel(height: dataset.shape[0], width: dataset.shape[1], values: values.map { $0 * factor }), from
    )
  }
}
