public import Compton
public import Volumetry

/// A digital twin: an electrode with known truth and what XCT, XCS and the standards would measure of it.
public struct Twin: Sendable {
  public let settings: TwinSettings
  public let materials: ElectrodeMaterials
  public let labels: any VolumeSource
  public let xct: XCTImage
  public let spectra: TwinSpectra
  public let standards: TwinStandards
  /// Gain and offset of the detector's pixels, where they differ.
  public let energies: PixelEnergies?
  /// What the sample absorbs; nil for a transparent one.
  public let absorption: Absorption?
  /// From XCS points to XCT points.
  public let pose: RigidPose

  /// Makes a twin from labels. The XCS grid covers the labels as far as whole XCS voxels do.
  ///
  /// - Throws: `usage` where the settings make no sense or the labels are smaller than one XCS voxel; errors of the
  ///   label source.
  public init(
    labels: any VolumeSource, settings: TwinSettings, resources: Resources
  ) throws(VoxelithError) {
    try settings.validate()
    self.settings = settings
    self.labels = labels
    let ratio = settings.ratio
    let shape = Shape(
      z: labels.grid.shape.z / ratio, y: labels.grid.shape.y / ratio, x: labels.grid.shape.x / ratio)
    guard !shape.isEmpty else {
      throw VoxelithError(
        .usage, "the labels have \(labels.grid.shape) voxels, an XCS voxel \(ratio) along each side",
        advice: "choose a smaller ratio")
    }
    let grid = Grid(
      shape: shape, spacing: labels.grid.spacing * Double(ratio), origin: labels.grid.origin,
      hasKnownSpacing: labels.grid.hasKnownSpacing)
    let materials = try ElectrodeMaterials.standard(
      formula: settings.formula, density: settings.density, activeLabel: settings.activeLabel,
      poreLabel: settings.activeLabel == 0 ? 1 : 0, binderLabel: settings.activeLabel == 2 ? 3 : 2)
    self.materials = materials
    pose = RigidPose(
      rotation: settings.rotation, translation: settings.translation, center: grid.middle)
    let fields = try TwinFields(
      grid: grid, labels: labels, pose: pose,
      lithium: LithiumField(
        grid: settings.diffusion == nil ? labels.grid : grid, mean: settings.lithiumMean,
        gradient: settings.lithiumGradient, amplitude: settings.lithiumAmplitude,
        diffusion: settings.diffusion,
        // Cells within a voxel take points, whole voxels their means.
        cell: settings.pointSpread > 0 ? .zero : grid.spacing, seed: settings.seed),
      activeLabel: settings.activeLabel, componentLabels: materials.components.map(\.label), samples: ratio,
      pointSpread: settings.pointSpread, relation: settings.lithiumOnActive, resources: resources)
    let bench = try TwinBench(settings, materials: materials)
    energies = try bench.energies(grid)
    absorption =
      settings.absorbs ? try Self.absorption(fields, materials, isMixture: settings.isMixture) : nil
    spectra = TwinSpectra(
      fields: fields, energy: bench.energy, acquisition: bench.acquisition(grid),
      rates: try bench.rates(columns: shape.x, energies: energies, threads: resources.threads),
      liveTime: settings.voxelLiveTime, seed: settings.countSeed ?? settings.seed,
      hasComponents: settings.isMixture,
      absorber: absorption.map {
        TwinAbsorber(
          $0, incidentEnergy: settings.incidentEnergy, energy: bench.energy,
          angles: (0..<shape.x).map { bench.angle(column: $0, of: shape.x) })
      })
    standards = try bench.standards(hasComponents: settings.isMixture)
    let greys = Self.greys(materials, labels: labels)
    xct = XCTImage(
      labels: labels, greys: greys, noise: settings.xctNoise * (greys.max() ?? 1), seed: settings.seed)
  }

  private static func absorption(
    _ fields: TwinFields, _ materials: ElectrodeMaterials, isMixture: Bool
  ) throws(VoxelithError) -> Absorption {
    let phases = [materials.active] + (isMixture ? materials.components : [])
    var known = fields.grid
    known.hasKnownSpacing = true
    return try Absorption(
      phases: try phases.map { (phase) throws(VoxelithError) in
        try AbsorbingPhase(name: phase.name, formula: phase.formula, density: phase.density)
      },
      field: try PhaseField(grid: known, fractions: [fields.active] + (isMixture ? fields.components : [])))
  }

  /// Grey values by label in proportion to electron density; the active material has 40000.
  private static func greys(_ materials: ElectrodeMaterials, labels: any VolumeSource) -> [Double] {
    let phases = [materials.active] + materials.components
    let top = ElectrodeMaterials.electronDensity(materials.active, x: 0.5)
    var result = [Double](repeating: 2000, count: (phases.map(\.label).max() ?? 0) + 1)
    for phase in phases {
      result[phase.label] = 2000 + 38000 * ElectrodeMaterials.electronDensity(phase, x: 0.5) / top
    }
    return result
  }
}
