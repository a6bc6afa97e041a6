public import Compton
import Foundation
import Readers
public import Volumetry

/// `standards.yaml`: what was measured on samples of known lithium content.
public struct StandardsFile: Codable, Sendable {
  public var incidentEnergy: Double
  public var scatteringAngle: Double
  public var energyResolution: Double?
  public var tailFraction: Double?
  public var tailLength: Double?
  public var efficiency: [DetectorResponse.EfficiencyPoint]?
  public var sharingFraction: Double?
  public var escapes: [DetectorResponse.Escape]?
  public var formula: String?
  public var standards: [Entry]
  public var components: [Component]?
  public var background: Background?
  /// Width in degrees of the rings of pixels that standards measured as cubes are added up over.
  public var ringWidth: Double?
  /// Counts in one unit of the files' numbers, where they are none.
  public var countsPerUnit: Double?
  /// keV at channel 0, keV a channel and further powers, where the files count channels.
  public var energyCoefficients: [Double]?
  /// The cell whose states serve as standards, x of which follows from the charge passed.
  public var cell: CellRecord?
  /// A volume on the grid of standards that are cubes: voxels of at least one half take part.
  public var voxels: String?

  public struct Entry: Codable, Sendable {
    public var file: String
    /// Nil where `at` gives it by the charge passed.
    public var x: Double?
    /// Time of the state of a cell: 90s, 15m, 4h, 2d.
    public var at: String?
    public var xSigma: Double?
    public var liveTime: Double?
    /// What the counts are proportional to, see `StandardExposure`.
    public var monitor: Double?
    public var packing: Double?
    public var amplitudeSigma: Double?
    public var layers: [LayerEntry]?
    /// What `scatter` simulated for it.
    public var multipleScattering: String?

    enum CodingKeys: String, CodingKey {
      case file, x, at, packing, layers
      case xSigma = "x_sigma"
      case liveTime = "live_time_s"
      case monitor = "monitor_counts"
      case multipleScattering = "multiple_scattering"
      case amplitudeSigma = "amplitude_sigma"
    }

    func exposure(_ scattered: [Double]) throws(VoxelithError) -> StandardExposure {
      var exposure = StandardExposure(
        monitor: monitor, packing: packing, amplitudeSigma: amplitudeSigma,
        layers: try (layers ?? []).map { (entry) throws(VoxelithError) in try entry.layer() })
      exposure.multipleScattering = scattered
      return exposure
    }
  }

  public struct Component: Codable, Sendable {
    public var name: String
    public var file: String
    public var liveTime: Double?
    public var monitor: Double?
    public var packing: Double?
    public var layers: [LayerEntry]?
    /// What `scatter` simulated for it.
    public var multipleScattering: String?

    enum CodingKeys: String, CodingKey {
      case name, file, packing, layers
      case liveTime = "live_time_s"
      case monitor = "monitor_counts"
      case multipleScattering = "multiple_scattering"
    }

    func exposure(_ scattered: [Double]) throws(VoxelithError) -> StandardExposure {
      var exposure = StandardExposure(
        monitor: monitor, packing: packing,
        layers: try (layers ?? []).map { (entry) throws(VoxelithError) in try entry.layer() })
      exposure.multipleScattering = scattered
      return exposure
    }
  }

  public struct Background: Codable, Sendable {
    public var file: String
    public var liveTime: Double?

    enum CodingKeys: String, CodingKey {
      case file
      case liveTime = "live_time_s"
    }
  }

  enum CodingKeys: String, CodingKey {
    case incidentEnergy = "incident_energy_keV"
    case scatteringAngle = "scattering_angle_deg"
    case energyResolution = "energy_resolution_keV"
    case tailFraction = "tail_fraction"
    case tailLength = "tail_length_keV"
    case efficiency, escapes, formula, standards, components, background, cell, voxels
    case sharingFraction = "sharing_fraction"
    case countsPerUnit = "counts_per_unit"
    case ringWidth = "ring_width_deg"
    case energyCoefficients = "energy_coefficients_keV"
  }

  private static let keys = KeyTree(
    [
      "incident_energy_keV", "scattering_angle_deg", "energy_resolution_keV", "tail_fraction",
      "tail_length_keV", "sharing_fraction", "formula", "counts_per_unit", "ring_width_deg",
      "energy_coefficients_keV", "voxels",
    ],
    deeper: [
      "cell": CellRecord.keys,
      "escapes": ["energy_keV", "fraction"],
      "efficiency": ["energy_keV", "value"],
      "standards": KeyTree(
        [
          "file", "x", "at", "x_sigma", "live_time_s", "monitor_counts", "packing", "amplitude_sigma",
          "multiple_scattering",
        ],
        deeper: ["layers": LayerEntry.keys]),
      "components": KeyTree(
        ["name", "file", "live_time_s", "monitor_counts", "packing", "multiple_scattering"],
        deeper: ["layers": LayerEntry.keys]),
      "background": ["file", "live_time_s"],
    ])

