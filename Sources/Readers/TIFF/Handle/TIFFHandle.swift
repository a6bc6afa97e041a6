import CTIFF
import Volumetry

/// One open handle of libtiff: it stands at one page at a time and serves one thread at a time.
///
/// The handle has one owner, this object, and is freed with it; the pool of a ``TIFFFile`` lends it to
/// one thread after the other. Messages of libtiff stay in the handle and come out as errors.
@safe final class TIFFHandle: @unchecked Sendable {
  let file: InputFile
  private let client: UnsafeMutablePointer<voxelith_tiff>
  /// Decoded block that the last read needed.
  private var scratch: [UInt8] = []
  private var scratchBlock: (directory: Int, block: Int)?
  /// Place of the directory at which the handle stands.
  private(set) var directory: Int

  /// - Throws: `data` where the header or the first page cannot be read.
  init(_ file: InputFile) throws(VoxelithError) {
    // Codecs need working memory in proportion to a block, and a block cannot be huge in a small file.
    let most = (64 << 20) + 16 * file.size
    guard
      let client = unsafe voxelith_tiff_open(
        file.path, file.descriptor, UInt64(file.size), Int64(most))
    else { throw VoxelithError(.internal, "no memory for a TIFF handle", file: file.path) }
    guard unsafe client.pointee.tiff != nil else {
      let cause = unsafe Self.message(of: client)
      unsafe voxelith_tiff_close(client)
      throw VoxelithError(
        .data, "the first page of the TIFF cannot be read", file: file.path, cause: cause)
    }
    self.file = file
    unsafe self.client = client
    directory = 0
    enterDirectory()
  }

  deinit { unsafe voxelith_tiff_close(client) }

  private static func message(of client: UnsafeMutablePointer<voxelith_tiff>) -> String {
    let text = unsafe withUnsafeBytes(of: client.pointee.message) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    unsafe client.pointee.message.0 = 0
    return text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// What libtiff said last; asking clears it.
  func takeMessage() -> String { unsafe Self.message(of: client) }

  private func enterDirectory() {
    unsafe voxelith_tiff_prefer_plain_samples(client)
    directory = unsafe Int(TIFFCurrentDirOffset(client.pointee.tiff))
  }

  var isLastDirectory: Bool { unsafe TIFFLastDirectory(client.pointee.tiff) != 0 }
  var isBigEndian: Bool { unsafe TIFFIsBigEndian(client.pointee.tiff) != 0 }

  /// Goes to the next page of the chain.
  ///
  /// - Throws: `data` where it cannot be read, or the chain comes back to an earlier page.
  func advance() throws(VoxelithError) {
    _ = takeMessage()
    guard unsafe TIFFReadDirectory(client.pointee.tiff) != 0 else {
      let cause = takeMessage()
      directory = -1
      throw VoxelithError(
        .data, "the page cannot be read", file: file.path,
        cause: cause.isEmpty ? "the chain of pages is broken" : cause)
    }
    enterDirectory()
  }

  /// Goes to the page whose directory lies at a place of the file.
  func select(directory place: Int) throws(VoxelithError) {
    guard directory != place else { return }
    _ = takeMessage()
    guard unsafe TIFFSetSubDirectory(client.pointee.tiff, UInt64(place)) != 0 else {
      directory = -1
      throw VoxelithError(.data, "the page cannot be read", file: file.path, cause: takeMessage())
    }
    enterDirectory()
  }

  func short(_ tag: Int32) -> Int { unsafe Int(voxelith_tiff_short(client, UInt32(tag))) }
  func long(_ tag: Int32) -> Int { unsafe Int(voxelith_tiff_long(client, UInt32(tag))) }

  func text(_ tag: Int32) -> String? {
    guard let characters = unsafe voxelith_tiff_text(client, UInt32(tag)) else { return nil }
    return unsafe String(cString: characters)
  }

  var hasSubsampledColours: Bool { unsafe voxelith_tiff_has_ycbcr_subsampling(client) != 0 }
  var isTiled: Bool { unsafe TIFFIsTiled(client.pointee.tiff) != 0 }
  var blockCount: Int {
    unsafe Int(isTiled ? TIFFNumberOfTiles(client.pointee.tiff) : TIFFNumberOfStrips(client.pointee.tiff))
  }
  /// Bytes of a decoded tile, or of a decoded strip with so many rows.
  func blockSize(rows: Int) -> Int {
    isTiled
      ? unsafe Int(TIFFTileSize(client.pointee.tiff))
      : unsafe Int(TIFFVStripSize(client.pointee.tiff, UInt32(rows)))
  }
  /// Bytes of one row of a decoded block.
  var blockRowSize: Int {
    isTiled
      ? unsafe Int(TIFFTileRowSize(client.pointee.tiff)) : unsafe Int(TIFFScanlineSize(client.pointee.tiff))
  }
  func blockOffset(_ block: Int) -> UInt64 {
    unsafe TIFFGetStrileOffset(client.pointee.tiff, UInt32(block))
  }
  func blockByteCount(_ block: Int) -> UInt64 {
    unsafe TIFFGetStrileByteCount(client.pointee.tiff, UInt32(block))
  }

  /// Decodes a strip or tile of the current page into `buffer`, whose length is that of the block.
  ///
  /// A block that the file leaves out (no place and no bytes) is zero.
  func decode(block: Int, into buffer: UnsafeMutableRawBufferPointer) throws(VoxelithError) {
    if blockByteCount(block) == 0 && blockOffset(block) == 0 {
      unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    _ = takeMessage()
    let tiff = unsafe client.pointee.tiff
    let size = tmsize_t(buffer.count)
    let got =
      isTiled
      ? unsafe TIFFReadEncodedTile(tiff, UInt32(block), buffer.baseAddress, size)
      : unsafe TIFFReadEncodedStrip(tiff, UInt32(block), buffer.baseAddress, size)
    guard got == size else {
      let cause = takeMessage()
      throw VoxelithError(
        .data, "the pixels cannot be decoded", file: file.path,
        cause: cause.isEmpty ? "\(isTiled ? "tile" : "strip") \(block) ends early" : cause)
    }
  }

  /// Lends the decoded bytes of a block; the block that was decoded last is not decoded again.
  func withDecoded(
    block: Int, size: Int, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(VoxelithError) {
    if scratchBlock?.directory != directory || scratchBlock?.block != block || scratch.count != size {
      scratchBlock = nil
      if scratch.count != size { scratch = [UInt8](repeating: 0, count: size) }
      var failure: VoxelithError?
      unsafe scratch.withUnsafeMutableBytes { bytes in
        do throws(VoxelithError) {
          unsafe try decode(block: block, into: bytes)
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      scratchBlock = (directory, block)
    }
    unsafe scratch.withUnsafeBytes { unsafe body($0) }
  }
}
