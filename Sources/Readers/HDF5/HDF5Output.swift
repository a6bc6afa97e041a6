import CHDF5
import Foundation
package import Volumetry

/// An HDF5 file that is being written under a temporary name beside its final one.
///
/// Used from one thread. Dropped without ``finish()`` it leaves nothing behind.
package final class HDF5Output {
  package let path: String
  private let overwrite: Bool
  private let temporary: String
  private var handle: HDF5Handle?

  /// - Throws: `cannotCreate` where the file exists and may not be overwritten, or its folder does not
  ///   take it.
  package init(path: String, overwrite: Bool) throws(VoxelithError) {
    self.path = path
    self.overwrite = overwrite
    temporary = WorkName.path(beside: path)
    try FinalName.check(path, overwrite: overwrite)
    let temporary = temporary
    do throws(VoxelithError) {
      handle = try Self.create(temporary, for: path)
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    Unfinished.add(temporary)
  }

  private static func create(_ temporary: String, for path: String) throws(VoxelithError) -> HDF5Handle {
    try HDF5Library.exclusively { () throws(VoxelithError) in
      let access = try HDF5Handle(
        H5Pcreate(vx_h5_class_file_access()), .internal, "no access list", file: path)
      H5Pset_file_locking(access.id, true, true)
      H5Pset_libver_bounds(access.id, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18)
      return try HDF5Handle(
        unsafe H5Fcreate(temporary, vx_h5_exclusive(), HDF5Library.defaults, access.id), .cannotCreate,
        "the file cannot be created", file: path)
    }
  }

  deinit { abandon() }

  /// Completes the file and gives it its final name.
  ///
  /// - Throws: `io` where the last bytes cannot be written, `cannotCreate` where the name has been taken
  ///   in the meantime.
  package func finish() throws(VoxelithError) {
    guard handle != nil else { return }
    try withHandle { (file) throws(VoxelithError) in
      _ = try HDF5Library.check(
        H5Fflush(file, H5F_SCOPE_GLOBAL), .io, "the file cannot be completed: is the disk full?",
        file: path)
    }
    try FinalName.check(path, overwrite: overwrite)
    handle = nil
    defer { Unfinished.remove(temporary) }
    do throws(VoxelithError) {
      try FinalName.give(path, to: temporary, overwrite: overwrite)
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  /// Gives up and removes what was written.
  package func abandon() {
    guard handle != nil else { return }
    handle = nil
    _ = unsafe unlink(temporary)
    Unfinished.remove(temporary)
  }

  /// Lends the identifier of the open file.
  func withHandle<Result: ~Copyable>(
    _ body: (hid_t) throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    let id: hid_t =
      switch handle {
      case .some(let open): open.id
      case .none: -1
      }
    guard id >= 0 else { throw VoxelithError(.internal, "the file is closed already", file: path) }
    return try HDF5Library.exclusively { () throws(VoxelithError) in try body(id) }
  }
}
