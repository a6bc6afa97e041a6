/// Tells a ``WorkingMemory`` of elements that are read or written here and there.
///
/// The system brings pages in by pieces of 64 KB if the memory ``WorkingMemory/isScattered``, so a piece is told once, and again when the pages have left.
public struct ScatteredAccess {
  @usableFromInline static var piece: Int { 1 << 16 }

  @usableFromInline let memory: WorkingMemory
  /// Logarithm of the elements of a piece.
  @usableFromInline let shift: Int
  @usableFromInline let arrays: Int
  @usableFromInline var told: [Bool]
  @usableFromInline var releases = 0

  /// - Parameters:
  ///   - count: elements of an array.
  ///   - bytes: size of the largest element.
  ///   - arrays: number of arrays whose elements are reached together.
  public init(count: Int, bytes: Int, arrays: Int = 1, in memory: WorkingMemory) {
    self.memory = memory
    self.arrays = arrays
    let elements = max(1, Self.piece / max(1, bytes))
    shift = Int.bitWidth - 1 - elements.leadingZeroBitCount
    told = memory.isPaged ? [Bool](repeating: false, count: (count >> shift) + 1) : []
    releases = memory.releases
  }

  /// Says that the element at an index of each array is about to be used.
  @inlinable public mutating func reach(_ index: Int) {
    guard !told.isEmpty, !told[index >> shift] else { return }
    told[index >> shift] = true
    memory.touched(arrays * Self.piece)
  }

  /// Notices that pages have left: to be called now and then.
  @inlinable public mutating func refresh() {
    guard !told.isEmpty else { return }
    let now = memory.releases
    guard now != releases else { return }
    releases = now
    for index in told.indices { told[index] = false }
  }
}
