import Foundation
public import Volumetry

/// Every file whose bytes are read when a file is opened: what it links to, what virtual datasets are put together from,
/// where HDF5 and headers keep raw data outside, the slices of a stack, the texts of instruments beside volumes.
public enum InputClosure {
  /// How a file comes to be read.
  public enum Way: String, Sendable, Codable {
    case named
    case externalLink = "external link"
    case virtualSource = "virtual dataset"
    case rawStorage = "raw storage"
    case slice
    /// A text beside the voxels that says what they are.
    case sidecar
    /// What a symbolic link within a folder of Zarr leads to, or the link that the user named.
    case link = "symbolic link"
  }

  /// One file (or folder of Zarr) that is read.
  public struct Entry: Sendable, Hashable {
    /// As the process sees it.
    public let path: String
    public let way: Way
    /// The file that names it; nil where the caller did.
    public let from: String?
    /// Whether that file gives the whole path.
    public let isAbsolute: Bool

    init(path: String, way: Way, from: String?, isAbsolute: Bool = false) {
      self.path = path
      self.way = way
      self.from = from
      self.isAbsolute = isAbsolute
    }

    /// Whether it lies elsewhere than in the folder of the file that names it, or below; links are followed.
    public var isOutside: Bool {
      guard let from else { return false }
      // Slices and chunks lie in a folder that is named, if they are no links that lead elsewhere.
      let isItself = way == .slice || from == path
      let named =
        isItself ? PathName.folder(of: path) : Self.isFolder(from) ? from : PathName.folder(of: from)
      let folder = Self.real(named.isEmpty ? "." : named)
      return !Self.real(path).hasPrefix(folder == "/" ? "/" : folder + "/")
    }

    private static func isFolder(_ path: String) -> Bool {
      var isFolder = ObjCBool(false)
      return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// The place behind links, also of a file that is not there.
    package static func real(_ path: String) -> String {
      PathName.real(path)
    }
  }

  /// What is read through some files, each file once, in an order that depends on the files alone.
  ///
  /// Of HDF5 files everything that a link of the file leads to is taken, since finding out where the data are looks at
  /// all of it.
  ///
  /// - Throws: `missing` where a file is not there.
  public static func entries(of paths: [String]) throws(VoxelithError) -> [Entry] {
    var result: [Entry] = []
    var seen: Set<String> = []
    for path in paths {
      for entry in try entries(of: path) where seen.insert(Entry.real(entry.path)).inserted {
        result.append(entry)
      }
    }
    return result
  }

  /// The voxels of a header or sidecar that stands alone, or the sidecar of voxels.
  private static func beside(_ path: String) -> [Entry] {
    if let sidecar = try? RawSidecar.find(path) {
      let isSelf = sidecar.path == path
      return [
        Entry(path: isSelf ? sidecar.data : sidecar.path, way: isSelf ? .rawStorage : .sidecar, from: path)
      ]
    }
    guard let file = try? InputFile(path), let kind = try? FileSignature(file) else { return [] }
    let header =
      switch kind {
      case .metaImage: try? MetaImageHeader.read(file)
      case .nrrd: try? NRRDHeader.read(file)
      default: ImageHeader?.none
      }
    guard let data = header?.dataPath, data != path, FileManager.default.fileExists(atPath: data) else {
      return []
    }
    return [Entry(path: data, way: .rawStorage, from: path, isAbsolute: data.hasPrefix("/"))]
  }

  /// The symbolic links within a folder of Zarr that lead out of it.
  private static func links(in folder: String) -> [Entry] {
    guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
    var found: [Entry] = []
    for case let name as String in walk {
      let path = PathName.join(folder, name)
      guard (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil,
        FileManager.default.fileExists(atPath: path)
      else { continue }
      let entry = Entry(path: path, way: .link, from: folder)
      if entry.isOutside { found.append(entry) }
    }
    return found.sorted { $0.path < $1.path }
  }

  private static func entries(of path: String) throws(VoxelithError) -> [Entry] {
    let named = Entry(path: path, way: .named, from: nil)
    if ZarrVolume.isZarr(path) { return [named] + links(in: path) }
    // Gaps are for who reads the volume to judge.
    var options = VolumeOpenOptions()
    options.allowsMissing = true
    if let slices = try? SliceFolder.find(path, options: options) {
      let entries = slices.paths.map { Entry(path: $0, way: .slice, from: path) }
      guard slices.paths.count > 1, let log = (try? SkyscanLog.spacing(beside: slices.paths))??.log else {
        return entries
      }
      return entries + [Entry(path: log, way: .sidecar, from: path)]
    }
    guard FileManager.default.fileExists(atPath: path) else {
      throw VoxelithError(.missing, "there is no such file", file: path)
    }
    guard HDF5File.isHDF5(path) else { return [named] + beside(path) }
    return [named] + HDF5Closure.entries(of: try HDF5File.open(path, isAdmitted: true))
  }
}
