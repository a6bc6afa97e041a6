import Volumetry

/// Brightness that whole planes of voxels have in common: slices that flicker, stripes of a detector or a scan.
///
/// A plane's mean over each of four quarters says whether it is bright as a whole. Grains do not reach from one quarter into the
/// next; the layers of an object do, and are wider than one voxel.
struct PlanePattern: Sendable {
  /// Mean of every plane less that of all, by axis; nil where planes are as bright as their neighbours.
  private(set) var means: [Axis: [Float]] = [:]
  /// The same less the mean over its neighbours.
  private var details: [Axis: [Double]] = [:]
  /// Axes along which neighbours have nothing to do with each other, as is so where slices flicker.
  private(set) var flickering: Set<Axis> = []
  private let shape: Shape

  /// Ratio of the variance of whole planes to that within them. Grains reach 5, rings 10.
  private static let clear = 50.0
  /// Correlation of two profiles, above which they are one pattern.
  private static let alike = 0.9
  /// Correlation of neighbours, below which planes flicker.
  private static let loose = 0.3
  private static let least = 16

  init(_ voxels: [Float], shape: Shape) {
    self.shape = shape
    for axis in Axis.allCases where Axis.allCases.allSatisfy({ $0 == axis || shape[$0] >= 8 }) {
      guard shape[axis] >= Self.least, let quarters = Self.quarters(voxels, shape, axis) else { continue }
      let rests = quarters.map(Self.detail)
      let count = Double(rests[0].count)
      let detail = rests[0].indices.map { i in rests.reduce(0.0) { $0 + $1[i] } / 4 }
      let between = 4 * detail.reduce(0.0) { $0 + $1 * $1 } / count
      let within =
        rests.reduce(0.0) { sum, rest in
          sum + zip(rest, detail).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        } / (3 * count)
      guard between > Self.clear * within, between > 0 else { continue }
      let profile = quarters[0].indices.map { i in quarters.reduce(0.0) { $0 + $1[i] } / 4 }
      let mean = profile.reduce(0, +) / count
      means[axis] = profile.map { Float($0 - mean) }
      details[axis] = detail
      if Self.correlation(Array(detail.dropFirst()), Array(detail.dropLast())) < Self.loose {
        flickering.insert(axis)
      }
    }
  }

  /// Axes along which two volumes have one pattern at the same planes.
  func shared(with other: PlanePattern) -> Set<Axis> {
    Set(
      details.keys.filter {
        guard let own = details[$0], let theirs = other.details[$0], own.count == theirs.count else {
          return false
        }
        return Self.correlation(own, theirs) > Self.alike
      })
  }

  /// The volume without what its planes across some axes have in common.
  func removed(from voxels: [Float], axes: Set<Axis>) -> [Float] {
    let flat = [Axis.z, .y, .x].map { axis in
      axes.contains(axis) ? means[axis] ?? [] : []
    }
    var result = voxels
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let row = shape.index(z: z, y: y, x: 0)
        let common = (flat[0].isEmpty ? 0 : flat[0][z]) + (flat[1].isEmpty ? 0 : flat[1][y])
        for x in 0..<shape.x { result[row + x] -= common + (flat[2].isEmpty ? 0 : flat[2][x]) }
      }
    }
    return result
  }

  /// Means of four quarters of every plane; nil where one is empty.
  private static func quarters(_ voxels: [Float], _ shape: Shape, _ axis: Axis) -> [[Double]]? {
    var sums = [[Double]](repeating: [Double](repeating: 0, count: shape[axis]), count: 4)
    var counts = sums
    let others = [Axis.z, .y, .x].filter { $0 != axis }
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let row = shape.index(z: z, y: y, x: 0)
        for x in 0..<shape.x {
          let value = voxels[row + x]
          if value.isNaN { continue }
          func place(_ axis: Axis) -> Int { axis == .z ? z : axis == .y ? y : x }
          let quarter =
            (2 * place(others[0]) < shape[others[0]] ? 0 : 2)
            + (2 * place(others[1]) < shape[others[1]] ? 0 : 1)
          sums[quarter][place(axis)] += Double(value)
          counts[quarter][place(axis)] += 1
        }
      }
    }
    guard counts.allSatisfy({ $0.allSatisfy { $0 > 0 } }) else { return nil }
    return zip(sums, counts).map { zip($0, $1).map { $0 / $1 } }
  }

  private static func detail(_ profile: [Double]) -> [Double] {
    let smooth = SeparableFilter.gaussian(
      profile.map { Float($0 - profile[0]) }, shape: Shape(z: 1, y: 1, x: profile.count),
      sigma: SIMD3(3, 0, 0), threads: 1)
    return zip(profile, smooth).map { $0 - profile[0] - Double($1) }
  }

  private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
    var sums = PairSums()
    for (a, b) in zip(a, b) { sums.add(a, b, 1) }
    return sums.isConstant ? 0 : sums.correlation
  }
}
