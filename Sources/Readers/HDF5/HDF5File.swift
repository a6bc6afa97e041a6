import CHDF5
import CHDF5Driver
import Foundation
public import Volumetry

/// An HDF5 file that is open for reading.
///
/// Objects that come out of it keep it open. All of it may be used on several threads; the library
/// itself works on one at a time.
public final class HDF5File: Sendable {
  public let path: String
  let handle: HDF5Handle
  /// What was found of the other files in which its arrays lie.
  let sources = Guarded<[HDF5Identity: HDF5Sources]>([:])

  private init(path: String, handle: consuming HDF5Handle) {
    self.path = path
    self.handle = handle
  }

  /// Opens a file.
  ///
  /// - Throws: `missing` where there is no such file or it cannot be opened, `data` where it is empty,
  ///   truncated or not HDF5.
  public static func open(_ path: String) throws(VoxelithError) -> HDF5File {
    try open(path, isAdmitted: false)
  }

  /// - Parameter isAdmitted: whether the caller knows where its links lead.
  static func open(_ path: String, isAdmitted: Bool) throws(VoxelithError) -> HDF5File {
    let file = try opened(path)
    if !isAdmitted {
      try Containment.admit(path) { () throws(VoxelithError) in HDF5Closure.entries(of: file) }
    }
    return file
  }

  private static func opened(_ path: String) throws(VoxelithError) -> HDF5File {
    guard isHDF5(try InputFile(path)) else {
      throw VoxelithError(.data, "this is not an HDF5 file", file: path)
    }
    return try HDF5Library.exclusively { () throws(VoxelithError) in
      let access = try HDF5Handle(
        H5Pcreate(vx_h5_class_file_access()), .internal, "no access list", file: path)
      try HDF5Library.check(
        vx_h5_use_guarded_driver(access.id), .internal, "no driver for reading", file: path)
      let handle = try HDF5Handle(
        unsafe H5Fopen(path, vx_h5_read_only(), access.id), .data, "the HDF5 file cannot be opened",
        file: path)
      return HDF5File(path: path, handle: handle)
    }
  }

  /// Opens a group or dataset; the caller holds the library's lock.
  ///
  /// Of a file behind a symbolic link the library would look for virtual sources beside the link alone. All who have a dataset open
  /// share the folder that it was first opened with, so it is closed before it is opened with another one.
  func open(_ name: String, in location: hid_t) -> hid_t {
    let first = SourceFolders(of: path).real
    let object = Self.open(name, in: location, sources: first)
    guard object >= 0, H5Iget_type(object) == H5I_DATASET, let holder = Self.holder(of: object),
      holder != path, SourceFolders(of: holder).real != first
    else { return object }
    H5Oclose(object)
    return Self.open(name, in: location, sources: SourceFolders(of: holder).real)
  }

  /// - Parameter folder: where virtual sources are looked for first.
  private static func open(_ name: String, in location: hid_t, sources folder: String?) -> hid_t {
    guard let folder else { return unsafe vx_h5_open(location, name, HDF5Library.defaults) }
    let access = H5Pcreate(vx_h5_class_dataset_access())
    guard access >= 0, unsafe H5Pset_virtual_prefix(access, folder) >= 0 else { return -1 }
    defer { H5Pclose(access) }
    return unsafe vx_h5_open(location, name, access)
  }

  /// The file that an object lies in, wherever the path to it began; the caller holds the library's lock.
  static func holder(of object: hid_t) -> String? {
    let length = H5Fget_name(object, nil, 0)
    guard length > 0, length < HDF5Attributes.limit else {
      _ = HDF5Library.takeMessage()
      return nil
    }
    var text = [CChar](repeating: 0, count: length + 1)
    _ = unsafe H5Fget_name(object, &text, text.count)
    return FileText.decode(text.prefix(length).map { UInt8(bitPattern: $0) })
  }

  /// Whether a file carries the signature of HDF5, at its start or after a user block.
  public static func isHDF5(_ path: String) -> Bool {
    (try? InputFile(path)).map(isHDF5) ?? false
  }

  static func isHDF5(_ file: InputFile) -> Bool { signatureOffset(file) != nil }

  /// Where the signature stands; nil where there is none.
  static func signatureOffset(_ file: InputFile) -> Int? {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    var offset = 0
    while offset <= 1 << 24, offset + signature.count <= file.size {
      if (try? file.bytes(at: offset, count: signature.count)) == signature { return offset }
      offset = offset == 0 ? 512 : offset * 2
    }
    return nil
  }

  /// The group at the top.
  public func root() throws(VoxelithError) -> HDF5Group {
    try HDF5Library.exclusively { () throws(VoxelithError) in
      let group = try HDF5Handle(
        unsafe H5Oopen(handle.id, "/", HDF5Library.defaults), .data, "the root group cannot be read",
        file: path)
      return HDF5Group(file: self, path: "/", handle: group)
    }
  }

  /// The group or dataset at a path.
  ///
  /// - Throws: `missing` where there is none, naming the first part of the path that fails and, for a
  ///   link to another file, that file.
  public func object(at objectPath: String) throws(VoxelithError) -> HDF5Object {
    let whole = objectPath.hasPrefix("/") ? objectPath : "/" + objectPath
    if whole == "/" { return .group(try root()) }
    return try HDF5Library.exclusively { () throws(VoxelithError) in
      let id = open(whole, in: handle.id)
      guard id >= 0 else {
        let cause = HDF5Library.takeMessage()
        throw HDF5Links.explanation(of: whole, in: self, cause: cause)
      }
      return try HDF5Object(file: self, path: whole, id: id)
    }
  }

  /// The dataset at a path.
  ///
  /// - Throws: `missing` where there is none, `data` where the path is a group.
  public func dataset(at path: String) throws(VoxelithError) -> HDF5Dataset {
    guard case .dataset(let dataset) = try object(at: path) else {
      throw VoxelithError(.data, "this is a group and not a dataset", file: self.path, place: path)
    }
    return dataset
  }
}

/// What a path of an HDF5 file leads to.
public enum HDF5Object: Sendable {
  case group(HDF5Group)
  case dataset(HDF5Dataset)

  /// Takes over an identifier; the caller holds the library's lock.
  init(file: HDF5File, path: String, id: hid_t) throws(VoxelithError) {
    let handle = try HDF5Handle(id, .data, "the object cannot be opened", file: file.path, place: path)
    switch H5Iget_type(handle.id) {
    case H5I_GROUP: self = .group(HDF5Group(file: file, path: path, handle: handle))
    case H5I_DATASET:
      self = .dataset(try HDF5Dataset(file: file, path: path, handle: handle))
    default:
      throw VoxelithError(
        .data, "this is neither a group nor a dataset", file: file.path, place: path)
    }
  }

  public var path: String {
    switch self {
    case .group(let group): group.path
    case .dataset(let dataset): dataset.path
    }
  }
}

/// What tells one object from another however many links lead to it.
struct HDF5Identity: Hashable, Sendable {
  let file: UInt64
  let address: UInt64

  /// - Throws: `data` where the library does not know the object.
  init(of object: hid_t, file path: String, place: String) throws(VoxelithError) {
    var (file, address): (UInt64, UInt64) = (0, 0)
    try HDF5Library.check(
      unsafe vx_h5_identity(object, &file, &address), .data, "the object cannot be read", file: path,
      place: place)
    self.file = file
    self.address = address
  }
}