  /// Reads the YAML file alone.
  public static func read(_ path: String) throws(VoxelithError) -> StandardsFile {
    let file = try YAMLFile.decode(StandardsFile.self, from: path, allowed: keys)
    try file.checkNumbers(path)
    for entry in file.standards {
      guard (entry.x == nil) != (entry.at == nil) else {
        throw VoxelithError(
          .data,
          entry.x == nil ? "the standard has no x" : "x and at exclude each other", file: path,
          place: entry.file,
          advice: "give x, or at: the time of a state of the cell")
      }
    }
    if file.cell == nil, let timed = file.standards.first(where: { $0.at != nil }) {
      throw VoxelithError(
        .data, "at needs the cell whose charge gives x", file: path, place: timed.file,
        advice: "give cell: {cycler, active_material_mg, initial_x}")
    }
    if let cell = file.cell {
      guard file.standards.contains(where: { $0.at != nil }) else {
        throw VoxelithError(
          .data, "cell is there, and no standard has a time", file: path,
          advice: "give at for the states of the cell")
      }
      guard cell.initialX != nil else {
        throw VoxelithError(
          .data, "the cell has no initial_x", file: path,
          advice: "charge gives changes of x: say what x was when the record began")
      }
    }
    return file
  }

  /// - Throws: `data` where a number is beyond its range.
  private func checkNumbers(_ path: String) throws(VoxelithError) {
    try NumberRange.energyResolution.check(energyResolution, file: path)
    try NumberRange.countsPerUnit.check(countsPerUnit, file: path)
    try NumberRange.ringWidth.check(ringWidth, file: path)
    for entry in standards { try NumberRange.liveTime.check(entry.liveTime, file: path, place: entry.file) }
    for entry in components ?? [] {
      try NumberRange.liveTime.check(entry.liveTime, file: path, place: entry.name)
    }
    try NumberRange.liveTime.check(background?.liveTime, file: path, place: "background")
  }

  /// Reads the file and every spectrum that it names; paths are relative to its folder. Of standards that are cubes it
  /// takes the ring of pixels whose angle is nearest to that of the file.
  ///
  /// - Throws: `missing` and `data` as files and numbers demand, see `StandardSet`.
  public static func load(_ path: String) throws(VoxelithError) -> StandardSet { try loadAll(path).set }

  /// The calibration of a file: with rings where its standards are cubes measured on the detector.
  ///
  /// - Throws: `missing` and `data` as files and numbers demand, see `StandardSet` and `Calibration`.
  public static func calibration(
    _ path: String, options: CalibrationOptions = CalibrationOptions()
  ) throws(VoxelithError) -> Calibration {
    let (set, rings) = try loadAll(path)
    return rings.isEmpty
      ? try Calibration(set, options: options) : try Calibration(set, rings: rings, options: options)
  }

  private static func loadAll(_ path: String) throws(VoxelithError) -> (
    set: StandardSet, rings: [StandardSet]
  ) {
    let file = try read(path)
    let reader = try StandardSpectra(file, path: path)
    do {
      let formula = try file.formula.map { (text) throws(VoxelithError) in try ChemicalFormula(text) }
      let charge = try file.cell.map { (cell) throws(VoxelithError) in
        try CellCharge(cell, namedIn: path, formula: formula)
      }
      var sets: [StandardSet] = []
      for ring in 0..<reader.count { sets.append(try file.set(reader, ring: ring, charge: charge)) }
      for set in sets { try StandardsDoubts.check(set) }
      return (sets[reader.main], reader.count > 1 ? sets : [])
    } catch {
      throw error.located(file: path)
    }
  }

