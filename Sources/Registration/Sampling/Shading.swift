import Volumetry

/// The slow change of brightness over a volume that has nothing to do with the object: a bias field, cupping,
/// a beam that fades.
enum Shading {
  /// The values freed of the quadratic polynomial of place that fits them best: divided by it where it is positive
  /// throughout, else less it. Missing values stay missing.
  ///
  /// Mutual information asks which values go together; where brightness drifts by a third, few do.
  static func removed(from voxels: [Float], shape: Shape, threads: Int) -> [Float] {
    let field = Field(voxels, shape: shape)
    guard let field, field.mean.isFinite else { return voxels }
    let isFactor = field.minimum(over: shape) > 0.2 * abs(field.mean)
    let mean = Float(field.mean)
    var result = voxels
    let stride = shape.y * shape.x
    Parallel.forEachSlab(of: &result, stride: stride, threads: threads) { z, slab in
      for y in 0..<shape.y {
        let row = field.row(z: z, y: y, shape)
        let first = y * shape.x
        for x in 0..<shape.x {
          let u = Field.place(x, shape.x)
          let local = row.x + u * (row.y + u * row.z)
          slab[first + x] = isFactor ? slab[first + x] * mean / local : slab[first + x] - local
        }
      }
    }
    return result
  }

  /// Whether two volumes have one slow change of brightness at the same places of their boxes, which makes a good part of what
  /// varies in either.
  static func isShared(_ a: [Float], _ first: Shape, _ b: [Float], _ second: Shape) -> Bool {
    guard let a = Field(a, shape: first), let b = Field(b, shape: second),
      min(a.explained, b.explained) > 0.1
    else { return false }
    let cube = Shape(z: 9, y: 9, x: 9)
    var (pp, pq, qq, p, q) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for z in 0..<9 {
      for y in 0..<9 {
        let (own, other) = (a.row(z: z, y: y, cube), b.row(z: z, y: y, cube))
        for x in 0..<9 {
          let u = Field.place(x, 9)
          let mine = Double(own.x + u * (own.y + u * own.z)) - a.mean
          let theirs = Double(other.x + u * (other.y + u * other.z)) - b.mean
          p += mine
          q += theirs
          pp += mine * mine
          pq += mine * theirs
          qq += theirs * theirs
        }
      }
    }
    let count = Double(cube.count)
    let product = pq - p * q / count
    return product > 0.95 * ((pp - p * p / count) * (qq - q * q / count)).squareRoot()
  }

  /// A quadratic polynomial of place.
  private struct Field {
    /// Of 1, x, y, z, xx, yy, zz, xy, xz, yz, with places from -1 to 1.
    let coefficients: [Double]
    /// Of the values it was fitted to.
    let mean: Double
    /// Part of their variance that it explains.
    let explained: Double

    /// Fitted to at most some 30 000 values; nil where there are too few.
    init?(_ voxels: [Float], shape: Shape) {
      var normal = Matrix(zeros: 10, 10)
      var right = [Double](repeating: 0, count: 10)
      var count = 0
      var squares = 0.0
      func step(_ side: Int) -> Int { max(1, side / 30) }
      for z in stride(from: step(shape.z) / 2, to: shape.z, by: step(shape.z)) {
        for y in stride(from: step(shape.y) / 2, to: shape.y, by: step(shape.y)) {
          for x in stride(from: step(shape.x) / 2, to: shape.x, by: step(shape.x)) {
            let value = voxels[shape.index(z: z, y: y, x: x)]
            if value.isNaN { continue }
            let terms = Self.terms(x, y, z, shape)
            for i in 0..<10 {
              right[i] += terms[i] * Double(value)
              for j in 0..<10 { normal[i, j] += terms[i] * terms[j] }
            }
            squares += Double(value) * Double(value)
            count += 1
          }
        }
      }
      guard count >= 1000 else { return nil }
      mean = right[0] / Double(count)
      // An axis of one voxel has no slope.
      for i in 0..<10 { normal[i, i] += 1e-9 * Double(count) }
      guard let solution = Cholesky(normal)?.solve(right) else { return nil }
      coefficients = solution
      let own = squares - right[0] * mean
      let rest = squares - zip(solution, right).reduce(0.0) { $0 + $1.0 * $1.1 }
      explained = own > 0 ? max(0, 1 - rest / own) : 0
    }

    static func place(_ index: Int, _ side: Int) -> Float {
      side > 1 ? 2 * Float(index) / Float(side - 1) - 1 : 0
    }

    private static func terms(_ x: Int, _ y: Int, _ z: Int, _ shape: Shape) -> [Double] {
      let u = Double(place(x, shape.x))
      let v = Double(place(y, shape.y))
      let w = Double(place(z, shape.z))
      return [1, u, v, w, u * u, v * v, w * w, u * v, u * w, v * w]
    }

    /// Constant, linear and quadratic coefficient along a row.
    func row(z: Int, y: Int, _ shape: Shape) -> SIMD3<Float> {
      let c = coefficients
      let v = Double(Self.place(y, shape.y))
      let w = Double(Self.place(z, shape.z))
      return SIMD3(
        Float(c[0] + c[2] * v + c[3] * w + c[5] * v * v + c[6] * w * w + c[9] * v * w),
        Float(c[1] + c[7] * v + c[8] * w), Float(c[4]))
    }

    /// The least value on a coarse grid of places.
    func minimum(over shape: Shape) -> Double {
      var least = Double.infinity
      for z in stride(from: 0, through: shape.z - 1, by: max(1, (shape.z - 1) / 4)) {
        for y in stride(from: 0, through: shape.y - 1, by: max(1, (shape.y - 1) / 4)) {
          let row = row(z: z, y: y, shape)
          for u: Float in [-1, -0.5, 0, 0.5, 1] {
            least = min(least, Double(row.x + u * (row.y + u * row.z)))
          }
        }
      }
      return least
    }
  }
}
