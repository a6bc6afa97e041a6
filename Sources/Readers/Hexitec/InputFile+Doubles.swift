import Volumetry

extension InputFile {
  /// Little-endian doubles from a byte offset.
  ///
  /// - Throws: `data` where the file ends before, `io` where it cannot be read.
  func doubles(at offset: Int, count: Int) throws(VoxelithError) -> [Double] {
    var failure: VoxelithError?
    let values = unsafe [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(VoxelithError) {
        unsafe try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }
}
