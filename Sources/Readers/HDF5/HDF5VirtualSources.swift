import CHDF5
import Foundation
import Volumetry

/// The files behind a virtual dataset. The library reads missing ones as zeros without a word.
enum HDF5VirtualSources {
  /// - Throws: `missing` at the first source file that is not there; the caller holds the library's lock.
  static func check(_ creation: hid_t, file: String, path: String) throws(VoxelithError) {
    var count = 0
    guard unsafe H5Pget_virtual_count(creation, &count) >= 0 else { return }
    let folder = (file as NSString).deletingLastPathComponent
    var seen = Set<String>()
    for index in 0..<min(count, 10_000) {
      let length = H5Pget_virtual_filename(creation, index, nil, 0)
      guard length > 0, length < HDF5Attributes.limit else { continue }
      var text = [CChar](repeating: 0, count: length + 1)
      _ = unsafe H5Pget_virtual_filename(creation, index, &text, text.count)
      let name = FileText.decode(text.prefix(length).map { UInt8(bitPattern: $0) })
      guard name != ".", !name.contains("%"), seen.insert(name).inserted else { continue }
      let beside = name.hasPrefix("/") ? name : (folder as NSString).appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: beside) || FileManager.default.fileExists(atPath: name)
      else {
        throw VoxelithError(
          .missing, "the data are in the file \(beside), which is missing", file: file, place: path,
          advice: "put the file there: this one only points at it")
      }
    }
  }
}
