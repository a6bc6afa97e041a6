import Volumetry

/// Rings about the middle of the slices, as faults of a detector leave them in tomograms.
///
/// They lie at the same place in every scan of an instrument, whatever the object does, and so speak for an alignment
/// that moves nothing. Mean detail along a circle is a ring where the sectors of the circle agree on it.
struct RingPattern: Sendable {
  /// Mean detail by radius in voxels: one profile for all slices, or one a slice.
  private let profiles: [[Float]]
  private let shape: Shape

  private static let sectors = 8
  /// Radius below which a sector is too short to tell rings from grains.
  private static let least = 6

  /// Nil where sectors do not agree: there are no rings, or the slices are too small to tell.
  init?(_ voxels: [Float], shape: Shape, threads: Int) {
    guard min(shape.x, shape.y) >= 32 else { return nil }
    self.shape = shape
    let smooth = WorkingImage.normalisedGaussian(
      voxels, shape: shape, sigma: SIMD3(3, 3, 0), threads: threads)
    let radii = min(shape.x, shape.y) / 2
    let places = Self.places(shape, radii: radii)
    let width = radii * Self.sectors
    // Sums of every slice by sector and radius.
    let slices =
      (try? Parallel.map(shape.z, threads: threads) { (z) throws(VoxelithError) -> ([Double], [Double]) in
        var sums = [Double](repeating: 0, count: width)
        var counts = sums
        let first = z * shape.y * shape.x
        for k in places.indices where places[k] >= 0 {
          let value = voxels[first + k] - smooth[first + k]
          if value.isNaN { continue }
          sums[Int(places[k])] += Double(value)
          counts[Int(places[k])] += 1
        }
        return (sums, counts)
      }) ?? []
    // The same rings in all slices: the sectors must agree. Slabs of a sector are not counted apart, since grains reach
    // from one into the next.
    let cells: [[(Double, Double)]] = (0..<radii).map { r in
      (0..<Self.sectors).compactMap { s in
        let i = r * Self.sectors + s
        let sum = slices.reduce(0.0) { $0 + $1.0[i] }
        let count = slices.reduce(0.0) { $0 + $1.1[i] }
        return count > 0 ? (sum / count, count) : nil
      }
    }
    let whole = cells.map(Self.mean)
    if Self.agreement(whole) > 5 {
      profiles = [whole.map { Float($0.mean) }]
      return
    }
    guard shape.z > 1 else { return nil }
    let own = slices.map { slice in
      (0..<radii).map { r in
        Self.mean(
          (0..<Self.sectors).compactMap { s in
            let i = r * Self.sectors + s
            return slice.1[i] > 0 ? (slice.0[i] / slice.1[i], slice.1[i]) : nil
          })
      }
    }
    guard Self.agreement(own.flatMap { $0.enumerated().map { ($0.offset, $0.element) } }) > 2.6 else {
      return nil
    }
    profiles = own.map { $0.map { Float($0.mean) } }
  }

  /// Whether two volumes have their rings at the same radii, as those of one detector are; what two round objects leave differs.
  func isLike(_ other: RingPattern) -> Bool {
    guard shape.x == other.shape.x, shape.y == other.shape.y else { return false }
    func mean(_ pattern: RingPattern) -> [Double] {
      let profiles = pattern.profiles
      return profiles[0].indices.map { r in
        profiles.reduce(0.0) { $0 + Double($1[r]) } / Double(profiles.count)
      }
    }
    let (a, b) = (mean(self).dropFirst(Self.least), mean(other).dropFirst(Self.least))
    let product = zip(a, b).reduce(0.0) { $0 + $1.0 * $1.1 }
    let squares = a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }
    return product > 0.7 * squares.squareRoot()
  }

  /// The volume without its rings.
  func removed(from voxels: [Float]) -> [Float] {
    var result = voxels
    let middle = (x: 0.5 * Double(shape.x - 1), y: 0.5 * Double(shape.y - 1))
    for z in 0..<shape.z {
      let profile = profiles.count == 1 ? profiles[0] : profiles[z]
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let (dx, dy) = (Double(x) - middle.x, Double(y) - middle.y)
          let radius = (dx * dx + dy * dy).squareRoot() - 0.5
          let first = Int(max(0, radius))
          guard first + 1 < profile.count else { continue }
          let part = Float(max(0, radius) - Double(first))
          let ring = profile[first] + part * (profile[first + 1] - profile[first])
          result[shape.index(z: z, y: y, x: x)] -= ring
        }
      }
    }
    return result
  }

  /// Number of radius and sector of every voxel of a slice; -1 outside the widest circle.
  private static func places(_ shape: Shape, radii: Int) -> [Int32] {
    var result = [Int32](repeating: -1, count: shape.y * shape.x)
    let middle = (x: 0.5 * Double(shape.x - 1), y: 0.5 * Double(shape.y - 1))
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let (dx, dy) = (Double(x) - middle.x, Double(y) - middle.y)
        let r = Int((dx * dx + dy * dy).squareRoot())
        guard r < radii else { continue }
        let sector = (dx >= 0 ? 0 : 1) + (dy >= 0 ? 0 : 2) + (abs(dx) >= abs(dy) ? 0 : 4)
        result[y * shape.x + x] = Int32(r * sectors + sector)
      }
    }
    return result
  }

  /// Weighted mean of the sectors, and its square over that of its error.
  private static func mean(_ cells: [(value: Double, weight: Double)]) -> (mean: Double, square: Double) {
    let weight = cells.reduce(0) { $0 + $1.weight }
    guard weight > 0, cells.count >= 6 else { return (0, .nan) }
    let mean = cells.reduce(0) { $0 + $1.weight * $1.value } / weight
    let spread =
      cells.reduce(0) {
        $0 + $1.weight * ($1.value - mean) * ($1.value - mean)
      } / (weight * Double(cells.count - 1))
    return (mean, spread > 0 ? mean * mean / spread : .nan)
  }

  private static func agreement(_ profile: [(mean: Double, square: Double)]) -> Double {
    agreement(profile.enumerated().map { ($0.offset, $0.element) })
  }

  /// Mean over the radii of the squares: about 1 without rings.
  private static func agreement(_ profile: [(Int, (mean: Double, square: Double))]) -> Double {
    let squares = profile.filter { $0.0 >= least && $0.1.square.isFinite }.map { min(100, $0.1.square) }
    return squares.isEmpty ? 0 : squares.reduce(0, +) / Double(squares.count)
  }
}
