extension Parallel {
  /// Lends piece `i` of two arrays together: `body(i, &pieceOfFirst, &pieceOfSecond)`.
  ///
  /// Piece `i` of an array is `cuts[i] ..< cuts[i + 1]`, so pieces may differ in length and the two
  /// arrays may be cut differently. A second array with one element per piece takes partial sums,
  /// which the caller adds up in order: the result then does not depend on the threads. After a cancellation the rest
  /// keeps the values that it has, as in `forEachSlab`.
  ///
  /// - Precondition: both cuts have the same count, never fall, and stay within their arrays.
  public static func forEachPiece<First, Second>(
    of first: inout [First], cuts firstCuts: [Int], and second: inout [Second],
    cuts secondCuts: [Int], threads: Int = availableThreads,
    _ body: @Sendable (Int, inout MutableSpan<First>, inout MutableSpan<Second>) -> Void
  ) where First: BitwiseCopyable & Sendable, Second: BitwiseCopyable & Sendable {
    var firstSpan = first.mutableSpan
    var secondSpan = second.mutableSpan
    forEachPiece(
      of: &firstSpan, cuts: firstCuts, and: &secondSpan, cuts: secondCuts, threads: threads, body)
  }

  /// As the other, of two spans.
  public static func forEachPiece<First, Second>(
    of first: inout MutableSpan<First>, cuts firstCuts: [Int], and second: inout MutableSpan<Second>,
    cuts secondCuts: [Int], threads: Int = availableThreads,
    _ body: @Sendable (Int, inout MutableSpan<First>, inout MutableSpan<Second>) -> Void
  ) where First: BitwiseCopyable & Sendable, Second: BitwiseCopyable & Sendable {
    precondition(firstCuts.count == secondCuts.count, "both arrays need the same number of pieces")
    checkCuts(firstCuts, count: first.count)
    checkCuts(secondCuts, count: second.count)
    let pieces = firstCuts.count - 1
    guard pieces > 0 else { return }
    unsafe first.withUnsafeMutableBufferPointer { firstBuffer in
      unsafe second.withUnsafeMutableBufferPointer { secondBuffer in
        let firstLender = unsafe PieceLender(buffer: firstBuffer, cuts: firstCuts)
        let secondLender = unsafe PieceLender(buffer: secondBuffer, cuts: secondCuts)
        onThreads(threads, pieces: pieces) { index in
          lend(index, of: firstLender, and: secondLender, to: body)
        }
      }
    }
  }

  /// Offsets that cut `count` elements into pieces of `stride` (the last may be shorter).
  public static func cuts(of count: Int, stride: Int) -> [Int] {
    precondition(stride > 0)
    return Array(Swift.stride(from: 0, to: count, by: stride)) + [count]
  }

  private static func lend<First, Second>(
    _ index: Int, of first: PieceLender<First>, and second: PieceLender<Second>,
    to body: (Int, inout MutableSpan<First>, inout MutableSpan<Second>) -> Void
  ) {
    first.lend(index) { firstPiece in
      second.lend(index) { secondPiece in body(index, &firstPiece, &secondPiece) }
    }
  }

  private static func checkCuts(_ cuts: [Int], count: Int) {
    precondition(cuts.first ?? 0 >= 0 && cuts.last ?? 0 <= count, "a piece lies outside its array")
    for index in cuts.indices.dropFirst() {
      precondition(cuts[index - 1] <= cuts[index], "the pieces of an array overlap")
    }
  }
}

/// Lends disjoint pieces of one buffer to several threads. The cuts never fall, so no two pieces
/// overlap, which is why sharing the base pointer is sound.
@safe private struct PieceLender<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Element>?
  private let cuts: [Int]

  init(buffer: UnsafeMutableBufferPointer<Element>, cuts: [Int]) {
    unsafe base = buffer.baseAddress
    self.cuts = cuts
  }

  func lend(_ index: Int, to body: (inout MutableSpan<Element>) -> Void) {
    let start = cuts[index]
    let piece = unsafe UnsafeMutableBufferPointer(
      start: base.map { unsafe $0 + start }, count: cuts[index + 1] - start)
    var span = unsafe piece.mutableSpan
    body(&span)
  }
}
