import Volumetry

/// Area of the neck between two particles, from the volume on both sides of it.
///
/// A watershed on voxels wanders off the narrowest place by about half a voxel. Where it meets the surface the particles are wider, and so
/// its rim is always too long: by 3 to 18 % of the area. The area A of the cross-section at a distance t from the contact is not bound to that line.
/// Beyond a voxel from the notch, the volume within t is fitted as a cubic in t on either side, since A is quadratic in t for balls and
/// ellipsoids, and A is taken at t = 0, as the mean over both sides.
struct NeckProfile {
  /// Distance from the contact at which the fit begins, and what it ends at, in longest sides of a voxel and radii of the contact.
  private static let start = 1.0
  private static let reach = (sides: 2.0, radii: 0.7)
  /// Radius of the contact in longest sides from which necks are fitted.
  static let leastRadius = 4.0
  /// How much the vector area of the faces may be too large.
  private static let largestExcess = 0.3
  private static let binsPerSide = 32.0

  private let grid: Grid
  private let normal: SIMD3<Double>
  /// Distance of the voxel of index 0 from the contact.
  private let offset: Double
  private let area: Double
  private let bins: Int
  /// Voxels by their distance, on the side of the first and of the second particle.
  private var counts: [[Int]]

  /// - Parameters:
  ///   - area: vector area of the faces in square micrometres, from the first particle to the second.
  ///   - center: of the faces.
  /// - Returns: nil where the contact is too small, or in a single slice.
  init?(area: SIMD3<Double>, center: SIMD3<Double>, grid: Grid) {
    let size = (area * area).sum().squareRoot()
    let radius = (size / .pi).squareRoot()
    guard grid.extendedAxes.count == 3, radius >= Self.leastRadius * grid.longestSide else { return nil }
    self.grid = grid
    self.area = size
    normal = area / size
    offset = ((grid.origin + 0.5 * grid.spacing - center) * normal).sum()
    let reach = Self.reach.sides + Self.reach.radii * radius / grid.longestSide
    bins = Int((reach + 1) * Self.binsPerSide)
    counts = [[Int]](repeating: [Int](repeating: 0, count: bins), count: 2)
  }

  /// Counts a voxel of one of the two particles.
  @inline(__always)
  mutating func add(x: Int, y: Int, z: Int) {
    let place = SIMD3(Double(x), Double(y), Double(z)) * grid.spacing
    let distance = (offset + (place * normal).sum()) * Self.binsPerSide / grid.longestSide
    let bin = Int(abs(distance))
    if bin < bins { counts[distance < 0 ? 0 : 1][bin] += 1 }
  }

  /// Square micrometres: that of the fit, where it is below the vector area by no more than that can be too large, else the vector area: what
  /// is no neck, as a particle that reaches past the contact once more.
  var neckArea: Double {
    let shadow = shadow
    let sides = counts.compactMap { section($0, shadow) }
    guard sides.count == 2 else { return area }
    let found = 0.5 * (sides[0] + sides[1])
    return found < area && found > (1 - Self.largestExcess) * area ? found : area
  }

  /// Cross-section at the contact by one side; nil where the particle ends before the fit does.
  private func section(_ counts: [Int], _ shadow: [Double]) -> Double? {
    let perSide = Int(Self.binsPerSide)
    let last = bins - perSide
    guard counts.suffix(perSide).contains(where: { $0 > 0 }) else { return nil }
    var normal = Matrix(zeros: 4, 4)
    var right = [Double](repeating: 0, count: 4)
    for place in stride(from: Int(Self.start * Self.binsPerSide), through: last, by: perSide / 4) {
      // Volume beyond the place in voxels, up to a constant.
      var beyond = 0.0
      for (bin, count) in counts.enumerated() where count > 0 {
        let way = min(shadow.count - 1, max(0, bin - place + perSide))
        beyond += Double(count) * shadow[way]
      }
      let u = Double(place) / Double(last)
      let powers = [1, u, u * u, u * u * u]
      for row in 0..<4 {
        right[row] += powers[row] * beyond
        for column in 0..<4 { normal[row, column] += powers[row] * powers[column] }
      }
    }
    guard let factor = Cholesky(normal) else { return nil }
    let s = grid.spacing
    let length = Double(last) / Self.binsPerSide * grid.longestSide
    return -factor.solve(right)[1] / length * s.x * s.y * s.z
  }

  /// Part of a voxel that lies beyond a plane across the normal, by the distance of its middle from the plane in bins, from one longest
  /// side before it to one beyond.
  private var shadow: [Double] {
    let steps = (0..<12).map { (Double($0) + 0.5) / 12 - 0.5 }
    let scale = Self.binsPerSide / grid.longestSide
    var distances: [Double] = []
    for z in steps {
      for y in steps {
        for x in steps { distances.append((SIMD3(x, y, z) * grid.spacing * normal).sum() * scale) }
      }
    }
    let side = Int(Self.binsPerSide)
    // A bin holds distances from its number on; half of it is the mean.
    return (-side...side).map { bin in
      Double(distances.count { $0 + Double(bin) + 0.5 > 0 }) / Double(distances.count)
    }
  }
}
