public import Volumetry

/// Shift between two volumes of one grid by the phase of their cross-power spectrum (Kuglin and Hines
/// 1975), for pairs without gaps; see ``MaskedCorrelation`` for the others.
public enum PhaseCorrelation {
  public struct Shift: Sendable, Equatable {
    /// In voxels (x, y, z): `fixed(x) ~ moving(x + shift)`.
    public let voxels: SIMD3<Double>
    /// Height of the peak over that of a perfect match, 0 to 1.
    public let peak: Double
  }

  /// Finds the shift to a fraction of a voxel.
  ///
  /// Both volumes are tapered towards their borders and padded, so that a shift of up to half a side is
  /// told from its periodic image. The phase is weighted by a Gaussian that keeps `resolution` of the
  /// band, which makes the peak smooth enough for a parabola.
  ///
  /// - Throws: `data` where the shapes differ, a value is missing, or a volume is constant.
  public static func shift(
    from fixed: Volume<Float>, to moving: Volume<Float>, resolution: Double = 0.35
  ) throws(VoxelithError) -> Shift {
    guard fixed.shape == moving.shape else {
      throw VoxelithError(
        .data, "phase correlation needs volumes of one shape, not \(fixed.shape) and \(moving.shape)")
    }
    let shape = fixed.shape
    let padded = Shape(
      z: fastFourierSide(shape.z == 1 ? 1 : 2 * shape.z), y: fastFourierSide(shape.y == 1 ? 1 : 2 * shape.y),
      x: fastFourierSide(shape.x == 1 ? 1 : 2 * shape.x))
    let fft = try RealFFT(shape: padded)
    let f = fft.forward(try tapered(fixed, into: padded))
    let g = fft.forward(try tapered(moving, into: padded))
    var cross = conjugateProduct(f, g)
    var total = 0.0
    let half = padded.x / 2 + 1
    for z in 0..<padded.z {
      for y in 0..<padded.y {
        for x in 0..<half {
          let at = 2 * ((z * padded.y + y) * half + x)
          let size = (cross[at] * cross[at] + cross[at + 1] * cross[at + 1]).squareRoot()
          func frequency(_ k: Int, _ n: Int) -> Double {
            Double(min(k, n - k)) / Double(n) / (0.5 * resolution)
          }
          let u = SIMD3(frequency(x, padded.x), frequency(y, padded.y), frequency(z, padded.z))
          let weight = Float(exponential(-0.5 * (u * u).sum()))
          let scale = size > 1e-20 ? weight / size : 0
          cross[at] *= scale
          cross[at + 1] *= scale
          if scale > 0 { total += Double(weight) * (x == 0 || 2 * x == padded.x ? 1 : 2) }
        }
      }
    }
    let surface = fft.inverse(cross)
    guard let top = surface.indices.max(by: { surface[$0] < surface[$1] }), total > 0 else {
      throw VoxelithError(.data, "the volumes have no structure in common")
    }
    let x = top % padded.x
    let y = (top / padded.x) % padded.y
    let z = top / (padded.x * padded.y)
    func refined(_ k: Int, _ n: Int, _ at: (Int) -> Int) -> Double {
      if n == 1 { return 0 }
      let before = Double(surface[at((k + n - 1) % n)])
      let here = Double(surface[at(k)])
      let after = Double(surface[at((k + 1) % n)])
      // The peak is close to a Gaussian: its logarithm is a parabola.
      let floor = 1e-6 * here
      let a = logarithm(max(before, floor))
      let b = logarithm(max(here, floor))
      let c = logarithm(max(after, floor))
      let bend = a - 2 * b + c
      let part = bend < 0 ? 0.5 * (a - c) / bend : 0
      return Double(k <= n / 2 ? k : k - n) + min(0.5, max(-0.5, part))
    }
    return Shift(
      voxels: SIMD3(
        refined(x, padded.x) { padded.index(z: z, y: y, x: $0) },
        refined(y, padded.y) { padded.index(z: z, y: $0, x: x) },
        refined(z, padded.z) { padded.index(z: $0, y: y, x: x) }),
      peak: Double(surface[top]) * Double(padded.count) / total)
  }

  /// The volume less its mean, faded out over the outer eighth of each side.
  private static func tapered(_ volume: Volume<Float>, into padded: Shape) throws(VoxelithError) -> [Float] {
    var moments = Moments()
    for value in volume.voxels { moments.add(Double(value)) }
    guard moments.missing == 0 else {
      throw VoxelithError(.data, "phase correlation does not take missing voxels")
    }
    guard moments.count > 1, moments.variance > 0 else {
      throw VoxelithError(.data, "a constant volume cannot be aligned")
    }
    func window(_ i: Int, _ n: Int) -> Float {
      if n == 1 { return 1 }
      let edge = max(1, Double(n) / 8)
      let distance = min(Double(i) + 0.5, Double(n) - Double(i) - 0.5)
      return distance >= edge ? 1 : Float(0.5 - 0.5 * cosine(.pi * distance / edge))
    }
    let shape = volume.shape
    var result = [Float](repeating: 0, count: padded.count)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let outer = window(z, shape.z) * window(y, shape.y)
        for x in 0..<shape.x {
          result[padded.index(z: z, y: y, x: x)] =
            (volume[z, y, x] - Float(moments.mean)) * outer * window(x, shape.x)
        }
      }
    }
    return result
  }
}
