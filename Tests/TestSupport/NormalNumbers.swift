import Volumetry

/// Numbers that look random and are the same everywhere, for tests.
public enum NormalNumbers {
  /// Normal deviates of mean 0 and standard deviation 1.
  public static func normals(_ count: Int, seed: UInt64 = 1) -> [Double] {
    var state = seed
    func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (Double(state >> 11) + 0.5) / 9_007_199_254_740_992
    }
    return (0..<count).map { _ in Distributions.normalQuantile(uniform()) }
  }
}
