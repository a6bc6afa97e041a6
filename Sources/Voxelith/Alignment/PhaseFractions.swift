import Registration
import Volumetry

/// Volume fractions of phases on the grid of the spectra with their standard deviations.
///
/// Labels go through the transform and the point spread to the coarse grid (``FieldProjection``). Two causes of error
/// are carried along: the covariance C of the alignment, by projecting through transforms moved to both sides along
/// the columns of its Cholesky factor, which gives the diagonal of J C J^T; and labels with each threshold moved.
struct PhaseFractions {
  struct Phase: Sendable {
    let name: String
    let label: Int
  }

  let phases: [Phase]
  let projection: FieldProjection
  /// One volume per phase; NaN where the fine volume covers too little.
  let values: [Volume<Float>]
  /// Sums of squares of the deviations by voxel.
  private(set) var alignment: [[Double]]
  private(set) var thresholds: [[Double]]

  /// - Throws: as ``FieldProjection/phaseFractions(of:phases:resources:)``.
  init(
    of labels: any VolumeSource, phases: [Phase], through projection: FieldProjection, resources: Resources
  ) throws(VoxelithError) {
    self.phases = phases
    self.projection = projection
    values = try projection.phaseFractions(of: labels, phases: phases.map(\.label), resources: resources)
    let zeros = [Double](repeating: 0, count: projection.target.shape.count)
    alignment = [[Double]](repeating: zeros, count: phases.count)
    thresholds = alignment
  }

  /// Adds what the covariance of the alignment does to the fractions.
  ///
  /// The labels are averaged once to a quarter of a coarse voxel (coarser where memory asks for it), since
  /// differences between nearby transforms need no finer ones.
  mutating func addAlignment(
    _ parameters: LocalParameters, covariance: Matrix, labels: any VolumeSource, resources: Resources
  ) throws(VoxelithError) {
    let target = projection.target
    var length = 0.25 * target.spacing.min()
    var factor: Shape
    let spacing = labels.grid.spacing
    func count(_ spacing: Double) -> Int { max(1, Int(length / spacing + 1e-6)) }
    repeat {
      factor = Shape(z: count(spacing.z), y: count(spacing.y), x: count(spacing.x))
      length *= 1.25
    } while labels.grid.shape.count / factor.count * phases.count * 4 > max(1 << 20, resources.memory / 4)
    var binned: [any VolumeSource] = []
    for phase in phases {
      binned.append(
        try BinnedVolume(PhaseIndicator(labels: labels, phase: phase.label), by: factor)
          .load(resources: resources, stage: "average phases"))
    }
    for column in covariance.lowerFactorColumns {
      func moved(_ sign: Double) throws(VoxelithError) -> [Volume<Float>] {
        let change = column.map { sign * $0 }
        var shifted = try FieldProjection(
          onto: target, through: parameters.apply(change, to: projection.transform),
          spread: projection.spread)
        shifted.minimumShare = 0.05
        return try shifted.means(of: binned, resources: resources)
      }
      Self.add(half: try moved(1), try moved(-1), to: &alignment)
    }
  }

  /// Adds what moving one threshold to both sides does.
  mutating func addThreshold(
    low: any VolumeSource, high: any VolumeSource, resources: Resources
  ) throws(VoxelithError) {
    let wanted = phases.map(\.label)
    let a = try projection.phaseFractions(of: low, phases: wanted, resources: resources)
    let b = try projection.phaseFractions(of: high, phases: wanted, resources: resources)
    Self.add(half: a, b, to: &thresholds)
  }

  private static func add(half a: [Volume<Float>], _ b: [Volume<Float>], to sums: inout [[Double]]) {
    for phase in sums.indices {
      for voxel in sums[phase].indices {
        let change = 0.5 * (Double(a[phase].voxels[voxel]) - Double(b[phase].voxels[voxel]))
        if change.isFinite { sums[phase][voxel] += change * change }
      }
    }
  }

  /// Standard deviations of a phase, `given` added in quadrature; NaN where the fraction is.
  func sigma(_ phase: Int, given: Double) -> Volume<Float> {
    Volume(
      grid: projection.target,
      voxels: values[phase].voxels.indices.map { voxel in
        guard !values[phase].voxels[voxel].isNaN else { return .nan }
        let sum = alignment[phase][voxel] + thresholds[phase][voxel] + given * given
        return Float(sum.squareRoot())
      })
  }

  /// Root mean square over the covered voxels of a sum of squares.
  func rootMean(_ squares: [Double], _ phase: Int) -> Double {
    var moments = Moments()
    for (voxel, value) in values[phase].voxels.enumerated() where !value.isNaN { moments.add(squares[voxel]) }
    return moments.count > 0 ? moments.mean.squareRoot() : 0
  }
}

extension Matrix {
  /// Columns of the lower triangular factor L with A = L L^T of a positive semidefinite matrix.
  var lowerFactorColumns: [[Double]] {
    var factor = Matrix(zeros: rows, columns)
    for j in 0..<rows {
      for i in j..<rows {
        var sum = self[i, j]
        for k in 0..<j { sum -= factor[i, k] * factor[j, k] }
        if i == j {
          factor[j, j] = max(0, sum).squareRoot()
        } else {
          factor[i, j] = factor[j, j] > 0 ? sum / factor[j, j] : 0
        }
      }
    }
    return (0..<rows).map { column in (0..<rows).map { factor[$0, column] } }
  }
}
