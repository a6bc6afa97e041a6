import CHDF5
import CHDF5Driver
import Volumetry

/// What lies along the axes of an array by HDF5's own dimension scales, which netCDF-4, xarray and h5py write.
enum DimensionScales {
  /// Datasets of a group above which nobody looks at each.
  private static let most = 1000

  /// For each axis of an array the scales along it, in the order of their names: those of its group first, then those of the
  /// groups above.
  static func find(for array: HDF5Dataset, in group: HDF5Group) -> [[(name: String, dataset: HDF5Dataset)]] {
    var found = array.shape.map { _ in [(name: String, dataset: HDF5Dataset)]() }
    guard let address = try? array.identity().address else { return found }
    for group in groups(from: group) {
      for name in ((try? group.names()) ?? []).prefix(most) {
        guard let dataset = group.datasetIfPresent(name), dataset.shape.count == 1,
          dataset.attribute("CLASS")?.string == "DIMENSION_SCALE"
        else { continue }
        for axis in axes(of: dataset, along: address, rank: array.shape.count) where found[axis].isEmpty {
          found[axis].append((name, dataset))
        }
      }
    }
    return found
  }

  /// Whether a scale only gives the length of an axis a name, and no numbers (a dimension of netCDF without a variable).
  static func isBare(_ dataset: HDF5Dataset) -> Bool {
    dataset.attribute("NAME")?.string?.hasPrefix("This is a netCDF dimension but not a netCDF variable")
      == true
  }

  private static func groups(from group: HDF5Group) -> [HDF5Group] {
    var result = [group]
    guard let root = try? group.file.root() else { return result }
    var names = group.path.split(separator: "/").map(String.init)
    while !names.isEmpty {
      names.removeLast()
      let above = names.isEmpty ? root : root.groupIfPresent(names.joined(separator: "/"))
      if let above { result.append(above) }
    }
    return result
  }

  private static func axes(of scale: HDF5Dataset, along address: UInt64, rank: Int) -> [Int] {
    guard (1...32).contains(rank) else { return [] }
    var marks = [UInt8](repeating: 0, count: rank)
    return HDF5Library.exclusively {
      let count = unsafe vx_h5_scaled_axes(scale.handle.id, address, Int32(rank), &marks)
      if count < 0 { _ = HDF5Library.takeMessage() }
      return count > 0 ? marks.indices.filter { marks[$0] != 0 } : []
    }
  }
}
