public import Compton
import Foundation
import Readers
public import Volumetry

/// `scatter.yaml`: beam, sample and camera of a simulation of multiple scattering.
///
/// ```yaml
/// incident_energy_keV: 115.6
/// scattering_angle_deg: 90
/// energy_resolution_keV: 1.0
/// spectrum: standards/s0.csv        # whose energy axis is taken
/// beam: {center_um: [0, 0, 0], size_um: [50, 1000]}   # in the plane of scattering, and across it
/// view: {center_um: [0, 0, 0], size_um: [50, 50]}     # what a pixel sees; all where left out
/// boxes:
///   - {name: electrode, material: LixNi0.8Mn0.1Co0.1O2, density_g_cm3: 3, x: 0.5, center_um: [0, 0, 0], size_um: [1000, 1000, 200]}
/// ```
///
/// In place of boxes: `labels: FILE` with `phases:` as in `absorption.yaml`.
public struct ScatterFile: Codable, Sendable {
  public var incidentEnergy: Double
  public var scatteringAngle: Double
  public var energyResolution: Double?
  public var tailFraction: Double?
  public var tailLength: Double?
  public var spectrum: String
  public var beamDirection: [Double]?
  public var cameraDirection: [Double]?
  public var beam: Column?
  public var view: Column?
  public var boxes: [Box]?
  public var labels: String?
  public var phases: [AbsorptionFile.Phase]?
  public var cell: Double?

  public struct Column: Codable, Sendable {
    public var center: [Double]
    public var size: [Double]

    enum CodingKeys: String, CodingKey {
      case center = "center_um"
      case size = "size_um"
    }
  }

  public struct Box: Codable, Sendable {
    public var name: String?
    public var material: String
    public var density: Double?
    public var x: Double?
    public var center: [Double]
    public var size: [Double]

    enum CodingKeys: String, CodingKey {
      case name, material, x
      case density = "density_g_cm3"
      case center = "center_um"
      case size = "size_um"
    }
  }

  enum CodingKeys: String, CodingKey {
    case spectrum, beam, view, boxes, labels, phases
    case incidentEnergy = "incident_energy_keV"
    case scatteringAngle = "scattering_angle_deg"
    case energyResolution = "energy_resolution_keV"
    case tailFraction = "tail_fraction"
    case tailLength = "tail_length_keV"
    case beamDirection = "beam_direction"
    case cameraDirection = "camera_direction"
    case cell = "cell_um"
  }

  private static let keys = KeyTree(
    [
      "incident_energy_keV", "scattering_angle_deg", "energy_resolution_keV", "tail_fraction",
      "tail_length_keV", "spectrum", "beam_direction", "camera_direction", "labels", "cell_um",
    ],
    deeper: [
      "beam": ["center_um", "size_um"], "view": ["center_um", "size_um"],
      "boxes": ["name", "material", "density_g_cm3", "x", "center_um", "size_um"],
      "phases": ["name", "label", "formula", "density_g_cm3", "x"],
    ])

  /// - Throws: `missing` and `data` as the file demands.
  public static func read(_ path: String) throws(VoxelithError) -> ScatterFile {
    try YAMLFile.decode(ScatterFile.self, from: path, allowed: keys)
  }

  /// Files that the YAML names.
  public func inputs(_ path: String) -> [String] {
    let folder = PathName.folder(of: path)
    return [path] + [spectrum, labels].compactMap { $0 }.map { Self.full($0, folder) }
  }

  private static func full(_ name: String, _ folder: String) -> String {
    name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
  }

  /// Simulates the scene.
  ///
  /// - Throws: `missing` and `data` as files and numbers demand.
  public func run(
    _ path: String, histories: Int, seed: UInt64, resources: Resources
  ) throws(VoxelithError) -> ScatteredSpectrum {
    let folder = PathName.folder(of: path)
    let axis = try SpectrumFile.read(Self.full(spectrum, folder)).energy
    do {
      let response = try DetectorResponse(
        resolution: energyResolution ?? 0, tailFraction: tailFraction ?? 0, tailLength: tailLength ?? 0)
      return try MultipleScattering(try scene(folder), histories: histories, seed: seed).run(
        axis: axis, response: response, resources: resources)
    } catch {
      throw error.located(file: path)
    }
  }

  private func scene(_ folder: String) throws(VoxelithError) -> ScatteringScene {
    let materials: [AbsorbingPhase]
    let body: ScatteringBody
    switch (boxes, labels) {
    case (let boxes?, nil):
      var made: [AbsorbingPhase] = []
      var places: [ScatteringBody.Box] = []
      for (index, box) in boxes.enumerated() {
        let title = box.name ?? box.material
        let known = try NamedMaterial.resolve(box.material, density: box.density, of: title)
        made.append(
          try AbsorbingPhase(name: title, formula: known.formula, density: known.density, x: box.x ?? 0.5))
        let center = try Self.vector(box.center, "center_um of '\(title)'")
        let half = 0.5 * (try Self.vector(box.size, "size_um of '\(title)'"))
        places.append(.init(lower: center - half, upper: center + half, material: index))
      }
      (materials, body) = (made, .boxes(places))
    case (nil, let labels?):
      let phases = self.phases ?? []
      materials = try phases.map { (phase) throws(VoxelithError) in
        try AbsorbingPhase(
          name: phase.name, formula: try ChemicalFormula(phase.formula), density: phase.density,
          x: phase.x ?? 0.5)
      }
      let values = try phases.map { (phase) throws(VoxelithError) -> Int in
        guard let label = phase.label else {
          throw VoxelithError(.data, "the phase '\(phase.name)' has no label", advice: "give it as label: 1")
        }
        return label
      }
      let volume = try VolumeFile.open(Self.full(labels, folder))
      let smallest = min(volume.grid.spacing.x, volume.grid.spacing.y, volume.grid.spacing.z)
      body = .cells(try PhaseField(labels: volume, values: values, cell: cell ?? smallest))
    default:
      throw VoxelithError(
        .data, "the sample is either boxes or labels",
        advice: "list boxes:, or name labels: FILE with phases:")
    }
    return try ScatteringScene(
      phases: materials, body: body,
      geometry: try ScatteringGeometry(incidentEnergy: incidentEnergy, angle: scatteringAngle),
      beam: try beam.map { (column) throws(VoxelithError) in try Self.column(column, "beam") },
      view: try view.map { (column) throws(VoxelithError) in try Self.column(column, "view") },
      beamDirection: try beamDirection.map { (list) throws(VoxelithError) in
        try Self.vector(list, "beam_direction")
      }
        ?? SIMD3(1, 0, 0),
      cameraDirection: try cameraDirection.map { (list) throws(VoxelithError) in
        try Self.vector(list, "camera_direction")
      } ?? SIMD3(0, 0, -1))
  }

  private static func column(_ column: Column, _ name: String) throws(VoxelithError) -> ScatteringScene.Column
  {
    guard column.size.count == 2 else {
      throw VoxelithError(
        .data, "size_um of \(name) needs two numbers", advice: "in the plane of scattering, and across it")
    }
    return try ScatteringScene.Column(
      center: try vector(column.center, "center_um of \(name)"), width: column.size[0], height: column.size[1]
    )
  }

  private static func vector(_ list: [Double], _ name: String) throws(VoxelithError) -> SIMD3<Double> {
    guard list.count == 3, list.allSatisfy(\.isFinite) else {
      throw VoxelithError(.data, "\(name) needs three numbers x, y, z")
    }
    return SIMD3(list[0], list[1], list[2])
  }
}
