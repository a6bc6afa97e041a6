public import Compton
import Foundation
import Readers
import Registration
public import Volumetry

/// `absorption.yaml`: the materials that absorb, where they are, and the directions of beam and camera.
///
/// ```yaml
/// labels: labels.tif            # or fractions: fractions.tif (ZCYX, one channel per phase)
/// transform: transform.json     # from spectra to labels; left out where both share a frame
/// beam_direction: [1, 0, 0]     # x, y, z in the frame of the spectra
/// camera_direction: [0, 0, -1]
/// layers:                       # around the volume, the same for every voxel; alone, or beside phases
///   - {name: casing, material: steel, thickness_um: 500, side: in}
/// phases:
///   - {name: active, label: 1, formula: LixNi0.8Mn0.1Co0.1O2, density_g_cm3: 4.75, x: 0.5}
/// ```
public struct AbsorptionFile: Codable, Sendable {
  public var labels: String?
  public var fractions: String?
  public var transform: String?
  public var beamDirection: [Double]?
  public var cameraDirection: [Double]?
  /// Edge of the cells in um over which labels are averaged before rays are traced.
  public var cell: Double?
  public var phases: [Phase]?
  public var layers: [LayerEntry]?

  public struct Phase: Codable, Sendable {
    public var name: String
    public var label: Int?
    public var formula: String
    public var density: Double
    public var x: Double?

    enum CodingKeys: String, CodingKey {
      case name, label, formula, x
      case density = "density_g_cm3"
    }

    public init(name: String, label: Int?, formula: String, density: Double, x: Double? = nil) {
      self.name = name
      self.label = label
      self.formula = formula
      self.density = density
      self.x = x
    }
  }

  enum CodingKeys: String, CodingKey {
    case labels, fractions, transform, phases, layers
    case beamDirection = "beam_direction"
    case cameraDirection = "camera_direction"
    case cell = "cell_um"
  }

  static let keys = KeyTree(
    ["labels", "fractions", "transform", "cell_um", "beam_direction", "camera_direction"],
    deeper: ["phases": ["name", "label", "formula", "density_g_cm3", "x"], "layers": LayerEntry.keys])

  /// Reads the file and the volume that it names; paths are relative to its folder.
  ///
  /// - Parameters:
  ///   - grid: that of the spectra: rays are traced through cells of about half its voxels.
  ///   - transform: from spectra to labels, in place of the file's.
  /// - Throws: `missing` and `data` as files and numbers demand.
  public static func load(
    _ path: String, grid: Grid, transform: [[Double]]? = nil
  ) throws(VoxelithError) -> Absorption {
    let file = try YAMLFile.decode(AbsorptionFile.self, from: path, allowed: keys)
    for name in [file.labels, file.fractions, file.transform].compactMap({ $0 }) {
      _ = try Containment.path(name, namedIn: path)
    }
    for phase in file.phases ?? [] {
      try NumberRange.density.check(phase.density, file: path, place: phase.name)
      try NumberRange.lithium.check(phase.x, file: path, place: phase.name)
    }
    do {
      return try file.absorption(
        folder: PathName.folder(of: path), grid: grid, transform: transform)
    } catch {
      throw error.located(file: path)
    }
  }

  /// Files that the YAML names, for provenance.
  public static func inputs(_ path: String) throws(VoxelithError) -> [String] {
    let file = try YAMLFile.decode(AbsorptionFile.self, from: path, allowed: keys)
    let folder = PathName.folder(of: path)
    return [path] + [file.labels, file.fractions, file.transform].compactMap { $0 }.map { full($0, folder) }
  }

  private static func full(_ name: String, _ folder: String) -> String {
    name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
  }

  /// The correction that this describes.
  public func absorption(
    folder: String, grid: Grid, transform given: [[Double]]? = nil
  ) throws(VoxelithError) -> Absorption {
    let phases = self.phases ?? []
    let layers = try (self.layers ?? []).map { (entry) throws(VoxelithError) in try entry.layer() }
    guard !phases.isEmpty || !layers.isEmpty else {
      throw VoxelithError(
        .data, "names no absorbing phases and no layers", advice: "list them under phases: or layers:")
    }
    let materials = try phases.map { (phase) throws(VoxelithError) in
      try AbsorbingPhase(
        name: phase.name, formula: try ChemicalFormula(phase.formula), density: phase.density,
        x: phase.x ?? 0.5)
    }
    var matrix = given
    if matrix == nil, let transform {
      matrix = try SpatialTransform.read(path: Self.full(transform, folder)).matrix
    }
    let field: PhaseField?
    switch (labels, fractions) {
    case (nil, nil) where phases.isEmpty: field = nil

    case (let labels?, nil):
      let values = try phases.map { (phase) throws(VoxelithError) -> Int in
        guard let label = phase.label else {
          throw VoxelithError(.data, "the phase '\(phase.name)' has no label", advice: "give it as label: 1")
        }
        return label
      }
      let half = 0.5 * min(grid.spacing.x, grid.spacing.y, grid.spacing.z)
      field = try PhaseField(
        labels: try VolumeFile.open(Self.full(labels, folder)), values: values, cell: cell ?? half,
        transform: matrix)
    case (nil, let fractions?):
      field = try PhaseField(sources: try FractionFile.open(Self.full(fractions, folder)), transform: matrix)
    default:
      throw VoxelithError(
        .data, "needs either labels or fractions",
        advice: "name the volume as labels: FILE or fractions: FILE")
    }
    func direction(_ given: [Double]?, _ name: String, _ standard: SIMD3<Double>) throws(VoxelithError)
      -> SIMD3<Double>
    {
      guard let given else { return standard }
      guard given.count == 3 else { throw VoxelithError(.data, "\(name) needs three numbers x, y, z") }
      return SIMD3(given[0], given[1], given[2])
    }
    return try Absorption(
      phases: materials, field: field, layers: layers,
      beam: try direction(beamDirection, "beam_direction", SIMD3(1, 0, 0)),
      camera: try direction(cameraDirection, "camera_direction", SIMD3(0, 0, -1)))
  }
}
