import CMicrostructureKernels
import Volumetry

/// Correlations of the slices of a column, in Fourier space: for every step along z the sum of the conjugate
/// spectrum of a slice times that of the slice so far above it.
///
/// The spectra are cut into chunks, real parts first, that stay in the cache while a batch of slices meets the
/// slices below it.
struct PairSums {
  /// Spectra of a slice as first and as second voxels of pairs; the second ones empty where they are the same.
  struct Slice: Sendable {
    let first: [Double]
    let second: [Double]
  }

  /// Complex numbers of a chunk: what is kept of it stays in the nearest cache.
  static let chunk = 32
  /// Slices that are added at once, at most.
  static let largestBatch = Int(vmk_pair_slices)

  private let plan: PairPlan
  /// Chunk by chunk: the sums step by step, the slices that pairs still reach back to, by z modulo their number, and the
  /// second voxels of a batch where they differ from the first.
  private var state: [Double]
  private let stride: Int

  init(_ plan: PairPlan) {
    self.plan = plan
    let numbers = plan.frame.y * (plan.frame.x / 2 + 1)
    let chunks = (numbers + Self.chunk - 1) / Self.chunk
    stride = (plan.lags.z + 1 + plan.slots + (plan.isCut ? plan.batch : 0)) * 2 * Self.chunk
    state = [Double](repeating: 0, count: chunks * stride)
  }

  /// From pairs of real and imaginary parts to a chunk of them, the last filled up with zeros.
  private static func split(
    _ spectrum: Span<Double>, from first: Int, into target: inout MutableSpan<Double>, at start: Int
  ) {
    let count = min(chunk, spectrum.count / 2 - first)
    let source = spectrum.extracting((2 * first)..<(2 * (first + count)))
    var part = target._mutatingExtracting(start..<(start + 2 * chunk))
    for i in 0..<count {
      part[i] = source[2 * i]
      part[chunk + i] = source[2 * i + 1]
    }
  }

  /// Adds the pairs whose second voxels lie in these slices, the first of which has the height `z`.
  mutating func add(_ slices: [Slice], from z: Int, threads: Int) {
    precondition(slices.count <= plan.batch && plan.batch <= Self.largestBatch)
    let (steps, slots, length) = (plan.lags.z, plan.slots, 2 * Self.chunk)
    let pairs = vmk_pairs(
      count: Self.chunk, slots: slots, z: z, slices: slices.count, steps: steps,
      has_seconds: plan.isCut ? 1 : 0)
    Parallel.forEachSlab(of: &state, stride: stride, threads: threads) { index, span in
      let base = (steps + 1) * length
      for (i, slice) in slices.enumerated() {
        Self.split(
          slice.first.span, from: index * Self.chunk, into: &span, at: base + (z + i) % slots * length)
        guard !slice.second.isEmpty else { continue }
        Self.split(
          slice.second.span, from: index * Self.chunk, into: &span, at: base + (slots + i) * length)
      }
      unsafe span.withUnsafeMutableBufferPointer { state in
        guard let sums = state.baseAddress else { return }
        unsafe withUnsafePointer(to: pairs) { unsafe vmk_add_products(sums + base, $0, sums) }
      }
    }
  }

  /// Transforms back and adds the numbers of pairs to those of all columns.
  func unpack(
    into total: inout [Int64], _ transforms: PairTransforms, threads: Int
  ) throws(VoxelithError) {
    let size = PairPlan.size(of: plan.lags)
    let (plan, lags) = (plan, plan.lags)
    let planes = try Parallel.map(lags.z + 1, threads: threads) {
      (step) throws(VoxelithError) in try transforms.lend { plane(step, $0) }
    }
    // A pair with a step to negative x is one to positive x, taken from its other end.
    func at(_ step: Int, _ y: Int, _ x: Int) -> Int64 {
      planes[step][(y + lags.y) * (2 * lags.x + 1) + x + lags.x]
    }
    for step in 0...plan.lags.z {
      for y in -lags.y...lags.y {
        for x in 0...lags.x {
          total[size.index(z: lags.z + step, y: lags.y + y, x: x)] += at(step, y, x)
          if step > 0 { total[size.index(z: lags.z - step, y: lags.y + y, x: x)] += at(step, -y, -x) }
        }
      }
    }
  }

  /// Numbers of pairs of one step along z, by the steps along y and x.
  private func plane(_ step: Int, _ transform: RealFFT64) -> [Int64] {
    let frame = plan.frame
    var spectrum = [Double](repeating: 0, count: 2 * transform.spectrumCount)
    var target = spectrum.mutableSpan
    let source = state.span
    for first in Swift.stride(from: 0, to: transform.spectrumCount, by: Self.chunk) {
      let chunk = first / Self.chunk * stride + step * 2 * Self.chunk
      for i in 0..<min(Self.chunk, transform.spectrumCount - first) {
        target[2 * (first + i)] = source[chunk + i]
        target[2 * (first + i) + 1] = source[chunk + Self.chunk + i]
      }
    }
    let values = transform.inverse(spectrum)
    var result: [Int64] = []
    result.reserveCapacity((2 * plan.lags.y + 1) * (2 * plan.lags.x + 1))
    for y in -plan.lags.y...plan.lags.y {
      let line = (y + frame.y) % frame.y * frame.x
      for x in -plan.lags.x...plan.lags.x {
        result.append(Int64(values[line + (x + frame.x) % frame.x].rounded()))
      }
    }
    return result
  }
}
