import Volumetry

/// Copies what a chunk and a box share: runs of bytes, or single elements where either lies with gaps.
struct ChunkCopy {
  private struct Loop {
    var count: Int
    var source: Int
    var target: Int
  }

  /// Loops from the outermost to the innermost.
  private var loops: [Loop] = []
  private(set) var sourceStart = 0
  private(set) var targetStart = 0
  let elementSize: Int
  /// Elements that are copied.
  private(set) var count = 1

  /// - Parameters:
  ///   - place: the chunk, counted in chunks.
  ///   - start, sides: the box; it touches the chunk.
  ///   - targetStrides: bytes between neighbours along each axis of the box in memory.
  init(_ layout: ChunkLayout, place: [Int], start: [Int], sides: [Int], targetStrides: [Int]) {
    elementSize = layout.elementSize
    for axis in place.indices {
      let begin = place[axis] * layout.chunk[axis]
      let lower = max(start[axis], begin)
      let upper = min(start[axis] + sides[axis], begin + layout.chunk[axis])
      sourceStart += (lower - begin) * layout.strides[axis]
      targetStart += (lower - start[axis]) * targetStrides[axis]
      count *= upper - lower
      if upper - lower == 1 { continue }
      let loop = Loop(count: upper - lower, source: layout.strides[axis], target: targetStrides[axis])
      if let last = loops.last, last.source == loop.count * loop.source,
        last.target == loop.count * loop.target
      {
        loops[loops.count - 1] = Loop(
          count: last.count * loop.count, source: loop.source, target: loop.target)
      } else {
        loops.append(loop)
      }
    }
    // The axis along which the target is dense goes innermost, whatever the order of the source.
    if let fastest = loops.indices.min(by: { loops[$0].target < loops[$1].target }) {
      loops.append(loops.remove(at: fastest))
    }
  }

  /// Whether the shared part is one run of bytes on either side.
  var isOneRun: Bool {
    loops.isEmpty || loops.count == 1 && loops[0].source == elementSize && loops[0].target == elementSize
  }

  /// - Parameters:
  ///   - source: the unpacked chunk; nil where it was never written, for which `fill` stands.
  ///   - target: the whole box.
  func run(_ source: UnsafeRawBufferPointer?, fill: [UInt8], into target: UnsafeMutableRawBufferPointer) {
    let inner = loops.last ?? Loop(count: 1, source: elementSize, target: elementSize)
    let outer = loops.dropLast()
    var index = [Int](repeating: 0, count: outer.count)
    var (from, to) = (sourceStart, targetStart)
    while true {
      unsafe line(inner, source, fill, from, target, to)
      var axis = outer.count - 1
      while axis >= 0 {
        index[axis] += 1
        from += outer[axis].source
        to += outer[axis].target
        if index[axis] < outer[axis].count { break }
        from -= outer[axis].count * outer[axis].source
        to -= outer[axis].count * outer[axis].target
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  private func line(
    _ loop: Loop, _ source: UnsafeRawBufferPointer?, _ fill: [UInt8], _ from: Int,
    _ target: UnsafeMutableRawBufferPointer, _ to: Int
  ) {
    guard let source = unsafe source else {
      for step in 0..<loop.count {
        for byte in 0..<elementSize { unsafe target[to + step * loop.target + byte] = fill[byte] }
      }
      return
    }
    if loop.source == elementSize, loop.target == elementSize {
      let bytes = loop.count * elementSize
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[to..<(to + bytes)]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[from..<(from + bytes)]))
      return
    }
    func copy<Word: BitwiseCopyable>(_: Word.Type) {
      var (read, write) = (from, to)
      for _ in 0..<loop.count {
        let word = unsafe source.loadUnaligned(fromByteOffset: read, as: Word.self)
        unsafe target.storeBytes(of: word, toByteOffset: write, as: Word.self)
        read += loop.source
        write += loop.target
      }
    }
    switch elementSize {
    case 1: copy(UInt8.self)
    case 2: copy(UInt16.self)
    case 4: copy(UInt32.self)
    default: copy(UInt64.self)
    }
  }
}
