import CHDF5
import CHDF5Driver
import Foundation
import Volumetry

/// The one door to libhdf5, which may be built without thread safety: every call to it is made inside
/// ``exclusively(_:)``.
enum HDF5Library {
  private static let lock = NSRecursiveLock()
  /// The library looks for external raw files in the folder of the process; it reads once, at its start, that they lie
  /// beside the file that names them.
  private static let isPrepared: Bool = {
    vx_h5_spare_descriptors_from(Int32(clamping: OpenFileLimit.end()))
    return unsafe setenv("HDF5_EXTFILE_PREFIX", "${ORIGIN}", 0) == 0
  }()
  /// Stands for a property list with the library's own choices.
  static let defaults: hid_t = 0

  /// Runs `body` while no other thread is inside the library. May be nested. Each thread has an error
  /// stack of its own, whose printing is turned off.
  static func exclusively<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    _ = isPrepared
    vx_h5_silence()
    return try body()
  }

  /// What the library says of its last failure; the caller is inside ``exclusively(_:)``.
  static func takeMessage() -> String {
    let size = 512
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      unsafe buffer.withMemoryRebound(to: CChar.self) { text in
        unsafe vx_h5_take_error(text.baseAddress, size)
      }
      count = unsafe buffer.firstIndex(of: 0) ?? size
    }
    // Some of its messages have lines of their own.
    return FileText.decode(bytes).split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// - Throws: an error with the library's own words where `result` is negative.
  @discardableResult
  static func check<Number: SignedInteger>(
    _ result: Number, _ code: VoxelithError.Code, _ message: @autoclosure () -> String,
    file: String, place: String? = nil
  ) throws(VoxelithError) -> Number {
    guard result >= 0 else {
      throw VoxelithError(code, message(), file: file, place: place, cause: takeMessage())
    }
    return result
  }
}

/// The one owner of an identifier of the library: a file, group, dataset, type, space or property
/// list. Released when it goes.
struct HDF5Handle: ~Copyable, Sendable {
  let id: hid_t

  /// Takes over an identifier that the library has just answered.
  ///
  /// - Throws: an error with the library's own words where it is negative.
  init(
    _ id: hid_t, _ code: VoxelithError.Code, _ message: @autoclosure () -> String, file: String,
    place: String? = nil
  ) throws(VoxelithError) {
    self.id = try HDF5Library.check(id, code, message(), file: file, place: place)
  }

  deinit {
    let id = id
    HDF5Library.exclusively { _ = H5Idec_ref(id) }
  }
}
