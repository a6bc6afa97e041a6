import CHDF5
import Foundation
import Volumetry

/// The raw files in which an array without chunks may keep its numbers. The library reads what lies behind their end as zeros
/// without a word, and looks for them in the folder of the process unless
/// it is told another, as ``HDF5Library`` tells it.
enum HDF5ExternalFiles {
  /// What is missing; the caller holds the library's lock.
  static func look(
    at dataset: HDF5ArrayHead, creation: hid_t, elementSize: Int
  ) -> HDF5Gaps? {
    let count = H5Pget_external_count(creation)
    guard count > 0 else { return nil }
    let search = SourceFolders(of: dataset.holder ?? dataset.file.path)
    let total = (dataset.count ?? 0) * elementSize
    var held = 0
    for index in 0..<UInt32(min(count, 10_000)) where held < total {
      var name = [CChar](repeating: 0, count: 4096)
      var (offset, size): (off_t, hsize_t) = (0, 0)
      guard unsafe H5Pget_external(creation, index, name.count - 1, &name, &offset, &size) >= 0 else {
        _ = HDF5Library.takeMessage()
        break
      }
      let text = FileText.decode(name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
      let wanted = min(total - held, Int(clamping: size))
      let full = search.external(text)
      guard FileManager.default.fileExists(atPath: full) else {
        return gap(dataset, "the data are in the file \(full), which is missing", held, elementSize)
      }
      let length = (try? InputFile(full))?.size ?? 0
      guard length >= Int(offset) + wanted else {
        let there = max(0, length - Int(offset))
        return gap(
          dataset, "the data are in \(full), which holds \(there) of \(wanted) bytes: it is cut off",
          held + there,
          elementSize)
      }
      held += wanted
    }
    if held < total {
      return gap(dataset, "the raw files of the array hold \(held) of \(total) bytes", held, elementSize)
    }
    return nil
  }

  private static func gap(_ dataset: HDF5ArrayHead, _ message: String, _ held: Int, _ size: Int) -> HDF5Gaps {
    var gaps = HDF5Gaps(
      problem: VoxelithError(.missing, message, file: dataset.file.path, place: dataset.path))
    gaps.tail = held / max(1, size)
    return gaps
  }
}
