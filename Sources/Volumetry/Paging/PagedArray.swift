/// An array of plain values that may be larger than memory: see ``WorkingMemory``.
///
/// It is one array, whoever holds it; ``copied()`` makes another. Threads may change different elements at once.
@safe public final class PagedArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  @usableFromInline let pages: PageFile
  @usableFromInline @exclusivity(unchecked) var base: UnsafeMutablePointer<Element>
  @usableFromInline @exclusivity(unchecked) var length: Int

  @inlinable public var count: Int { unsafe length }

  /// - Throws: `cannot create` where the folder of page files takes none, `input/output` where there is no room.
  @inlinable
  public convenience init(repeating value: Element, count: Int, in memory: WorkingMemory)
    throws(VoxelithError)
  {
    try self.init(zeroedCount: count, in: memory)
    if !Self.isZero(value) { fill(with: value) }
  }

  /// No elements yet.
  public convenience init(in memory: WorkingMemory) throws(VoxelithError) {
    try self.init(zeroedCount: 0, in: memory)
  }

  @usableFromInline
  init(zeroedCount count: Int, in memory: WorkingMemory) throws(VoxelithError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard count >= 0, !overflow else {
      throw VoxelithError(.internal, "an array of \(count) elements has no size")
    }
    pages = try PageFile(bytes: bytes, in: memory)
    unsafe base = pages.base.assumingMemoryBound(to: Element.self)
    unsafe length = count
  }

  public var memory: WorkingMemory { pages.memory }
  @inlinable public var isEmpty: Bool { count == 0 }
  @inlinable public var indices: Range<Int> { 0..<count }

  /// Loops that change many elements go through ``mutableSpan``.
  @inlinable public subscript(index: Int) -> Element {
    get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index outside a paged array")
      return unsafe base[index]
    }
    set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index outside a paged array")
      unsafe base[index] = newValue
    }
  }

  @inlinable public var span: Span<Element> {
    @_lifetime(borrow self) get {
      let span = unsafe Span<Element>(_unsafeStart: UnsafePointer(base), count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  @inlinable public var mutableSpan: MutableSpan<Element> {
    @_lifetime(borrow self) get {
      let span = unsafe MutableSpan<Element>(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Another array of the same elements.
  ///
  /// - Throws: as ``init(repeating:count:in:)``.
  public func copied() throws(VoxelithError) -> PagedArray {
    let copy = try PagedArray(zeroedCount: 0, in: memory)
    try copy.append(contentsOf: span)
    return copy
  }

  /// Appends elements.
  ///
  /// - Throws: `input/output` where there is no room.
  public func append(contentsOf values: Span<Element>) throws(VoxelithError) {
    let start = count
    try reserve(start + values.count)
    unsafe length += values.count
    let bytes = Self.bytes(values.count)
    let target = unsafe UnsafeMutableRawBufferPointer(start: base + start, count: bytes)
    unsafe values.withUnsafeBytes { source in
      memory.inBlocks(of: bytes, bytes: 2) { block in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[block])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[block]))
      }
    }
  }

  /// Appends the elements of a range to an array in memory.
  public func copy(_ range: Range<Int>, to target: inout [Element]) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range outside a paged array")
    unsafe target.append(contentsOf: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  /// Replaces the elements of a range.
  ///
  /// - Precondition: there are as many values.
  public func replace(_ range: Range<Int>, with values: Span<Element>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range outside a paged array")
    precondition(values.count == range.count, "a range and its values differ in length")
    let bytes = Self.bytes(range.count)
    unsafe values.withUnsafeBytes { source in
      let target = unsafe UnsafeMutableRawBufferPointer(start: base + range.lowerBound, count: bytes)
      unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[0..<bytes]))
    }
  }

  /// Bytes of elements side by side: what pads the last one up to the next is not theirs.
  private static func bytes(_ count: Int) -> Int {
    count == 0 ? 0 : (count - 1) * MemoryLayout<Element>.stride + MemoryLayout<Element>.size
  }

  /// Room for half as much again, so that growing by steps stays linear.
  private func reserve(_ needed: Int) throws(VoxelithError) {
    let stride = MemoryLayout<Element>.stride
    guard needed * stride > pages.capacity else { return }
    try pages.grow(to: max(needed, count + count / 2, 1024) * stride)
    unsafe base = pages.base.assumingMemoryBound(to: Element.self)
  }

  @inlinable
  func fill(with value: Element) {
    let memory = memory
    var target = mutableSpan
    memory.inBlocks(of: target.count, bytes: MemoryLayout<Element>.stride) { block in
      for i in block { target[i] = value }
    }
  }

  @inlinable
  static func isZero(_ value: Element) -> Bool {
    unsafe withUnsafeBytes(of: value) { bytes in unsafe bytes.allSatisfy { $0 == 0 } }
  }
}
