package import Microstructure
package import Registration
package import Volumetry

/// Volume fractions of phases on the grid of the spectra with their errors.
///
/// Labels go through the transform and the point spread to the coarse grid (``FieldProjection``); where the phases were
/// parted by thresholds, the grey values themselves do (``useGrey(_:model:labels:resources:)``). Errors are of two
/// kinds. Those of single voxels (summing up, noise) have a covariance between phases. Those that all voxels share
/// (alignment, grey values of the phases, thresholds) are modes: fields that scale with one normal deviate each.
package struct PhaseFractions {
  package struct Phase: Sendable {
    package let name: String
    package let label: Int

    package init(name: String, label: Int) {
      self.name = name
      self.label = label
    }
  }

  package let phases: [Phase]
  package let projection: FieldProjection
  /// One volume per phase; NaN where the fine volume covers too little.
  package private(set) var values: [Volume<Float>]
  /// Covariance between phases of the errors of a single voxel, by cause.
  package private(set) var sampling: Matrix
  package private(set) var noise: Matrix
  package private(set) var modes: [FractionMode] = []
  /// Part of each voxel's kernel that the fine volume covers.
  package let coverage: Volume<Float>
  /// What grey values were used; nil where labels decided.
  package private(set) var grey: GreyModel?
  /// The scan's blur, where grey values were used.
  package private(set) var blur: PartialVolume.BlurVariance?

  /// - Throws: as ``FieldProjection/phaseFractions(of:phases:resources:)``.
  init(
    of labels: any VolumeSource, phases: [Phase], through projection: FieldProjection, resources: Resources
  ) throws(VoxelithError) {
    self.phases = phases
    self.projection = projection
    let numbers = phases.map(\.label)
    (values, coverage) = try projection.phaseFractionsAndCoverage(
      of: labels, phases: numbers, resources: resources)
    sampling = try projection.samplingErrors(
      of: labels, phases: numbers, values: values, resources: resources)
    noise = Matrix(zeros: phases.count, phases.count)
  }

  /// Covariance between phases of the errors of a single voxel.
  package var own: Matrix { sampling + noise }

  /// Phases averaged to a quarter of a coarse voxel (coarser where memory asks for it): differences need no finer ones.
  func averages(
    of labels: any VolumeSource, spread: PointSpread? = nil, _ resources: Resources
  ) throws(VoxelithError) -> [FieldSensitivity] {
    var length = 0.25 * projection.target.spacing.min()
    let spacing = labels.grid.spacing
    var factor: Shape
    func count(_ spacing: Double) -> Int { max(1, Int(length / spacing + 1e-6)) }
    repeat {
      factor = Shape(z: count(spacing.z), y: count(spacing.y), x: count(spacing.x))
      length *= 1.25
    } while labels.grid.shape.count / factor.count * phases.count * 16 > max(1 << 20, resources.memory / 2)
    let averages = try PhaseAverages(
      of: labels, phases: phases.map(\.label), by: factor, resources: resources)
    return averages.fractions.map {
      FieldSensitivity(
        of: $0, onto: projection.target, through: projection.transform, spread: spread ?? projection.spread,
        threads: resources.threads)
    }
  }

  /// Adds what the covariance of the alignment does to the fractions.
  mutating func addAlignment(
    _ uncertainty: (parameters: LocalParameters, covariance: Matrix)?, labels: any VolumeSource,
    resources: Resources
  ) throws(VoxelithError) {
    guard let uncertainty else { return }
    let byPhase = try averages(of: labels, resources).map {
      $0.changes(uncertainty.parameters, covariance: uncertainty.covariance)
    }
    for part in 0..<uncertainty.covariance.rows {
      modes.append(FractionMode(cause: .alignment, changes: byPhase.map { $0[part] }))
    }
  }

  /// Adds what moving one threshold by its standard deviation does.
  mutating func addThreshold(
    low: any VolumeSource, high: any VolumeSource, resources: Resources
  ) throws(VoxelithError) {
    let a = try averages(of: low, resources)
    let b = try averages(of: high, resources)
    let changes = phases.indices.map { phase in
      zip(a[phase].values, b[phase].values).map { 0.5 * ($0 - $1) }
    }
    modes.append(FractionMode(cause: .thresholds, changes: changes))
  }

  /// Adds what the fractions of voxels at the border would be if nothing lay beyond it: they are those of the covered part.
  mutating func addBorder() {
    // The sums of whole voxels are not exact.
    let missing = coverage.voxels.map { $0 < 1 - Self.leastMissing ? Double(1 - $0) : 0 }
    guard zip(missing, values[0].voxels).contains(where: { $0 > 0 && !$1.isNaN }) else { return }
    let changes = values.map { volume in
      zip(volume.voxels, missing).map { $0.isNaN ? .nan : $1 * Double($0) }
    }
    modes.append(FractionMode(cause: .border, changes: changes))
  }

  private static let leastMissing: Float = 1e-3

  /// Puts fractions from grey values in the place of those from labels.
  mutating func set(
    grey model: GreyModel, blur: PartialVolume.BlurVariance, values: [Volume<Float>], noise: Matrix,
    modes: [FractionMode]
  ) {
    grey = model
    self.blur = blur
    self.values = values
    self.noise = noise
    self.modes += modes
  }

  /// Standard deviations of a phase with all that is known of them, `given` added in quadrature; NaN where the fraction
  /// is.
  func sigma(_ phase: Int, given: Double) -> Volume<Float> {
    let single = own[phase, phase] + given * given
    return Volume(
      grid: projection.target,
      voxels: values[phase].voxels.indices.map { voxel in
        guard !values[phase].voxels[voxel].isNaN else { return .nan }
        var sum = single
        for mode in modes {
          let change = mode.changes[phase][voxel]
          if change.isFinite { sum += change * change }
        }
        return Float(sum.squareRoot())
      })
  }

  /// Root of the mean square over voxels of what one cause does to a phase.
  func deviation(_ phase: Int, _ cause: FractionMode.Cause) -> Double {
    modes.filter { $0.cause == cause }.reduce(0) { $0 + $1.meanSquare(phase) }.squareRoot()
  }
}
