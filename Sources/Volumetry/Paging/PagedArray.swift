/// An array of plain values that may be larger than memory: see ``WorkingMemory``.
///
/// Copies share their elements, and what one changes the others see, until it asks for elements of its own by
/// ``makeUnique()``.
@safe public struct PagedArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  @usableFromInline var pages: PageFile
  @usableFromInline var base: UnsafeMutablePointer<Element>
  public internal(set) var count: Int

  /// - Throws: `cannot create` where the folder of page files takes none, `input/output` where there is no room.
  public init(repeating value: Element, count: Int, in memory: WorkingMemory) throws(VoxelithError) {
    try self.init(zeroedCount: count, in: memory)
    if !Self.isZero(value) { fill(with: value) }
  }

  /// No elements yet.
  public init(in memory: WorkingMemory) throws(VoxelithError) {
    try self.init(zeroedCount: 0, in: memory)
  }

  private init(zeroedCount count: Int, in memory: WorkingMemory) throws(VoxelithError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard count >= 0, !overflow else {
      throw VoxelithError(.internal, "an array of \(count) elements has no size")
    }
    pages = try PageFile(bytes: bytes, in: memory)
    unsafe base = pages.base.assumingMemoryBound(to: Element.self)
    self.count = count
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
    @_lifetime(&self) mutating get {
      let span = unsafe MutableSpan<Element>(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  /// Gives this array elements of its own, so that it can be changed.
  ///
  /// - Throws: as ``init(repeating:count:in:)``.
  @inline(never)
  public mutating func makeUnique() throws(VoxelithError) {
    if isKnownUniquelyReferenced(&pages) { return }
    var copy = try PagedArray(zeroedCount: 0, in: memory)
    try copy.append(contentsOf: span)
    self = copy
  }

  /// - Throws: `input/output` where there is no room.
  public mutating func append(_ value: Element) throws(VoxelithError) {
    try reserve(count + 1)
    count += 1
    self[count - 1] = value
  }

  /// - Throws: `input/output` where there is no room.
  public mutating func append(contentsOf values: Span<Element>) throws(VoxelithError) {
    let start = count
    try reserve(start + values.count)
    count += values.count
    let memory = memory
    var target = mutableSpan
    let block = max(1, (1 << 20) / MemoryLayout<Element>.stride)
    var index = 0
    while index < values.count {
      let end = min(index + block, values.count)
      for i in index..<end { target[start + i] = values[i] }
      memory.touched(2 * (end - index) * MemoryLayout<Element>.stride)
      index = end
    }
  }

  /// Room for half as much again, so that growing by steps stays linear.
  private mutating func reserve(_ needed: Int) throws(VoxelithError) {
    let stride = MemoryLayout<Element>.stride
    guard needed * stride > pages.capacity else { return }
    try pages.grow(to: max(needed, count + count / 2, 1024) * stride)
    unsafe base = pages.base.assumingMemoryBound(to: Element.self)
  }

  private mutating func fill(with value: Element) {
    let memory = memory
    var target = mutableSpan
    let block = max(1, (1 << 20) / MemoryLayout<Element>.stride)
    var index = 0
    while index < target.count {
      let end = min(index + block, target.count)
      for i in index..<end { target[i] = value }
      memory.touched((end - index) * MemoryLayout<Element>.stride)
      index = end
    }
  }

  private static func isZero(_ value: Element) -> Bool {
    unsafe withUnsafeBytes(of: value) { bytes in unsafe bytes.allSatisfy { $0 == 0 } }
  }
}
