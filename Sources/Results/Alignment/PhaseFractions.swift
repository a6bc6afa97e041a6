package import Registration
package import Volumetry

/// Volume fractions of phases on the grid of the spectra with their standard deviations.
///
/// Labels go through the transform and the point spread to the coarse grid (``FieldProjection``). Two causes of error
/// are carried along: the covariance of the alignment by the gradients of the fractions, and labels with each
/// threshold moved. Both look at the phases averaged to a quarter of a coarse voxel (coarser where memory asks for
/// it), since differences need no finer ones.
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
  package let values: [Volume<Float>]
  /// Sums of squares of the deviations by voxel.
  private(set) var alignment: [[Double]]
  private(set) var thresholds: [[Double]]
  /// Variance by phase of the numbers themselves: the mean square of what two ways to sum up the voxels differ by.
  private(set) var sampling: [Double]

  /// - Throws: as ``FieldProjection/phaseFractions(of:phases:resources:)``.
  package init(
    of labels: any VolumeSource, phases: [Phase], through projection: FieldProjection, resources: Resources
  ) throws(VoxelithError) {
    self.phases = phases
    self.projection = projection
    values = try projection.phaseFractions(of: labels, phases: phases.map(\.label), resources: resources)
    let zeros = [Double](repeating: 0, count: projection.target.shape.count)
    alignment = [[Double]](repeating: zeros, count: phases.count)
    thresholds = alignment
    sampling = [Double](repeating: 0, count: phases.count)
  }

  private func averages(
    of labels: any VolumeSource, _ resources: Resources
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
        of: $0, onto: projection.target, through: projection.transform, spread: projection.spread,
        threads: resources.threads)
    }
  }

  /// Adds what the covariance of the alignment does to the fractions, and finds the error of the sums.
  package mutating func addAlignment(
    _ uncertainty: (parameters: LocalParameters, covariance: Matrix)?, labels: any VolumeSource,
    resources: Resources
  ) throws(VoxelithError) {
    for (phase, field) in try averages(of: labels, resources).enumerated() {
      var differences = Moments()
      for (voxel, value) in field.values.enumerated() where !values[phase].voxels[voxel].isNaN {
        let difference = value - Double(values[phase].voxels[voxel])
        differences.add(difference * difference)
      }
      sampling[phase] = differences.count > 0 ? differences.mean : 0
      guard let uncertainty else { continue }
      let variances = field.variance(uncertainty.parameters, covariance: uncertainty.covariance)
      for (voxel, variance) in variances.enumerated() where variance.isFinite {
        alignment[phase][voxel] += variance
      }
    }
  }

  /// Adds what moving one threshold to both sides does.
  package mutating func addThreshold(
    low: any VolumeSource, high: any VolumeSource, resources: Resources
  ) throws(VoxelithError) {
    let a = try averages(of: low, resources)
    let b = try averages(of: high, resources)
    for phase in phases.indices {
      for (voxel, pair) in zip(a[phase].values, b[phase].values).enumerated() {
        let change = 0.5 * (pair.0 - pair.1)
        if change.isFinite { thresholds[phase][voxel] += change * change }
      }
    }
  }

  /// Standard deviations of a phase, `given` added in quadrature; NaN where the fraction is.
  package func sigma(_ phase: Int, given: Double) -> Volume<Float> {
    Volume(
      grid: projection.target,
      voxels: values[phase].voxels.indices.map { voxel in
        guard !values[phase].voxels[voxel].isNaN else { return .nan }
        let sum = alignment[phase][voxel] + thresholds[phase][voxel] + sampling[phase] + given * given
        return Float(sum.squareRoot())
      })
  }

  /// Root mean square over the covered voxels of a sum of squares.
  package func rootMean(_ squares: [Double], _ phase: Int) -> Double {
    var moments = Moments()
    for (voxel, value) in values[phase].voxels.enumerated() where !value.isNaN { moments.add(squares[voxel]) }
    return moments.count > 0 ? moments.mean.squareRoot() : 0
  }
}
