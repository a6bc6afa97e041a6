import Volumetry

/// Bytes of one array that several threads fill, each its own piece.
///
/// Whoever asks for a piece promises that no two pieces overlap, which is why sharing the base
/// pointer is sound.
@safe struct DisjointBytes: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer?
  let count: Int

  init(_ buffer: UnsafeMutableRawBufferPointer) {
    unsafe base = buffer.baseAddress
    count = buffer.count
  }

  /// Lends the bytes of a range.
  ///
  /// - Precondition: the range lies within `0 ..< count`.
  func withPiece<Result>(
    _ range: Range<Int>,
    _ body: (UnsafeMutableRawBufferPointer) throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return unsafe try body(
      UnsafeMutableRawBufferPointer(start: base?.advanced(by: range.lowerBound), count: range.count))
  }
}
