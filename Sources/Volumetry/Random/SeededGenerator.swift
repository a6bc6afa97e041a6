/// A random stream that a seed and a stream number determine (xoshiro256**, seeded by SplitMix64;
/// Blackman and Vigna, ACM Trans. Math. Softw. 47 (2021) 36).
///
/// Give each voxel a stream of its own, and the numbers do not depend on threads or blocks.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var s0, s1, s2, s3: UInt64
  private var spareNormal: Double?

  public init(seed: UInt64, stream: UInt64 = 0) {
    var state = seed ^ Self.mix(stream &+ 0x632B_E59B_D9B4_E019)
    func split(_ state: inout UInt64) -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      return Self.mix(state)
    }
    s0 = split(&state)
    s1 = split(&state)
    s2 = split(&state)
    s3 = split(&state)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  public mutating func next() -> UInt64 {
    func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotate(s1 &* 5, 7) &* 9
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = rotate(s3, 45)
    return result
  }

  /// Uniform in [0, 1).
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Standard normal (polar method of Marsaglia).
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s > 0 && s < 1 {
        let scale = (-2 * logarithm(s) / s).squareRoot()
        spareNormal = v * scale
        return u * scale
      }
    }
  }

  /// Poisson variate: inversion below a mean of 10, transformed rejection (PTRS; Hormann,
  /// Insur. Math. Econ. 12 (1993) 39) from there up.
  ///
  /// - Precondition: `mean` is finite and not negative.
  public mutating func poisson(_ mean: Double) -> Int {
    precondition(mean.isFinite && mean >= 0)
    if mean == 0 { return 0 }
    if mean < 10 {
      var product = uniform()
      let limit = exponential(-mean)
      var count = 0
      while product > limit {
        product *= uniform()
        count += 1
      }
      return count
    }
    let slam = mean.squareRoot()
    let logMean = logarithm(mean)
    let b = 0.931 + 2.53 * slam
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let vr = 0.9277 - 3.6224 / (b - 2)
    while true {
      let u = uniform() - 0.5
      let v = uniform()
      let us = 0.5 - abs(u)
      let k = ((2 * a / us + b) * u + mean + 0.43).rounded(.down)
      if us >= 0.07 && v <= vr { return Int(k) }
      if k < 0 || (us < 0.013 && v > us) { continue }
      let left = logarithm(v) + logarithm(inverseAlpha) - logarithm(a / (us * us) + b)
      if left <= -mean + k * logMean - logGamma(k + 1) { return Int(k) }
    }
  }
}
