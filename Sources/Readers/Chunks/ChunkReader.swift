import Volumetry

/// Reads boxes of a chunked array: the chunks that a box touches are unpacked on several threads, each once, and those
/// that the box only cuts are kept for the next one.
struct ChunkReader: Sendable {
  let array: any ChunkedArray

  /// Fills a box, the last axis fastest.
  ///
  /// - Parameter bytes: the whole box in memory.
  /// - Precondition: the box lies within the array.
  func read(
    start: [Int], count: [Int], threads: Int, into bytes: DisjointBytes
  ) throws(VoxelithError) {
    let layout = array.layout
    guard !count.contains(0) else { return }
    let strides = count.rowStrides(of: layout.elementSize)
    let first = zip(start, layout.chunk).map { $0 / $1 }
    let spans = zip(zip(start, count), zip(layout.chunk, first)).map { ($0.0 + $0.1 - 1) / $1.0 - $1.1 + 1 }
    let pieces = spans.reduce(1, *)
    let spare = SpareBuffers()
    // A thread that finds a chunk in the hands of another one goes on and comes back to it.
    let (groups, box) = (
      max(1, min(threads, pieces)), Box(start: start, count: count, strides: strides)
    )
    let next = Guarded(0)
    _ = try Parallel.map(groups, threads: groups) { (_) throws(VoxelithError) in
      var deferred: [[Int]] = []
      while let piece = next.withLock({ number -> Int? in
        guard number < pieces else { return nil }
        number += 1
        return number - 1
      }) {
        var rest = piece
        var place = first
        for axis in place.indices.reversed() {
          place[axis] += rest % spans[axis]
          rest /= spans[axis]
        }
        do throws(VoxelithError) {
          if try !put(place, box, into: bytes, spare, waits: false) { deferred.append(place) }
        } catch {
          // The others stop, too.
          next.withLock { $0 = pieces }
          throw error
        }
      }
      for place in deferred { _ = try put(place, box, into: bytes, spare, waits: true) }
    }
  }

  private struct Box: Sendable {
    var start: [Int]
    var count: [Int]
    var strides: [Int]

    /// Whether all of a chunk that lies within the array lies within the box.
    func covers(_ place: [Int], _ layout: ChunkLayout) -> Bool {
      place.indices.allSatisfy { axis in
        let begin = place[axis] * layout.chunk[axis]
        return start[axis] <= begin
          && min(begin + layout.chunk[axis], layout.shape[axis]) <= start[axis] + count[axis]
      }
    }
  }

  /// Copies what the box needs of a chunk; false where another thread is unpacking it and the caller does not wait.
  private func put(
    _ place: [Int], _ box: Box, into bytes: DisjointBytes, _ spare: SpareBuffers, waits: Bool
  ) throws(VoxelithError) -> Bool {
    let layout = array.layout
    let copy = ChunkCopy(layout, place: place, start: box.start, sides: box.count, targetStrides: box.strides)
    let key = ChunkCache.Key(owner: ObjectIdentifier(array.owner), chunk: layout.number(of: place))
    let cache = ChunkCache.shared
    if box.covers(place, layout) {
      // It is not asked for again soon, so that it need not be kept.
      if let chunk = cache.peek(key) {
        try paste(chunk, copy, into: bytes)
        return true
      }
      try unpack(place, copy, into: bytes, spare)
      return true
    }
    switch waits ? cache.wait(key) : cache.claim(key) {
    case .busy: return false
    case .found(let chunk): try paste(chunk, copy, into: bytes)
    case .mine:
      let chunk: ChunkBytes?
      do throws(VoxelithError) {
        chunk = try unpacked(place)
      } catch {
        cache.fail(key)
        throw error
      }
      cache.publish(key, chunk, layer: layout.layer)
      try paste(chunk, copy, into: bytes)
    }
    return true
  }

  private func paste(
    _ chunk: ChunkBytes?, _ copy: ChunkCopy, into bytes: DisjointBytes
  ) throws(VoxelithError) {
    unsafe try bytes.withPiece(0..<bytes.count) { (target) throws(VoxelithError) in
      guard let chunk else {
        unsafe copy.run(nil, fill: array.fill, into: target)
        return
      }
      unsafe chunk.bytes.withUnsafeBytes { unsafe copy.run($0, fill: [], into: target) }
    }
  }

  /// Unpacks a chunk that nobody else needs: straight to its place where it lies there in one piece.
  private func unpack(
    _ place: [Int], _ copy: ChunkCopy, into bytes: DisjointBytes, _ spare: SpareBuffers
  ) throws(VoxelithError) {
    let size = array.layout.bytes
    try reserving { () throws(VoxelithError) in
      if copy.isOneRun, copy.sourceStart == 0, copy.count * array.layout.elementSize == size {
        unsafe try bytes.withPiece(copy.targetStart..<(copy.targetStart + size)) {
          (target) throws(VoxelithError) in
          if unsafe try !array.load(place, into: target) { unsafe fill(target) }
        }
        return
      }
      var buffer = spare.take(size)
      defer { spare.give(buffer) }
      var outcome = Result<Bool, VoxelithError>.success(false)
      unsafe buffer.withUnsafeMutableBytes { target in
        outcome = Result { () throws(VoxelithError) in unsafe try array.load(place, into: target) }
      }
      let isThere = try outcome.get()
      unsafe try bytes.withPiece(0..<bytes.count) { (target) throws(VoxelithError) in
        unsafe buffer.withUnsafeBytes { unsafe copy.run(isThere ? $0 : nil, fill: array.fill, into: target) }
      }
    }
  }

  private func unpacked(_ place: [Int]) throws(VoxelithError) -> ChunkBytes? {
    let size = array.layout.bytes
    return try reserving { () throws(VoxelithError) -> ChunkBytes? in
      var outcome = Result<Bool, VoxelithError>.success(false)
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
        outcome = Result { () throws(VoxelithError) in
          unsafe try array.load(place, into: UnsafeMutableRawBufferPointer(buffer))
        }
        filled = if case .success(true) = outcome { size } else { 0 }
      }
      return try outcome.get() ? ChunkBytes(bytes) : nil
    }
  }

  private func reserving<Answer>(
    _ body: () throws(VoxelithError) -> Answer
  ) throws(VoxelithError) -> Answer {
    try ReadingMemory.withBytes(
      array.layout.bytes + array.workingBytes, file: array.file, place: array.path, body)
  }

  private func fill(_ target: UnsafeMutableRawBufferPointer) {
    let value = array.fill
    if value.allSatisfy({ $0 == 0 }) {
      unsafe target.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    for index in target.indices { unsafe target[index] = value[index % value.count] }
  }
}

/// Memory of chunks that are not kept, used again by the next one.
private final class SpareBuffers: Sendable {
  private let idle = Guarded<[[UInt8]]>([])

  func take(_ size: Int) -> [UInt8] {
    if let buffer = idle.withLock({ $0.popLast() }) { return buffer }
    return unsafe [UInt8](unsafeUninitializedCapacity: size) { _, filled in filled = size }
  }

  func give(_ buffer: [UInt8]) { idle.withLock { $0.append(buffer) } }
}
