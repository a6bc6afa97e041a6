import CMicrostructureKernels
import Volumetry

/// Correlations of the slices of a column, in Fourier space: for every step along z the sum of the conjugate
/// spectrum of a slice times that of the slice so far above it.
///
/// The spectra are cut into chunks, real parts first, that stay in the cache while a batch of slices meets the
/// slices below it.
struct PairSums {
  /// Spectra of a slice as first and as second voxels of pairs.
  struct Slice: Sendable {
    let first: [Double]
    let second: [Double]
  }

  /// Complex numbers of a chunk.
  static let chunk = 256

  private let plan: PairPlan
  /// Chunk by chunk, in it step by step.
  private var sums: [Double]
  /// The slices that pairs still reach back to, by z modulo their number.
  private var below: [[Double]]

  init(_ plan: PairPlan) {
    self.plan = plan
    let numbers = plan.frame.y * (plan.frame.x / 2 + 1)
    let chunks = (numbers + Self.chunk - 1) / Self.chunk
    sums = [Double](repeating: 0, count: chunks * (plan.lags.z + 1) * 2 * Self.chunk)
    below = [[Double]](repeating: [], count: plan.lags.z + plan.batch)
  }

  /// From pairs of real and imaginary parts to chunks of them, the last filled up with zeros.
  static func split(_ spectrum: [Double]) -> [Double] {
    let numbers = spectrum.count / 2
    let chunks = (numbers + chunk - 1) / chunk
    var result = [Double](repeating: 0, count: chunks * 2 * chunk)
    var target = result.mutableSpan
    let source = spectrum.span
    for first in stride(from: 0, to: numbers, by: chunk) {
      for i in 0..<min(chunk, numbers - first) {
        target[2 * first + i] = source[2 * (first + i)]
        target[2 * first + chunk + i] = source[2 * (first + i) + 1]
      }
    }
    return result
  }

  /// Lets slices go that no pair reaches any more, before as many are made from the height `z` on.
  mutating func makeRoom(for count: Int, from z: Int) {
    for i in 0..<count { below[(z + i) % below.count] = [] }
  }

  /// Adds the pairs whose second voxels lie in these slices, the first of which has the height `z`.
  mutating func add(_ slices: [Slice], from z: Int, threads: Int) {
    for (i, slice) in slices.enumerated() { below[(z + i) % below.count] = slice.first }
    let (below, steps) = (below, plan.lags.z)
    let length = 2 * Self.chunk
    Parallel.forEachSlab(of: &sums, stride: (steps + 1) * length, threads: threads) { index, span in
      for step in 0...steps {
        var target = span._mutatingExtracting((step * length)..<((step + 1) * length))
        for (i, slice) in slices.enumerated() where z + i - step >= 0 {
          let (low, high) = (below[(z + i - step) % below.count], slice.second)
          let part = (index * length)..<((index + 1) * length)
          Self.addProduct(low.span.extracting(part), high.span.extracting(part), to: &target)
        }
      }
    }
  }

  /// Adds the conjugate of the first chunk times the second.
  private static func addProduct(_ a: Span<Double>, _ b: Span<Double>, to sum: inout MutableSpan<Double>) {
    precondition(a.count == 2 * chunk && b.count == 2 * chunk && sum.count == 2 * chunk)
    unsafe a.withUnsafeBufferPointer { first in
      unsafe b.withUnsafeBufferPointer { second in
        unsafe sum.withUnsafeMutableBufferPointer { target in
          unsafe vmk_add_product(first.baseAddress, second.baseAddress, chunk, target.baseAddress)
        }
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
    let source = sums.span
    for first in stride(from: 0, to: transform.spectrumCount, by: Self.chunk) {
      let chunk = (first / Self.chunk * (plan.lags.z + 1) + step) * 2 * Self.chunk
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
