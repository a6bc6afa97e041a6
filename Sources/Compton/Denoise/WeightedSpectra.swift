import Volumetry

/// What voxels that see different spectra count and expect, added up bin by bin of the energy axis: pixels of other
/// angles or energies, other absorption. Each voxel adds within its own window of the fit.
///
/// Voxels of a bin lie side by side, so the errors of their spectra are nearly the same noise of the same standards:
/// they add up, and do not average.
struct WeightedSpectra: Sendable {
  /// A weighted spectrum, what multiplied it, and its variance times that.
  struct Part: Sendable {
    var spectrum: [Float]
    var through: [Float]
    var variance: [Float]

    init(bins: Int) {
      spectrum = [Float](repeating: 0, count: bins)
      through = spectrum
      variance = spectrum
    }

    mutating func add(_ other: Part) {
      WeightedSpectra.add(other.spectrum, to: &spectrum)
      WeightedSpectra.add(other.through, to: &through)
      WeightedSpectra.add(other.variance, to: &variance)
    }
  }

  /// Bins of the axis that any voxel has in its window.
  private(set) var range = 0..<0
  private(set) var counts: [Float]
  private(set) var weight = 0.0
  private(set) var active: Part
  private(set) var slope: [Float]
  private(set) var crossVariance: [Float]
  private(set) var slopeVariance: [Float]
  /// Sum of the kept variances, and of the voxels, of each bin.
  private(set) var kept: [Float]
  private(set) var voxels: [Float]
  private(set) var background: Part
  private(set) var backgroundTotal = 0.0
  private(set) var componentWeights: [Double]
  private(set) var components: [Part]
  /// What bins are weighted by: constant, slope, then components.
  private(set) var weights: [[Float]]

  init(bins: Int, components count: Int) {
    let zeros = [Float](repeating: 0, count: bins)
    counts = zeros
    active = Part(bins: bins)
    slope = zeros
    crossVariance = zeros
    slopeVariance = zeros
    kept = zeros
    voxels = zeros
    background = Part(bins: bins)
    componentWeights = [Double](repeating: 0, count: count)
    components = [Part](repeating: Part(bins: bins), count: count)
    weights = [[Float]](repeating: zeros, count: count + 2)
  }

  /// Adds one voxel.
  ///
  /// - Parameters:
  ///   - own: bins of the axis that are the pixel's window.
  ///   - weight: amplitude of its active material.
  ///   - amounts: those of its components.
  ///   - transmission: what absorption leaves of each bin; nil for all.
  mutating func add(
    _ pixel: PixelSpectra, in own: Range<Int>, counts packed: [SIMD8<Float>], weight: Double,
    amounts: [Double], transmission: [SIMD8<Float>]?
  ) {
    range =
      range.isEmpty
      ? own : min(range.lowerBound, own.lowerBound)..<max(range.upperBound, own.upperBound)
    self.weight += weight
    backgroundTotal += pixel.backgroundTotal
    for (k, amount) in amounts.enumerated() { componentWeights[k] += amount }
    for bin in 0..<min(pixel.bins, own.count) {
      let (group, lane) = (bin >> 3, bin & 7)
      let at = own.lowerBound + bin
      let left = transmission?[group][lane] ?? 1
      let through = Float(weight) * left
      counts[at] += packed[group][lane]
      active.spectrum[at] += through * pixel.constant[group][lane]
      active.through[at] += through
      active.variance[at] += through * pixel.constantVariance[group][lane]
      slope[at] += through * pixel.slope[group][lane]
      crossVariance[at] += through * pixel.crossCovariance[group][lane]
      slopeVariance[at] += through * pixel.slopeVariance[group][lane]
      weights[0][at] += through * pixel.weights[0][group][lane]
      weights[1][at] += through * pixel.weights[1][group][lane]
      kept[at] += pixel.keptVariance[group][lane]
      voxels[at] += 1
      background.spectrum[at] += pixel.background[group][lane]
      background.variance[at] += pixel.backgroundVariance[group][lane]
      for (k, amount) in amounts.enumerated() {
        let part = Float(amount) * left
        components[k].spectrum[at] += part * pixel.components[k][group][lane]
        components[k].through[at] += part
        weights[k + 2][at] += part * pixel.weights[k + 2][group][lane]
        components[k].variance[at] += part * pixel.componentVariances[k][group][lane]
      }
    }
  }

  mutating func add(_ other: WeightedSpectra) {
    guard !other.range.isEmpty else { return }
    range =
      range.isEmpty
      ? other.range
      : min(range.lowerBound, other.range.lowerBound)..<max(range.upperBound, other.range.upperBound)
    Self.add(other.counts, to: &counts)
    weight += other.weight
    active.add(other.active)
    Self.add(other.slope, to: &slope)
    Self.add(other.crossVariance, to: &crossVariance)
    Self.add(other.slopeVariance, to: &slopeVariance)
    Self.add(other.kept, to: &kept)
    Self.add(other.voxels, to: &voxels)
    background.add(other.background)
    backgroundTotal += other.backgroundTotal
    for k in weights.indices { Self.add(other.weights[k], to: &weights[k]) }
    for k in components.indices {
      componentWeights[k] += other.componentWeights[k]
      components[k].add(other.components[k])
    }
  }

  private static func add(_ other: [Float], to sum: inout [Float]) {
    for bin in sum.indices { sum[bin] += other[bin] }
  }

  /// A spectrum over the range in groups of eight.
  func packed(padding: Float = 0, _ value: (Int) -> Float) -> [SIMD8<Float>] {
    var result = [SIMD8<Float>](repeating: SIMD8(repeating: padding), count: (range.count + 7) / 8)
    for (index, bin) in range.enumerated() { result[index >> 3][index & 7] = value(bin) }
    return result
  }
}

extension PixelSpectra {
  /// The spectra of a bin whose voxels see different ones.
  init(_ sums: WeightedSpectra, voxels: Int, like pixel: PixelSpectra) {
    self = pixel
    let n = Float(voxels)
    let scale = sums.weight > 0 ? n / Float(sums.weight) : 0
    let square = scale * scale
    let active = sums.active
    replace(
      bins: sums.range.count,
      constant: sums.packed { active.spectrum[$0] * scale },
      slope: sums.packed { sums.slope[$0] * scale },
      variances: (
        sums.packed { active.through[$0] * active.variance[$0] * square },
        sums.packed { active.through[$0] * sums.crossVariance[$0] * square },
        sums.packed { active.through[$0] * sums.slopeVariance[$0] * square }
      ),
      kept: sums.packed(padding: 1) { sums.kept[$0] / max(sums.voxels[$0], 1) },
      background: sums.packed(padding: 1) { sums.background.spectrum[$0] },
      backgroundVariance: sums.packed { sums.background.variance[$0] * n },
      backgroundTotal: sums.backgroundTotal,
      components: sums.components.indices.map { k in
        let share = sums.componentWeights[k] > 0 ? n / Float(sums.componentWeights[k]) : 0
        let part = sums.components[k]
        return (
          sums.packed { part.spectrum[$0] * share },
          sums.packed { part.through[$0] * part.variance[$0] * (share * share) }
        )
      },
      weights: sums.weights.indices.map { index in
        let amount = index < 2 ? sums.weight : sums.componentWeights[index - 2]
        let share = amount > 0 ? n / Float(amount) : 0
        return sums.packed { sums.weights[index][$0] * share }
      })
  }
}
