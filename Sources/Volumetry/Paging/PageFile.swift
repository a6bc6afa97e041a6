import Foundation

/// Memory of one array: allocated, or mapped from a file without a name.
///
/// Only ``PagedArray`` holds one, and changes it only while nobody else does.
@usableFromInline
@safe final class PageFile: @unchecked Sendable {
  private(set) var base: UnsafeMutableRawPointer
  /// Bytes that `base` leads to.
  private(set) var capacity = 0
  let memory: WorkingMemory
  /// -1 where the memory is not paged.
  private let descriptor: Int32

  /// - Throws: `cannot create` where the folder takes no file, `input/output` where the disk is full.
  init(bytes: Int, in memory: WorkingMemory) throws(VoxelithError) {
    self.memory = memory
    unsafe base = Self.nowhere
    descriptor =
      try memory.folder.map { (folder) throws(VoxelithError) in try Self.openFile(in: folder) } ?? -1
    try grow(to: bytes)
  }

  deinit {
    if memory.isPaged {
      unmap()
      close(descriptor)
    } else if capacity > 0 {
      unsafe free(base)
    }
  }

  /// Stands for the memory of an array without elements.
  private static var nowhere: UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(bitPattern: 1 << 12).unsafelyUnwrapped
  }

  /// Makes room for at least `bytes`, keeping what there is; new bytes are zero.
  func grow(to bytes: Int) throws(VoxelithError) {
    guard bytes > capacity else { return }
    if memory.isPaged { try growFile(to: bytes) } else { try growAllocation(to: bytes) }
  }

  private func growAllocation(to bytes: Int) throws(VoxelithError) {
    guard let fresh = unsafe calloc(bytes, 1) else {
      throw VoxelithError(
        .io, "the system gives no \(bytes) bytes of memory", advice: "lower --memory, or close programs")
    }
    if capacity > 0 {
      unsafe fresh.copyMemory(from: base, byteCount: capacity)
      unsafe free(base)
    }
    unsafe base = fresh
    capacity = bytes
  }

  private func growFile(to bytes: Int) throws(VoxelithError) {
    let status = posix_fallocate(descriptor, 0, off_t(bytes))
    guard status == 0 else { throw failure("no room for \(bytes) bytes of working arrays", status) }
    let mapped = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
      throw failure("a working array of \(bytes) bytes cannot be mapped", errno)
    }
    if memory.isScattered { unsafe madvise(mapped, bytes, MADV_RANDOM) }
    unmap()
    unsafe base = mapped
    capacity = bytes
    memory.register(unsafe PageMapping(base: base, bytes: bytes), of: ObjectIdentifier(self))
  }

  private func unmap() {
    guard capacity > 0 else { return }
    memory.forget(ObjectIdentifier(self))
    unsafe munmap(base, capacity)
  }

  private static func openFile(in folder: URL) throws(VoxelithError) -> Int32 {
    var template = Array(PathName.join(folder.path, "voxelith-pages-XXXXXX").utf8CString)
    let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let path = buffer.baseAddress else { return Int32(-1) }
      let descriptor = unsafe mkstemp(path)
      if descriptor >= 0 {
        unsafe unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      }
      return descriptor
    }
    guard descriptor >= 0 else {
      throw VoxelithError(
        .cannotCreate, "no file for working arrays can be made", file: folder.path,
        advice: "set TMPDIR to a folder with room", cause: unsafe String(cString: strerror(errno)))
    }
    return descriptor
  }

  private func failure(_ what: String, _ status: Int32) -> VoxelithError {
    VoxelithError(
      .io, what, file: memory.folder?.path, advice: "set TMPDIR to a folder with room, or raise --memory",
      cause: unsafe String(cString: strerror(status)))
  }
}

/// Pages of one array in the process.
@safe struct PageMapping: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  private let bytes: Int

  init(base: UnsafeMutableRawPointer, bytes: Int) {
    unsafe self.base = base
    self.bytes = bytes
  }

  /// Takes the pages out of the process; the file keeps what they hold.
  func release() { unsafe madvise(base, bytes, MADV_DONTNEED) }
}
