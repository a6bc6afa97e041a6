import Volumetry

/// Reads pieces of rows that lie at equal distances in a file.
///
/// Long pieces are read one by one to their places. Short ones are picked out of a stretch that is read at once, where the file
/// between them is not much more than they are.
struct RowReader: Sendable {
  let file: InputFile
  /// First byte of the first piece.
  let offset: Int
  /// Bytes from one piece to the next.
  let stride: Int
  let rows: Int
  /// Bytes of a piece.
  let run: Int

  /// - Parameter target: the pieces one after the other.
  func read(into target: UnsafeMutableRawBufferPointer) throws(VoxelithError) {
    if run == stride || rows == 1 {
      unsafe try file.read(into: target, at: offset)
      return
    }
    if run >= 4096 || stride > 64 * run || stride > 1 << 20 {
      for row in 0..<rows {
        unsafe try file.read(
          into: .init(rebasing: target[(row * run)..<((row + 1) * run)]), at: offset + row * stride)
      }
      return
    }
    let most = max(1, (1 << 20) / stride)
    var room = [UInt8](repeating: 0, count: (min(most, rows) - 1) * stride + run)
    var failure: VoxelithError?
    unsafe room.withUnsafeMutableBytes { buffer in
      do throws(VoxelithError) {
        for first in Swift.stride(from: 0, to: rows, by: most) {
          let count = min(most, rows - first)
          unsafe try file.read(
            into: .init(rebasing: buffer[..<((count - 1) * stride + run)]), at: offset + first * stride)
          unsafe pick(buffer, count, into: .init(rebasing: target[(first * run)..<((first + count) * run)]))
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private func pick(
    _ source: UnsafeMutableRawBufferPointer, _ count: Int, into target: UnsafeMutableRawBufferPointer
  ) {
    func words<Word: BitwiseCopyable>(_: Word.Type) {
      for row in 0..<count {
        let word = unsafe source.loadUnaligned(fromByteOffset: row * stride, as: Word.self)
        unsafe target.storeBytes(of: word, toByteOffset: row * run, as: Word.self)
      }
    }
    switch run {
    case 1: words(UInt8.self)
    case 2: words(UInt16.self)
    case 4: words(UInt32.self)
    case 8: words(UInt64.self)
    default:
      for row in 0..<count {
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[(row * run)..<((row + 1) * run)]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[(row * stride)..<(row * stride + run)]))
      }
    }
  }
}
