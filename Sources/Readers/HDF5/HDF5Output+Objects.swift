import CHDF5
import Foundation
package import Volumetry

extension HDF5Output {
  /// Makes a group, and those above it, with its NeXus class.
  package func group(_ path: String, class nexusClass: String? = nil) throws(VoxelithError) {
    try withHandle { (file) throws(VoxelithError) in
      let properties = try HDF5Handle(
        H5Pcreate(vx_h5_class_link_create()), .internal, "no link properties", file: self.path)
      H5Pset_create_intermediate_group(properties.id, 1)
      _ = try HDF5Handle(
        unsafe H5Gcreate2(file, path, properties.id, HDF5Library.defaults, HDF5Library.defaults), .io,
        "the group cannot be written", file: self.path, place: path)
    }
    if let nexusClass { try attribute("NX_class", .strings([nexusClass]), of: path) }
  }

  /// Writes an attribute of a group or dataset: one value as a scalar, several as a list.
  ///
  /// - Parameter stored: type in which the file keeps numbers.
  package func attribute(
    _ name: String, _ value: HDF5Value, of object: String, stored: VoxelType = .float64
  ) throws(VoxelithError) {
    try withHandle { (file) throws(VoxelithError) in
      let target = try HDF5Handle(
        unsafe H5Oopen(file, object, HDF5Library.defaults), .internal, "no such object", file: path,
        place: object)
      try unsafe HDF5ValueWriter.write(value, file: path, place: "\(object)@\(name)") {
        (type, space, bytes) throws(VoxelithError) in
        let element = try HDF5Handle(
          value.strings == nil ? HDF5ElementType.make(stored) : H5Tcopy(type), .internal, "no type",
          file: path)
        let attribute = try HDF5Handle(
          unsafe H5Acreate2(
            target.id, name, element.id, space, HDF5Library.defaults, HDF5Library.defaults), .io,
          "the attribute cannot be written", file: path, place: object)
        return unsafe H5Awrite(attribute.id, type, bytes)
      }
    }
  }

  /// Writes a small dataset: one value as a scalar, several as a list or in the shape given.
  package func value(
    _ dataset: String, _ value: HDF5Value, shape: [Int]? = nil, units: String? = nil
  ) throws(VoxelithError) {
    try withHandle { (file) throws(VoxelithError) in
      try unsafe HDF5ValueWriter.write(value, shape: shape, file: path, place: dataset) {
        (type, space, bytes) throws(VoxelithError) in
        let properties = try HDF5Handle(
          H5Pcreate(vx_h5_class_dataset_create()), .internal, "no properties", file: path)
        H5Pset_obj_track_times(properties.id, false)
        let target = try HDF5Handle(
          unsafe H5Dcreate2(
            file, dataset, type, space, HDF5Library.defaults, properties.id, HDF5Library.defaults), .io,
          "the dataset cannot be written", file: path, place: dataset)
        return unsafe H5Dwrite(target.id, type, 0, 0, HDF5Library.defaults, bytes)
      }
    }
    if let units { try attribute("units", .strings([units]), of: dataset) }
  }

  /// Makes a soft link, whose target need not exist.
  package func softLink(_ path: String, to target: String) throws(VoxelithError) {
    try withHandle { (file) throws(VoxelithError) in
      _ = try HDF5Library.check(
        unsafe H5Lcreate_soft(target, file, path, HDF5Library.defaults, HDF5Library.defaults), .io,
        "the link cannot be written", file: self.path, place: path)
    }
  }

  /// Makes a link to an object of another file, whose path is relative to this file's folder.
  package func externalLink(
    _ path: String, to target: String, in file: String
  ) throws(VoxelithError) {
    try withHandle { (handle) throws(VoxelithError) in
      _ = try HDF5Library.check(
        unsafe H5Lcreate_external(file, target, handle, path, HDF5Library.defaults, HDF5Library.defaults),
        .io,
        "the link cannot be written", file: self.path, place: path)
    }
  }
}

/// Writes text and numbers to whatever holds them.
enum HDF5ValueWriter {
  /// - Parameter put: makes the object of the type and space given and writes the bytes given to it.
  static func write(
    _ value: HDF5Value, shape: [Int]? = nil, file: String, place: String,
    put: (hid_t, hid_t, UnsafeRawPointer) throws(VoxelithError) -> herr_t
  ) throws(VoxelithError) {
    let type = try HDF5Handle(makeType(value), .internal, "no type", file: file)
    let texts = unsafe (value.strings ?? []).map { unsafe strdup($0) }
    defer { unsafe texts.forEach { unsafe free($0) } }
    let count: Int
    let encoded: [UInt8]
    switch value {
    case .numbers(let numbers):
      count = numbers.count
      encoded = unsafe numbers.withUnsafeBytes { unsafe Array($0) }
    case .strings(let strings):
      count = strings.count
      encoded = unsafe texts.withUnsafeBytes { unsafe Array($0) }
    }
    let sides = (shape ?? (count == 1 ? [] : [count])).map { hsize_t($0) }
    let space = try HDF5Handle(
      sides.isEmpty
        ? H5Screate(H5S_SCALAR) : unsafe H5Screate_simple(Int32(sides.count), sides, nil),
      .internal, "no space", file: file, place: place)
    let bytes = encoded + [0]
    let outcome = unsafe bytes.withUnsafeBytes { buffer -> Result<herr_t, VoxelithError> in
      guard let start = buffer.baseAddress else { return .success(-1) }
      do throws(VoxelithError) {
        return .success(try unsafe put(type.id, space.id, start))
      } catch {
        return .failure(error)
      }
    }
    let result = try outcome.get()
    try HDF5Library.check(result, .io, "the value cannot be written", file: file, place: place)
  }

  /// Text is stored at its own length as UTF-8, which other programs read as text and not as bytes.
  private static func makeType(_ value: HDF5Value) -> hid_t {
    guard case .strings = value else { return HDF5ElementType.make(.float64) }
    let type = H5Tcopy(vx_h5_c_string())
    H5Tset_size(type, vx_h5_variable_length())
    H5Tset_cset(type, H5T_CSET_UTF8)
    return type
  }
}
