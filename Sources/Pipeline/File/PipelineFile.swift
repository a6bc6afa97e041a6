import Foundation
import Readers
public import Results
public import Volumetry
import Yams

/// `pipeline.yaml`: what `voxelith run` does with which files. Only `inputs.xcs` and `inputs.standards` are needed;
/// every section has defaults.
public struct PipelineFile: Codable, Sendable {
  public var inputs: Inputs
  /// Labels of the phases.
  public var phases = Phases()
  /// Stages to leave out.
  public var skip: [String] = []
  public var calibrate = CalibrateSettings()
  /// Grey values to labels; done where an XCT but no labels are given.
  public var segment = SegmentSettings()
  public var thresholds = ThresholdSettings()
  public var orient = OrientSettings()
  /// Pore metrics and local thickness; only where the section is there.
  public var pores: PoresSettings?
  /// Diffusion; only where the section is there.
  public var transport: TransportSettings?
  /// Touching particles and their contacts; only where the section is there.
  public var particles: ParticlesSettings?
  /// Contact areas and topology; only where the section is there.
  public var interfaces: InterfacesSettings?
  /// Ways to a face; only where the section is there.
  public var paths: PathsSettings?
  /// Diffusivity from a series; only where the section is there.
  public var diffuse: DiffuseSettings?
  /// Alignment of the XCT with the XCS intensity.
  public var register = RegisterSettings()
  public var given = GivenTransform()
  public var fractions = FractionsSettings()
  public var map = MapSettings()
  /// A calibration for each label; only where the section is there.
  public var materials: MaterialsSettings?
  /// Maps of other quantities than lithium.
  public var maps: [Entry] = []
  public var correlate = CorrelateSettings()
  public var crossCheck = CrossCheck()
  public var figures = FiguresSettings()
  public var report = ReportSettings()

  /// A map of another quantity, and how its volume is opened.
  public struct Entry: Sendable, Codable {
    public var map: GivenMapSettings
    public var volume: VolumeInputSettings

    public init(map: GivenMapSettings, volume: VolumeInputSettings = VolumeInputSettings()) {
      self.map = map
      self.volume = volume
    }

    static let keys = GivenMapSettings.keys + VolumeInputSettings.keys
  }

