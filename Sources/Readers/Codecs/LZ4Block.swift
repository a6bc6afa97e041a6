/// Blocks of LZ4 (format: lz4/lz4, `doc/lz4_Block_format.md`).
enum LZ4Block {
  /// Unpacks a block.
  ///
  /// - Returns: bytes written, or nil where the block is damaged or does not fit.
  static func unpack(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    let (length, capacity) = (source.count, target.count)
    var (read, write) = (0, 0)
    while read < length {
      let token = unsafe Int(source[read])
      read += 1
      var literals = token >> 4
      if literals == 15 { guard let more = unsafe extra(source, &read) else { return nil }; literals += more }
      guard literals <= length - read, literals <= capacity - write else { return nil }
      if literals > 0 {
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[write..<(write + literals)]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[read..<(read + literals)]))
        read += literals
        write += literals
      }
      if read == length { return write }
      guard length - read >= 2 else { return nil }
      let distance = unsafe Int(source[read]) | Int(source[read + 1]) << 8
      read += 2
      var match = token & 15
      if match == 15 { guard let more = unsafe extra(source, &read) else { return nil }; match += more }
      match += 4
      guard distance > 0, distance <= write, match <= capacity - write else { return nil }
      unsafe MatchCopy.run(target, at: write, distance: distance, count: match)
      write += match
    }
    return length == 0 && capacity == 0 ? 0 : nil
  }

  /// The rest of a length that goes on in bytes of 255.
  private static func extra(_ source: UnsafeRawBufferPointer, _ read: inout Int) -> Int? {
    var sum = 0
    while read < source.count {
      let byte = unsafe Int(source[read])
      read += 1
      sum += byte
      if byte != 255 { return sum }
    }
    return nil
  }
}

/// Copies of what was unpacked before, as codecs of the Lempel-Ziv family have them.
enum MatchCopy {
  /// - Precondition: `distance` is between 1 and `place`, and `count` bytes from `place` on lie within `target`.
  static func run(_ target: UnsafeMutableRawBufferPointer, at place: Int, distance: Int, count: Int) {
    var (done, reach) = (0, distance)
    // The copy may overlap what it copies: each round doubles the stretch that repeats.
    while done < count {
      let piece = min(reach, count - done)
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[(place + done)..<(place + done + piece)])
        .copyMemory(
          from: UnsafeRawBufferPointer(rebasing: target[(place - distance)..<(place - distance + piece)]))
      done += piece
      reach = distance + done
    }
  }
}
