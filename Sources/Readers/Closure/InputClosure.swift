import Foundation
public import Volumetry

/// Every file whose bytes are read when a file is opened: what it links to, what virtual datasets are put together from,
/// where HDF5 and headers keep raw data outside, the slices of a stack, the texts of instruments beside volumes.
public enum InputClosure {
  /// What is read through some files, each file once, in an order that depends on the files alone.
  ///
  /// Of HDF5 files everything that a link of the file leads to is taken, since finding out where the data are looks at
  /// all of it.
  ///
  /// - Throws: `missing` where a file is not there.
  public static func entries(of paths: [String]) throws(VoxelithError) -> [ClosureEntry] {
    var result: [ClosureEntry] = []
    var seen: Set<String> = []
    for path in paths {
      for entry in try entries(of: path) where seen.insert(ClosureEntry.real(entry.path)).inserted {
        result.append(entry)
      }
    }
    return result
  }

  /// The voxels of a header or sidecar that stands alone, or the sidecar of voxels.
  private static func beside(_ path: String) -> [ClosureEntry] {
    if let sidecar = try? RawSidecar.find(path) {
      let isSelf = sidecar.path == path
      return [
        ClosureEntry(
          path: isSelf ? sidecar.data : sidecar.path, way: isSelf ? .rawStorage : .sidecar, from: path)
      ]
    }
    guard let file = try? InputFile(path), let kind = try? FileSignature(file) else { return [] }
    let header =
      switch kind {
      case .metaImage: try? MetaImageHeader.read(file)
      case .nrrd: try? NRRDHeader.read(file)
      default: ImageHeader?.none
      }
    guard let header else { return [] }
    let data = header.pieces.isEmpty ? [header.dataPath] : header.pieces
    return data.filter { $0 != path && FileManager.default.fileExists(atPath: $0) }.map {
      ClosureEntry(path: $0, way: .rawStorage, from: path, isAbsolute: $0.hasPrefix("/"))
    }
  }

  /// The symbolic links within a folder of Zarr that lead out of it.
  private static func links(in folder: String) -> [ClosureEntry] {
    guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
    var found: [ClosureEntry] = []
    for case let name as String in walk {
      let path = PathName.join(folder, name)
      guard (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil,
        FileManager.default.fileExists(atPath: path)
      else { continue }
      let entry = ClosureEntry(path: path, way: .link, from: folder)
      if entry.isOutside { found.append(entry) }
    }
    return found.sorted { $0.path < $1.path }
  }

  private static func entries(of path: String) throws(VoxelithError) -> [ClosureEntry] {
    let named = ClosureEntry(path: path, way: .named, from: nil)
    if ZarrVolume.isZarr(path) { return [named] + links(in: path) }
    // Gaps are for who reads the volume to judge.
    var options = VolumeOpenOptions()
    options.allowsMissing = true
    if let slices = try? SliceFolder.find(path, options: options) {
      let entries = slices.paths.map { ClosureEntry(path: $0, way: .slice, from: path) }
      guard slices.paths.count > 1, let log = (try? SkyscanLog.spacing(beside: slices.paths))??.log else {
        return entries
      }
      return entries + [ClosureEntry(path: log, way: .sidecar, from: path)]
    }
    guard FileManager.default.fileExists(atPath: path) else {
      throw VoxelithError(.missing, "there is no such file", file: path)
    }
    guard HDF5File.isHDF5(path) else { return [named] + beside(path) }
    return [named] + HDF5Closure.entries(of: try HDF5File.open(path, isAdmitted: true))
  }
}
