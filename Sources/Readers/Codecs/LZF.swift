/// The codec LZF of Marc Lehmann, which h5py packs chunks by (format: liblzf, `lzf_d.c`).
enum LZF {
  /// - Returns: bytes written, or nil where the stream is damaged or does not fit.
  static func unpack(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    let (length, capacity) = (source.count, target.count)
    var (read, write) = (0, 0)
    while read < length {
      let control = unsafe Int(source[read])
      read += 1
      if control < 32 {
        let literals = control + 1
        guard literals <= length - read, literals <= capacity - write else { return nil }
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[write..<(write + literals)]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[read..<(read + literals)]))
        read += literals
        write += literals
        continue
      }
      var match = control >> 5
      if match == 7 {
        guard read < length else { return nil }
        match += unsafe Int(source[read])
        read += 1
      }
      match += 2
      guard read < length else { return nil }
      let distance = unsafe (control & 31) << 8 + Int(source[read]) + 1
      read += 1
      guard distance <= write, match <= capacity - write else { return nil }
      unsafe MatchCopy.run(target, at: write, distance: distance, count: match)
      write += match
    }
    return write
  }
}
