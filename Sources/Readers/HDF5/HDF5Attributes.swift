import CHDF5
import CHDF5Driver
import Volumetry

/// Reading the attributes of an object; every caller holds the library's lock.
enum HDF5Attributes {
  /// Elements and bytes above which an attribute is not read.
  static let limit = 1 << 20

  static func names(of object: hid_t) -> [String] {
    var (count, bytes): (Int64, Int) = (0, 0)
    let list = unsafe vx_h5_attribute_names(object, 4096, &count, &bytes)
    if count < 0 { _ = HDF5Library.takeMessage() }
    return unsafe HDF5NameList.take(list, bytes: bytes)
  }

  /// The value, or nil where there is no such attribute or it is neither text nor number.
  static func value(of object: hid_t, named name: String, file: String) -> HDF5Value? {
    guard unsafe H5Aexists(object, name) > 0 else { return nil }
    do throws(VoxelithError) {
      let attribute = try HDF5Handle(
        unsafe H5Aopen(object, name, HDF5Library.defaults), .data, "the attribute \(name) cannot be read",
        file: file)
      let type = try HDF5Handle(H5Aget_type(attribute.id), .data, "attribute without a type", file: file)
      let space = try HDF5Handle(H5Aget_space(attribute.id), .data, "attribute without a space", file: file)
      let count = Int(H5Sget_simple_extent_npoints(space.id))
      guard count >= 0, count <= limit else { return nil }
      return unsafe HDF5ValueReader.read(of: attribute.id, type: type.id, count: count) { (memory, buffer) in
        unsafe H5Aread(attribute.id, memory, buffer)
      }
    } catch {
      return nil
    }
  }
}

/// Lists of names that the shim makes.
enum HDF5NameList {
  /// Copies the names, each ended by a zero byte, and frees the list.
  static func take(_ list: UnsafeMutablePointer<CChar>?, bytes: Int) -> [String] {
    guard let list = unsafe list else { return [] }
    defer { unsafe free(list) }
    let raw = unsafe UnsafeRawBufferPointer(start: list, count: bytes)
    return unsafe raw.split(separator: 0, omittingEmptySubsequences: false).dropLast()
      .map { unsafe FileText.decode(Array($0)) }
  }
}

/// Reads text and numbers from whatever holds them: an attribute or a dataset.
enum HDF5ValueReader {
  /// - Parameters:
  ///   - object: the attribute or dataset.
  ///   - fill: reads all elements in the memory type given into the buffer given.
  static func read(
    of object: hid_t, type: hid_t, count: Int,
    fill: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) -> HDF5Value? {
    if count == 0 { return nil }
    if H5Tget_class(type) == H5T_STRING {
      return
        unsafe (H5Tis_variable_str(type) > 0
        ? variableStrings(of: object, count: count, fill: fill)
        : fixedStrings(type: type, count: count, fill: fill)).map { .strings($0) }
    }
    guard HDF5ElementType.voxelType(of: type) != nil else { return nil }
    var status: herr_t = 0
    let values = unsafe [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      if let start = UnsafeMutableRawPointer(buffer.baseAddress) {
        status = unsafe fill(vx_h5_double(), start)
      }
      filled = status >= 0 ? count : 0
    }
    return status >= 0 ? .numbers(values) : failed()
  }

  private static func failed<Value>() -> Value? {
    _ = HDF5Library.takeMessage()
    return nil
  }

  private static func fixedStrings(
    type: hid_t, count: Int, fill: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) -> [String]? {
    let size = H5Tget_size(type)
    let (total, overflow) = size.multipliedReportingOverflow(by: count)
    guard size > 0, !overflow, total <= 16 * HDF5Attributes.limit else { return nil }
    var bytes = [UInt8](repeating: 0, count: total)
    let status = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe buffer.baseAddress.map { unsafe fill(type, $0) } ?? -1
    }
    guard status >= 0 else { return failed() }
    return (0..<count).map { index in
      var piece = bytes[(index * size)..<((index + 1) * size)].prefix { $0 != 0 }
      while piece.last == 0x20 { piece.removeLast() }
      return FileText.decode(Array(piece))
    }
  }

  /// Texts of variable length. The library is asked for the references only: where a text is shorter than its reference
  /// says, or longer, it would read or write beyond its memory.
  private static func variableStrings(
    of object: hid_t, count: Int, fill: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) -> [String]? {
    let type = vx_h5_reference_type()
    guard type >= 0 else { return failed() }
    defer { H5Tclose(type) }
    let size = Int(VX_H5_REFERENCE_SIZE)
    var references = [UInt8](repeating: 0, count: count * size)
    let status = unsafe references.withUnsafeMutableBytes { buffer in
      unsafe buffer.baseAddress.map { unsafe fill(type, $0) } ?? -1
    }
    guard status >= 0 else { return failed() }
    var texts: [String] = []
    for index in 0..<count {
      let reference = Array(references[(index * size)..<((index + 1) * size)])
      // A text that was never set has an address of nothing.
      if reference[4..<12].allSatisfy({ $0 == 0 }) {
        texts.append("")
        continue
      }
      var length = 0
      guard let text = unsafe vx_h5_referenced_text(object, reference, &length) else { return failed() }
      defer { unsafe free(text) }
      let bytes = unsafe UnsafeRawBufferPointer(start: text, count: length)
      texts.append(FileText.decode(unsafe Array(bytes.prefix { $0 != 0 })))
    }
    return texts
  }
}