  public init(inputs: Inputs) { self.inputs = inputs }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case inputs, phases, skip, calibrate, segment, orient, pores, transport, particles, interfaces, paths
    case diffuse, register, fractions, map, materials, maps, correlate
    case figures, report
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    inputs = try container.decode(Inputs.self, forKey: .inputs)
    phases = try container.settings(Phases.self, .phases)
    skip = try container.decodeIfPresent([String].self, forKey: .skip) ?? []
    calibrate = try container.settings(CalibrateSettings.self, .calibrate)
    segment = try container.settings(SegmentSettings.self, .segment)
    thresholds = try container.settings(ThresholdSettings.self, .segment)
    orient = try container.settings(OrientSettings.self, .orient)
    if container.contains(.pores) { pores = try container.settings(PoresSettings.self, .pores) }
    if container.contains(.transport) {
      transport = try container.settings(TransportSettings.self, .transport)
    }
    if container.contains(.particles) {
      particles = try container.settings(ParticlesSettings.self, .particles)
    }
    if container.contains(.interfaces) {
      interfaces = try container.settings(InterfacesSettings.self, .interfaces)
    }
    if container.contains(.paths) { paths = try container.settings(PathsSettings.self, .paths) }
    if container.contains(.diffuse) { diffuse = try container.settings(DiffuseSettings.self, .diffuse) }
    register = try container.settings(RegisterSettings.self, .register)
    given = try container.settings(GivenTransform.self, .register)
    fractions = try container.settings(FractionsSettings.self, .fractions)
    map = try container.settings(MapSettings.self, .map)
    let window = try container.settings(MapWindow.self, .map)
    if let window = window.fitWindow {
      // The window of the fit stood under `map` before the calibration had a section.
      let other = calibrate.fitWindow
      guard other == CalibrateSettings().fitWindow || other == window else {
        throw DecodingError.dataCorrupted(
          DecodingError.Context(
            codingPath: [CodingKeys.calibrate, CalibrateSettings.CodingKeys.fitWindow],
            debugDescription: "map.fit_window_au says something else"))
      }
      calibrate.fitWindow = window
    }
    if container.contains(.materials) {
      materials = try container.settings(MaterialsSettings.self, .materials)
    }
    maps = zip(
      try container.settingsList(GivenMapSettings.self, .maps),
      try container.settingsList(VolumeInputSettings.self, .maps)
    ).map { Entry(map: $0, volume: $1) }
    correlate = try container.settings(CorrelateSettings.self, .correlate)
    crossCheck = try container.settings(CrossCheck.self, .correlate)
    figures = try container.settings(FiguresSettings.self, .figures)
    report = try container.settings(ReportSettings.self, .report)
  }

  /// Only what differs from the defaults is written.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(inputs, forKey: .inputs)
    func add<Value: OperationSettings>(_ value: Value, _ key: CodingKeys, always: Bool = false) throws {
      let changed = try value.changes()
      if always || !changed.isEmpty { try container.encode(JSONValue.object(changed), forKey: key) }
    }
    try add(phases, .phases)
    if !skip.isEmpty { try container.encode(skip, forKey: .skip) }
    try add(calibrate, .calibrate)
    try container.encodeChanges([try segment.changes(), try thresholds.changes()], .segment)
    try add(orient, .orient)
    if let pores { try add(pores, .pores, always: true) }
    if let transport { try add(transport, .transport, always: true) }
    if let particles { try add(particles, .particles, always: true) }
    if let interfaces { try add(interfaces, .interfaces, always: true) }
    if let paths { try add(paths, .paths, always: true) }
    if let diffuse { try add(diffuse, .diffuse, always: true) }
    try container.encodeChanges([try register.changes(), try given.changes()], .register)
    try add(fractions, .fractions)
    try add(map, .map)
    if let materials { try add(materials, .materials, always: true) }
    if !maps.isEmpty {
      let all = try maps.map { entry in
        JSONValue.object(try entry.map.changes().merging(try entry.volume.changes()) { $1 })
      }
      try container.encode(JSONValue.list(all), forKey: .maps)
    }
    try container.encodeChanges([try correlate.changes(), try crossCheck.changes()], .correlate)
    try add(figures, .figures)
    try add(report, .report)
  }

  /// The keys of each section.
  package static let sections: [CodingKeys: [String]] = [
    .inputs: Inputs.keys, .phases: Phases.keys, .calibrate: CalibrateSettings.keys,
    .segment: SegmentSettings.keys + ThresholdSettings.keys,
    // The mask of a pipeline are the pores.
    .orient: OrientSettings.keys.filter { !["mask", "mask_label", "mask_role"].contains($0) },
    .pores: PoresSettings.keys, .transport: TransportSettings.keys, .particles: ParticlesSettings.keys,
    .interfaces: InterfacesSettings.keys, .paths: PathsSettings.keys,
    .diffuse: DiffuseSettings.keys,
    .register: RegisterSettings.keys + GivenTransform.keys, .fractions: FractionsSettings.keys,
    // What the fractions are stands in their own section.
    .map: MapSettings.keys.filter { !["fractions", "fraction_sigma", "rest_is_empty"].contains($0) }
      + MapWindow.keys,
    .materials: MaterialsSettings.keys, .maps: Entry.keys,
    .correlate: CorrelateSettings.keys + CrossCheck.keys,
    .figures: FiguresSettings.keys,
    .report: ReportSettings.keys,
  ]

  static let keys = KeyTree(
    [CodingKeys.skip.rawValue],
    deeper: Dictionary(
      uniqueKeysWithValues: sections.map { (section, keys) in
        (
          section.rawValue,
          KeyTree(
            keys,
            deeper: section == .inputs
              ? ["xcs_scan": KeyTree(ScanSettings.CodingKeys.allCases.map(\.stringValue), deeper: [:])] : [:])
        )
      }))

  /// Reads a pipeline.
  ///
  /// - Throws: `missing` and `data`, see the messages.
  public static func read(_ path: String) throws(VoxelithError) -> PipelineFile {
    try YAMLFile.decode(PipelineFile.self, from: path, allowed: keys)
  }

  package func write(to path: String, overwrite: Bool) throws(VoxelithError) {
    do {
      try OutputFile.write(try YAMLEncoder().encode(self), to: path, overwrite: overwrite)
    } catch let error as VoxelithError {
      throw error
    } catch {
      throw VoxelithError(.internal, "the pipeline cannot be written as YAML", cause: "\(error)")
    }
  }
}

extension KeyedEncodingContainer {
  fileprivate mutating func encodeChanges(_ parts: [[String: JSONValue]], _ key: Key) throws {
    let all = parts.reduce(into: [:]) { all, part in all.merge(part) { $1 } }
    if !all.isEmpty { try encode(JSONValue.object(all), forKey: key) }
  }
}
