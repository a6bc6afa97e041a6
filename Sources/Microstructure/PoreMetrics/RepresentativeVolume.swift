import Foundation
public import Volumetry

/// How large a volume must be for its porosity to stand for the whole: the scatter among pieces of
/// growing size.
public struct RepresentativeVolume: Sendable, Hashable, Codable {
  /// Pieces of one size.
  public struct Size: Sendable, Hashable, Codable {
    /// Sides z, y, x in micrometres.
    public let sides: [Double]
    public let pieces: Int
    public let mean: Double
    /// Standard deviation among the pieces; it is missing for fewer than two.
    public let deviation: Double?

    enum CodingKeys: String, CodingKey {
      case pieces, mean, deviation
      case sides = "sides_zyx_um"
    }
  }

  public let porosity: Double
  public let sizes: [Size]
  /// deviation^2 = porosity (1 - porosity) (A / V)^alpha, fitted over the sizes: A is the integral
  /// range in cubic micrometres and alpha is 1 where pieces are larger than the structure
  /// (T. Kanit et al., Int. J. Solids Struct. 40 (2003) 3647). Missing with fewer than two sizes.
  public let integralRange: Double?
  public let exponent: Double?
  /// Relative error that was asked for, and the side of a cube (of a square in a single slice) whose porosity has it, in
  /// micrometres.
  public let relativeError: Double
  public let representativeSide: Double?

  enum CodingKeys: String, CodingKey {
    case porosity, sizes, exponent
    case integralRange = "integral_range_um3"
    case relativeError = "relative_error"
    case representativeSide = "representative_side_um"
  }

  /// - Parameters:
  ///   - smallest: side of the smallest pieces in voxels.
  /// - Throws: `usage` for sides or errors that are not positive, `data` where the phase does not
  ///   exist.
  public static func measure(
    _ phase: PhaseLabels, smallest: Int = 8, relativeError: Double = 0.05,
    resources: Resources = Resources()
  ) throws(VoxelithError) -> RepresentativeVolume {
    guard smallest > 0 && relativeError > 0 && relativeError < 1 else {
      throw VoxelithError(
        .usage, "pieces of \(smallest) voxels and a relative error of \(relativeError)",
        advice: "choose a side of at least one voxel and an error between 0 and 1")
    }
    let grid = phase.grid
    var base = grid.shape
    for axis in Axis.allCases { base[axis] = min(smallest, grid.shape[axis]) }
    let map = CellMap(fine: grid, factor: base)
    let counts = try phase.counts(in: map, resources: resources)
    let total = counts.phase.reduce(0, +)
    guard total > 0 else {
      throw VoxelithError(
        .data, "no voxel has the label \(phase.phase)", file: phase.labels.name)
    }
    let porosity = Double(total) / Double(counts.sample.reduce(0, +))
    var sizes: [Size] = []
    var factor = 1
    while true {
      let size = pieces(counts, map.coarse.shape, base: base, factor: factor, grid: grid)
      if size.pieces == 0 { break }
      sizes.append(size)
      factor *= 2
    }
    let fit = powerLaw(sizes, porosity: porosity)
    let side = fit.map { fit in
      let variance = pow(relativeError * porosity, 2)
      let volume = fit.range * pow(porosity * (1 - porosity) / variance, 1 / fit.exponent)
      let axes = Axis.allCases.filter { grid.extends(along: $0) }
      let thickness = Axis.allCases.filter { !grid.extends(along: $0) }.reduce(1.0) {
        $0 * grid.spacing(along: $1)
      }
      return pow(volume / thickness, 1 / Double(axes.count))
    }
    return RepresentativeVolume(
      porosity: porosity, sizes: sizes, integralRange: fit?.range, exponent: fit?.exponent,
      relativeError: relativeError, representativeSide: side)
  }

  private static func pieces(
    _ counts: (phase: [Int], sample: [Int]), _ cells: Shape, base: Shape, factor: Int, grid: Grid
  ) -> Size {
    var moments = Moments()
    // An axis with a single cell stays whole; pieces that the border cuts are left out.
    var group = cells
    for axis in Axis.allCases { group[axis] = cells[axis] == 1 ? 1 : factor }
    let full = group.count * base.count
    for z in Swift.stride(from: 0, through: cells.z - group.z, by: group.z) {
      for y in Swift.stride(from: 0, through: cells.y - group.y, by: group.y) {
        for x in Swift.stride(from: 0, through: cells.x - group.x, by: group.x) {
          var phase = 0
          var sample = 0
          for c in z..<(z + group.z) {
            for b in y..<(y + group.y) {
              for a in x..<(x + group.x) {
                phase += counts.phase[cells.index(z: c, y: b, x: a)]
                sample += counts.sample[cells.index(z: c, y: b, x: a)]
              }
            }
          }
          if sample == full { moments.add(Double(phase) / Double(sample)) }
        }
      }
    }
    let single = cells.z == 1 && cells.y == 1 && cells.x == 1
    let count = single && factor > 1 ? 0 : moments.count
    return Size(
      sides: Axis.allCases.map { Double(base[$0] * group[$0]) * grid.spacing(along: $0) },
      pieces: count, mean: moments.mean, deviation: count > 1 ? moments.standardDeviation : nil)
  }

  private static func powerLaw(
    _ sizes: [Size], porosity: Double
  ) -> (range: Double, exponent: Double)? {
    let points = sizes.compactMap { size -> (x: Double, y: Double)? in
      guard size.pieces >= 8, let deviation = size.deviation, deviation > 0 else { return nil }
      return (log(size.sides.reduce(1, *)), log(deviation * deviation / (porosity * (1 - porosity))))
    }
    guard points.count >= 2 else { return nil }
    let n = Double(points.count)
    let mx = points.reduce(0) { $0 + $1.x } / n
    let my = points.reduce(0) { $0 + $1.y } / n
    let sxx = points.reduce(0) { $0 + ($1.x - mx) * ($1.x - mx) }
    let sxy = points.reduce(0) { $0 + ($1.x - mx) * ($1.y - my) }
    let exponent = -sxy / sxx
    guard exponent > 0 else { return nil }
    return (exp(mx + my / exponent), exponent)
  }
}
