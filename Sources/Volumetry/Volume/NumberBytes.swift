import CVolumetryKernels

/// Kernels over the bytes of many numbers.
package enum NumberBytes {
  /// Turns unsigned numbers of 32 bits in this machine's byte order into floats.
  ///
  /// - Precondition: `target` is as long as `source`; where they overlap it does not begin behind it.
  package static func makeFloats(
    of source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) {
    precondition(target.count == source.count)
    guard let numbers = source.baseAddress, let floats = target.baseAddress else { return }
    unsafe precondition(
      numbers >= UnsafeRawPointer(floats) || numbers + source.count <= UnsafeRawPointer(floats))
    unsafe vvk_floats(numbers, source.count / 4, floats)
  }

  /// Puts numbers of four bytes together whose first bytes come first, then their second ones, and so on.
  ///
  /// - Precondition: `target` is as long as `planes`, a multiple of four, and lies elsewhere.
  package static func join(
    _ planes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) {
    precondition(target.count == planes.count && planes.count % 4 == 0)
    guard let bytes = planes.baseAddress, let numbers = target.baseAddress else { return }
    unsafe vvk_join_bytes(
      bytes.assumingMemoryBound(to: UInt8.self), planes.count / 4, numbers.assumingMemoryBound(to: UInt8.self)
    )
  }
}
