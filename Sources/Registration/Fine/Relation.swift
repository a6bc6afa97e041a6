import Volumetry

/// What the grey values of two aligned volumes have to do with each other: a line, a curve, or nothing.
struct Relation: Sendable {
  /// Slope of the fixed values against the moving ones.
  let isRising: Bool
  /// Part of the variance of the fixed values that a straight line explains.
  let linear: Double
  /// Part that the mean of every group of like moving values explains.
  let any: Double
  /// For every voxel the mean of the fixed values in its group; NaN where a side is missing.
  let curve: [Float]

  /// - Parameter groups: of equal numbers of voxels by their moving value.
  init(fixed: [Float], samples: [Float], taken: [Bool], groups: Int = 24) {
    var sorted: [Float] = []
    sorted.reserveCapacity(taken.count)
    let step = max(1, taken.count / 60_000)
    for i in stride(from: 0, to: taken.count, by: step) where taken[i] { sorted.append(samples[4 * i]) }
    sorted.sort()
    var curve = [Float](repeating: .nan, count: fixed.count)
    guard sorted.count >= 2 * groups else {
      (isRising, linear, any, self.curve) = (true, 0, 0, curve)
      return
    }
    let edges = (1..<groups).map { sorted[$0 * sorted.count / groups] }
    func group(_ value: Float) -> Int {
      var low = 0
      var high = edges.count
      while low < high {
        let middle = (low + high) / 2
        if value > edges[middle] { low = middle + 1 } else { high = middle }
      }
      return low
    }
    var sums = [Double](repeating: 0, count: groups)
    var places = sums
    var counts = sums
    var pairs = PairSums()
    var numbers = [Int](repeating: -1, count: fixed.count)
    var around = (f: 0.0, m: 0.0)
    if let first = taken.firstIndex(of: true) {
      around = (Double(fixed[first]), Double(samples[4 * first]))
    }
    for i in fixed.indices where taken[i] {
      let k = group(samples[4 * i])
      numbers[i] = k
      sums[k] += Double(fixed[i]) - around.f
      places[k] += Double(samples[4 * i]) - around.m
      counts[k] += 1
      pairs.add(Double(fixed[i]) - around.f, Double(samples[4 * i]) - around.m, 1)
    }
    let total = Double(max(1, pairs.count))
    let mean = pairs.f / total
    var between = 0.0
    var means = sums
    for k in 0..<groups where counts[k] > 0 {
      means[k] = sums[k] / counts[k]
      between += counts[k] * (means[k] - mean) * (means[k] - mean)
    }
    // A broken line through the groups' means, so that values within a group differ.
    let centres = (0..<groups).map { counts[$0] > 0 ? places[$0] / counts[$0] : .nan }
    for i in fixed.indices where taken[i] {
      let k = numbers[i]
      let at = Double(samples[4 * i]) - around.m
      let other = at >= centres[k] ? min(groups - 1, k + 1) : max(0, k - 1)
      var value = means[k]
      let gap = centres[other] - centres[k]
      if other != k, counts[other] > 0, abs(gap) > 0 {
        value += (means[other] - means[k]) * min(1, max(0, (at - centres[k]) / gap))
      }
      curve[i] = Float(value + around.f)
    }
    let r = pairs.isConstant ? 0 : pairs.correlation
    isRising = r >= 0
    linear = r * r
    any = pairs.varianceFixed > 0 ? max(linear, between / (total * pairs.varianceFixed)) : 0
    self.curve = curve
  }
}
