import Dispatch

/// Loops over independent pieces of work on several cores.
///
/// The pieces and the order of their results do not depend on the number of threads, so neither do
/// the results. All loops listen to the ``Cancellation`` that is bound where they are called, before each piece.
public enum Parallel {
  /// Number of cores that the system offers.
  public static var availableThreads: Int { max(1, coreCount()) }

  /// Runs `body` for 0 ..< count and returns the results in that order.
  ///
  /// - Throws: the error of the lowest index that failed; `cancelled`.
  public static func map<Result: Sendable>(
    _ count: Int, threads: Int = availableThreads,
    _ body: @Sendable (Int) throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> [Result] {
    if threads <= 1 || count <= 1 {
      var results: [Result] = []
      results.reserveCapacity(count)
      for index in 0..<count {
        try Cancellation.poll()
        results.append(try body(index))
      }
      return results
    }
    let slots = Slots<Swift.Result<Result, VoxelithError>>(count: count)
    onThreads(threads, pieces: count) { index in
      do throws(VoxelithError) {
        slots.set(index, .success(try body(index)))
      } catch {
        slots.set(index, .failure(error))
      }
    }
    try Cancellation.poll()
    var results: [Result] = []
    results.reserveCapacity(count)
    for slot in slots.take() {
      switch slot {
      case .success(let value): results.append(value)
      case .failure(let error): throw error
      case nil: throw VoxelithError(.internal, "a piece of a parallel loop gave no result")
      }
    }
    return results
  }

  /// Cuts `array` into pieces of `stride` elements (the last may be shorter) and lets `body` change
  /// each in place: `body(index, &piece)`. After a cancellation the rest keeps the values that it has: who may throw
  /// polls before the values are used as indices or counts.
  public static func forEachSlab<Element: BitwiseCopyable & Sendable>(
    of array: inout [Element], stride: Int, threads: Int = availableThreads,
    _ body: @Sendable (Int, inout MutableSpan<Element>) -> Void
  ) {
    var span = array.mutableSpan
    forEachSlab(of: &span, stride: stride, threads: threads, body)
  }

  /// As the other, of a span.
  public static func forEachSlab<Element: BitwiseCopyable & Sendable>(
    of array: inout MutableSpan<Element>, stride: Int, threads: Int = availableThreads,
    _ body: @Sendable (Int, inout MutableSpan<Element>) -> Void
  ) {
    precondition(stride > 0)
    let count = array.count
    let pieces = (count + stride - 1) / stride
    unsafe array.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let lender = unsafe SlabLender(base: base, count: count, stride: stride)
      onThreads(threads, pieces: pieces) { index in lender.lend(index, to: body) }
    }
  }

  /// Runs `body` for 0 ..< pieces, on one thread or several, until the bound cancellation asks to stop.
  static func onThreads(_ threads: Int, pieces: Int, _ body: @Sendable (Int) -> Void) {
    let cancellation = Cancellation.current
    if threads <= 1 || pieces <= 1 {
      for index in 0..<pieces {
        if cancellation?.isCancelled ?? false { return }
        body(index)
      }
      return
    }
    let next = Counter()
    DispatchQueue.concurrentPerform(iterations: min(threads, pieces)) { _ in
      Cancellation.$current.withValue(cancellation) {
        while true {
          let index = next.take()
          if index >= pieces || cancellation?.isCancelled ?? false { return }
          body(index)
        }
      }
    }
  }
}

/// Lends disjoint pieces of one buffer to several threads. The pieces never overlap, which is why
/// sharing the base pointer is sound.
@safe private struct SlabLender<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Element>
  private let count: Int
  private let stride: Int

  init(base: UnsafeMutablePointer<Element>, count: Int, stride: Int) {
    unsafe self.base = base
    self.count = count
    self.stride = stride
  }

  func lend(_ index: Int, to body: (Int, inout MutableSpan<Element>) -> Void) {
    let start = index * stride
    let length = min(stride, count - start)
    let piece = unsafe UnsafeMutableBufferPointer(start: base + start, count: length)
    var span = unsafe piece.mutableSpan
    body(index, &span)
  }
}