  /// x of a standard, its own error, and what the first x and the amount of active material do to it.
  private func content(
    _ entry: Entry, charge: CellCharge?
  ) throws(VoxelithError) -> (x: Double, sigma: Double, shared: [Double]) {
    if let x = entry.x { return (x, entry.xSigma ?? 0, []) }
    guard let charge, let initial = charge.initial, let at = entry.at else {
      throw VoxelithError(.data, "the standard has no x", place: entry.file)
    }
    guard let seconds = TimeText.seconds(at) else {
      throw VoxelithError(
        .data, "'\(at)' is not a time", place: entry.file, advice: "write it as 90s, 15m, 4h or 2d")
    }
    let state = try charge.state(at: seconds)
    let own = entry.xSigma ?? 0
    return (
      initial.value + state.change, (own * own + state.changeSigma * state.changeSigma).squareRoot(),
      [initial.sigma, charge.amountSigma * state.change]
    )
  }

  /// The standards as one ring of pixels measured them.
  private func set(
    _ reader: StandardSpectra, ring: Int, charge: CellCharge?
  ) throws(VoxelithError) -> StandardSet {
    var standards: [Standard] = []
    for (index, entry) in self.standards.enumerated() {
      let read = reader.standards[index][ring]
      let known = try content(entry, charge: charge)
      standards.append(
        Standard(
          name: entry.file, x: known.x, xSigma: known.sigma, sharedXErrors: known.shared, spectrum: read,
          exposure: try entry.exposure(try reader.scattered(entry.multipleScattering, axis: read.energy))))
    }
    var components: [ComponentStandard] = []
    for (index, entry) in (self.components ?? []).enumerated() {
      let read = reader.components[index][ring]
      components.append(
        ComponentStandard(
          name: entry.name, spectrum: read,
          exposure: try entry.exposure(try reader.scattered(entry.multipleScattering, axis: read.energy))))
    }
    return try StandardSet(
      geometry: try ScatteringGeometry(
        incidentEnergy: incidentEnergy, angle: reader.angle(ring) ?? scatteringAngle),
      response: try DetectorResponse(
        resolution: energyResolution ?? 0, tailFraction: tailFraction ?? 0, tailLength: tailLength ?? 0,
        efficiency: efficiency ?? [], sharingFraction: sharingFraction ?? 0, escapes: escapes ?? []),
      formula: try formula.map { (text) throws(VoxelithError) in try ChemicalFormula(text) },
      standards: standards, components: components, background: reader.background)
  }

  /// Files that the YAML names, for provenance.
  public static func inputs(_ path: String) throws(VoxelithError) -> [String] {
    let file = try read(path)
    let folder = PathName.folder(of: path)
    let names =
      file.standards.map(\.file) + (file.components ?? []).map(\.file)
      + ([file.background?.file] + file.standards.map(\.multipleScattering)
      + (file.components ?? []).map(\.multipleScattering) + [file.cell?.cycler, file.voxels]).compactMap {
        $0
      }
    return [path] + names.map { $0.hasPrefix("/") || folder.isEmpty ? $0 : folder + "/" + $0 }
  }

  /// Writes the spectra of a set as CSV files and the YAML file that names them.
  package static func write(
    _ set: StandardSet, to path: String, subfolder: String, overwrite: Bool
  ) throws(VoxelithError) {
    let folder = PathName.folder(of: path)
    try OutputFile.prepareFolder(folder + "/" + subfolder)
    func put(_ spectrum: Spectrum, _ name: String) throws(VoxelithError) -> String {
      let relative = subfolder + "/" + name
      try SpectrumFile.write(spectrum, to: folder + "/" + relative, overwrite: overwrite)
      return relative
    }
    var lines = [
      "incident_energy_keV: \(set.geometry.incidentEnergy)", "scattering_angle_deg: \(set.geometry.angle)",
      "energy_resolution_keV: \(set.response.resolution)",
    ]
    if let formula = set.formula { lines.append("formula: \(formula)") }
    func time(_ spectrum: Spectrum) -> String {
      spectrum.liveTime.map { ", live_time_s: \($0)" } ?? ""
    }
    lines.append("standards:")
    for standard in set.standards {
      let file = try put(standard.spectrum, standard.name)
      let error = standard.xSigma > 0 ? ", x_sigma: \(standard.xSigma)" : ""
      lines.append("  - {file: \(file), x: \(standard.x)\(error)\(time(standard.spectrum))}")
    }
    if !set.components.isEmpty { lines.append("components:") }
    for component in set.components {
      let file = try put(component.spectrum, component.name + ".csv")
      lines.append("  - {name: \(component.name), file: \(file)\(time(component.spectrum))}")
    }
    if let background = set.background {
      let file = try put(background, "background.csv")
      lines.append("background: {file: \(file)\(time(background))}")
    }
    try OutputFile.write(lines.joined(separator: "\n") + "\n", to: path, overwrite: overwrite)
  }
}
