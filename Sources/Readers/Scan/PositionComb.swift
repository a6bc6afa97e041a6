import Foundation

/// Even steps on which the positions of a scan lie along one axis.
///
/// A stage that moves while it measures (a fly scan), or whose encoder is read back, tells positions that scatter around
/// those that were meant. They are taken to lie on a comb `first + index * step` where none is further than 0.3 steps from
/// its tooth and the scatter is below 0.17 steps (even scatter, that is no comb at all, has 0.29). The comb with the
/// fewest teeth is taken, and its step and first tooth are those of the least-squares line.
struct PositionComb: Sendable, Equatable {
  /// Place of the first tooth.
  var first: Double
  /// Distance of the teeth; 0 where there is only one.
  var step: Double
  /// Tooth of each position, from 0.
  var indices: [Int]
  var count: Int
  /// Furthest distance of a position from its tooth.
  var deviation: Double

  static let furthest = 0.3
  static let scatter = 0.17
  /// Most teeth that are tried.
  static let limit = 8192

  /// Nil where the positions lie on no comb.
  ///
  /// - Parameters:
  ///   - step: distance of the teeth where it is known.
  ///   - isExact: whether positions must lie on their teeth within a fiftieth of a step.
  init?(_ positions: [Double], step: Double? = nil, isExact: Bool = false) {
    guard let low = positions.min(), let high = positions.max(), low.isFinite, high.isFinite else {
      return nil
    }
    if high == low {
      self.init(single: positions)
      return
    }
    if let step {
      guard step > 0, (high - low) / step < 1e9 else { return nil }
      self.init(positions, first: Self.offset(positions, step: step), step: step)
      finish(positions)
      return
    }
    let probe = Self.probe(positions)
    let range = high - low
    let (furthest, scatter) = isExact ? (0.02, 0.02) : (Self.furthest, Self.scatter)
    for count in 2...max(2, min(positions.count, Self.limit)) {
      let guess = range / Double(count - 1)
      guard Self.fits(probe, low: low, step: guess, scatter: scatter) else { continue }
      var comb = PositionComb(positions, first: low, step: guess)
      for _ in 0..<3 { comb.refine(positions) }
      comb.finish(positions)
      guard comb.step > 0, comb.deviation <= furthest * comb.step,
        comb.rms(positions) <= scatter * comb.step
      else { continue }
      if comb.deviation <= 1e-9 * comb.step {
        // Positions that were meant and not measured: the ends tell the steps without the rounding of sums.
        comb.first = low
        comb.step = range / Double(comb.count - 1)
      }
      self = comb
      return
    }
    return nil
  }

  /// One tooth for all positions.
  init(single positions: [Double]) {
    let mean = positions.reduce(0, +) / Double(max(1, positions.count))
    first = mean
    step = 0
    indices = [Int](repeating: 0, count: positions.count)
    count = 1
    deviation = positions.map { abs($0 - mean) }.max() ?? 0
  }

  private init(_ positions: [Double], first: Double, step: Double) {
    self.first = first
    self.step = step
    indices = positions.map { Int((($0 - first) / step).rounded()) }
    count = (indices.max() ?? 0) + 1
    deviation = 0
  }

  /// Up to 2001 of the positions in their order of size, the ends among them.
  private static func probe(_ positions: [Double]) -> [Double] {
    let sorted = positions.sorted()
    if sorted.count <= 2001 { return sorted }
    return (0...2000).map { sorted[$0 * (sorted.count - 1) / 2000] }
  }

  private static func fits(
    _ sorted: [Double], low: Double, step: Double, scatter: Double
  ) -> Bool {
    // The ends lie up to 0.3 steps off themselves: the search is looser than the verdict.
    var squares = 0.0
    for value in sorted {
      let place = (value - low) / step
      let off = abs(place - place.rounded())
      squares += off * off
    }
    return (squares / Double(sorted.count)).squareRoot() <= 1.6 * scatter
  }

  /// The least-squares line through positions and teeth, and the teeth anew.
  private mutating func refine(_ positions: [Double]) {
    let n = Double(positions.count)
    let meanIndex = indices.reduce(0.0) { $0 + Double($1) } / n
    let meanPlace = positions.reduce(0, +) / n
    var (top, bottom) = (0.0, 0.0)
    for (index, place) in zip(indices, positions) {
      let from = Double(index) - meanIndex
      top += from * (place - meanPlace)
      bottom += from * from
    }
    guard bottom > 0, top > 0 else { return }
    step = top / bottom
    first = meanPlace - step * meanIndex
    for index in positions.indices { indices[index] = Int(((positions[index] - first) / step).rounded()) }
  }

  /// Where teeth of a given distance lie best: the circular mean of the positions.
  private static func offset(_ positions: [Double], step: Double) -> Double {
    let low = positions.min() ?? 0
    var (sine, cosine) = (0.0, 0.0)
    for place in positions {
      let angle = 2 * Double.pi * (place - low) / step
      sine += sin(angle)
      cosine += cos(angle)
    }
    return low + step * atan2(sine, cosine) / (2 * Double.pi)
  }

  /// Numbers the teeth from 0.
  private mutating func finish(_ positions: [Double]) {
    let lowest = indices.min() ?? 0
    if lowest != 0 {
      first += Double(lowest) * step
      for index in indices.indices { indices[index] -= lowest }
    }
    count = (indices.max() ?? 0) + 1
    deviation = 0
    for (index, place) in zip(indices, positions) {
      deviation = max(deviation, abs(place - first - Double(index) * step))
    }
  }

  private func rms(_ positions: [Double]) -> Double {
    var squares = 0.0
    for (index, place) in zip(indices, positions) {
      let off = place - first - Double(index) * step
      squares += off * off
    }
    return (squares / Double(max(1, positions.count))).squareRoot()
  }
}
