import CHDF5
public import Volumetry

/// A group of an HDF5 file: links by name, and attributes.
public final class HDF5Group: Sendable {
  public let file: HDF5File
  public let path: String
  let handle: HDF5Handle

  /// Links above which a group is not listed further.
  static let linkLimit = 100_000

  init(file: HDF5File, path: String, handle: consuming HDF5Handle) {
    self.file = file
    self.path = path
    self.handle = handle
  }

  /// Names of the links, in alphabetical order.
  ///
  /// - Throws: `data` where the group is damaged.
  public func names() throws(VoxelithError) -> [String] {
    try HDF5Library.exclusively { () throws(VoxelithError) in
      var (count, bytes): (Int64, Int) = (0, 0)
      let list = unsafe vx_h5_link_names(handle.id, Self.linkLimit, &count, &bytes)
      let names = unsafe HDF5NameList.take(list, bytes: bytes)
      try HDF5Library.check(
        count, .data, "the group cannot be listed", file: file.path, place: path)
      return names
    }
  }

  public func path(of name: String) -> String { path == "/" ? "/" + name : path + "/" + name }

  /// The object that a link leads to.
  ///
  /// - Throws: `missing` where it leads nowhere.
  public func object(_ name: String) throws(VoxelithError) -> HDF5Object {
    if name.contains("/") { return try file.object(at: path(of: name)) }
    return try HDF5Library.exclusively { () throws(VoxelithError) in
      let id = file.open(name, in: handle.id)
      guard id >= 0 else {
        let cause = HDF5Library.takeMessage()
        throw HDF5Links.explanation(of: path(of: name), in: file, cause: cause)
      }
      return try HDF5Object(file: file, path: path(of: name), id: id)
    }
  }

  /// Whether a link of this name exists, wherever it leads.
  public func contains(_ name: String) -> Bool {
    guard !name.isEmpty else { return false }
    return HDF5Library.exclusively {
      let answer = unsafe H5Lexists(handle.id, name, HDF5Library.defaults)
      if answer < 0 { _ = HDF5Library.takeMessage() }
      return answer > 0
    }
  }

  /// The dataset of a name, or nil where there is none or its link leads nowhere.
  func datasetIfPresent(_ name: String) -> HDF5Dataset? {
    guard contains(name), case .dataset(let dataset)? = try? object(name) else { return nil }
    return dataset
  }

  func groupIfPresent(_ name: String) -> HDF5Group? {
    guard contains(name), case .group(let group)? = try? object(name) else { return nil }
    return group
  }

  /// Value of an attribute, or nil where there is none.
  public func attribute(_ name: String) -> HDF5Value? {
    HDF5Library.exclusively { HDF5Attributes.value(of: handle.id, named: name, file: file.path) }
  }

  public func attributeNames() -> [String] {
    HDF5Library.exclusively { HDF5Attributes.names(of: handle.id) }
  }

  /// The class that NeXus gives to a group, such as `NXdata`.
  public var nexusClass: String? { attribute("NX_class")?.string }

  func identity() throws(VoxelithError) -> HDF5Identity {
    try HDF5Library.exclusively { () throws(VoxelithError) in
      try HDF5Identity(of: handle.id, file: file.path, place: path)
    }
  }
}
