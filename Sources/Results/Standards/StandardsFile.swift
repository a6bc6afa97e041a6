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
  /// Counts in one unit of the files' numbers, where they are none.
  public var countsPerUnit: Double?

  public struct Entry: Codable, Sendable {
    public var file: String
    public var x: Double
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
      case file, x, packing, layers
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
    case efficiency, escapes, formula, standards, components, background
    case sharingFraction = "sharing_fraction"
    case countsPerUnit = "counts_per_unit"
  }

  private static let keys = KeyTree(
    [
      "incident_energy_keV", "scattering_angle_deg", "energy_resolution_keV", "tail_fraction",
      "tail_length_keV", "sharing_fraction", "formula", "counts_per_unit",
    ],
    deeper: [
      "escapes": ["energy_keV", "fraction"],
      "efficiency": ["energy_keV", "value"],
      "standards": KeyTree(
        [
          "file", "x", "x_sigma", "live_time_s", "monitor_counts", "packing", "amplitude_sigma",
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
    try YAMLFile.decode(StandardsFile.self, from: path, allowed: keys)
  }

  /// Reads the file and every spectrum that it names; paths are relative to its folder.
  ///
  /// - Throws: `missing` and `data` as files and numbers demand, see `StandardSet`.
  public static func load(_ path: String) throws(VoxelithError) -> StandardSet {
    let file = try read(path)
    let folder = (path as NSString).deletingLastPathComponent
    func spectrum(_ name: String, _ liveTime: Double?) throws(VoxelithError) -> Spectrum {
      let full = name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
      let read = try SpectrumFile.read(full)
      let scale = file.countsPerUnit ?? 1
      guard scale > 0, scale.isFinite else {
        throw VoxelithError(
          .data, "counts_per_unit \(scale) is not positive", file: path,
          advice: "give what turns the files' numbers into counts")
      }
      return try Spectrum(
        energy: read.energy, counts: read.counts.map { $0 * scale }, liveTime: liveTime ?? read.liveTime,
        file: full)
    }
    let geometry: ScatteringGeometry
    do {
      geometry = try ScatteringGeometry(incidentEnergy: file.incidentEnergy, angle: file.scatteringAngle)
    } catch {
      throw error.located(file: path)
    }
    func exposure(
      _ scattered: String?, of spectrum: Spectrum,
      _ make: ([Double]) throws(VoxelithError) -> StandardExposure
    ) throws(VoxelithError) -> StandardExposure {
      let shape = try scattered.map { (name) throws(VoxelithError) in
        try ScatteringShape.read(
          name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name, geometry: geometry,
          axis: spectrum.energy)
      }
      do {
        return try make(shape ?? [])
      } catch {
        throw error.located(file: path)
      }
    }
    var standards: [Standard] = []
    for entry in file.standards {
      let read = try spectrum(entry.file, entry.liveTime)
      standards.append(
        Standard(
          name: entry.file, x: entry.x, xSigma: entry.xSigma ?? 0, spectrum: read,
          exposure: try exposure(entry.multipleScattering, of: read, entry.exposure)))
    }
    var components: [ComponentStandard] = []
    for entry in file.components ?? [] {
      let read = try spectrum(entry.file, entry.liveTime)
      components.append(
        ComponentStandard(
          name: entry.name, spectrum: read,
          exposure: try exposure(entry.multipleScattering, of: read, entry.exposure)))
    }
    do {
      return try StandardSet(
        geometry: geometry,
        response: try DetectorResponse(
          resolution: file.energyResolution ?? 0, tailFraction: file.tailFraction ?? 0,
          tailLength: file.tailLength ?? 0, efficiency: file.efficiency ?? [],
          sharingFraction: file.sharingFraction ?? 0, escapes: file.escapes ?? []),
        formula: try file.formula.map { (text) throws(VoxelithError) in try ChemicalFormula(text) },
        standards: standards, components: components,
        background: try file.background.map { (entry) throws(VoxelithError) in
          try spectrum(entry.file, entry.liveTime)
        })
    } catch {
      throw error.located(file: path)
    }
  }

  /// Files that the YAML names, for provenance.
  public static func inputs(_ path: String) throws(VoxelithError) -> [String] {
    let file = try read(path)
    let folder = (path as NSString).deletingLastPathComponent
    let names =
      file.standards.map(\.file) + (file.components ?? []).map(\.file)
      + ([file.background?.file] + file.standards.map(\.multipleScattering)
      + (file.components ?? []).map(\.multipleScattering)).compactMap { $0 }
    return [path] + names.map { $0.hasPrefix("/") || folder.isEmpty ? $0 : folder + "/" + $0 }
  }

  /// Writes the spectra of a set as CSV files and the YAML file that names them.
  package static func write(
    _ set: StandardSet, to path: String, subfolder: String, overwrite: Bool
  ) throws(VoxelithError) {
    let folder = (path as NSString).deletingLastPathComponent
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
