import CHDF5
import Foundation
import Volumetry

/// The other files that an HDF5 file leads to.
struct HDF5Closure {
  private var entries: [ClosureEntry] = []
  private var seen: Set<String> = []
  /// Arrays whose sources were noted, by file and path.
  private var visited: Set<String> = []
  /// Files that links lead through, so that two that lead to each other end.
  private static let depthLimit = 8
  private static let blockLimit = 100_000

  /// In the order of the walk. What cannot be walked leads nowhere: reading it says why.
  static func entries(of file: HDF5File) -> [ClosureEntry] {
    var closure = HDF5Closure()
    closure.seen = [ClosureEntry.real(file.path)]
    closure.walk(file)
    return closure.entries
  }

  private mutating func walk(_ file: HDF5File) {
    // Which file a group lies in, by its path.
    var holders: [String: String] = ["/": file.path]
    var nodes: [HDF5Node] = []
    try? file.walk { (node) throws(VoxelithError) in nodes.append(node) }
    for node in nodes {
      let parent = PathName.folder(of: node.path)
      let above = holders[parent] ?? file.path
      if case .external(let target, let inner) = node.link {
        follow(target, inner, from: above, depth: 0)
      }
      switch node.object {
      case .group(let group)?:
        holders[node.path] = Self.holder(group.handle.id) ?? above
      case .dataset(let dataset)?:
        let holder = Self.holder(dataset.handle.id) ?? above
        if holder != file.path { add(holder, .externalLink, from: above) }
        if !node.isRepeated { addSources(of: dataset.handle.id, in: holder, depth: 0) }
      case nil: break
      }
    }
  }

  private mutating func add(
    _ path: String, _ way: ClosureEntry.Way, from holder: String, isAbsolute: Bool = false
  ) {
    guard FileManager.default.fileExists(atPath: path),
      seen.insert(ClosureEntry.real(path)).inserted
    else { return }
    entries.append(ClosureEntry(path: path, way: way, from: holder, isAbsolute: isAbsolute))
  }

  /// Notes the file of a link, and those that its own links lead to on the way to an object.
  private mutating func follow(_ name: String, _ inner: String, from holder: String, depth: Int) {
    let folders = SourceFolders(of: holder)
    let path = folders.findLinked(name) ?? folders.expected(name)
    add(path, .externalLink, from: holder, isAbsolute: name.hasPrefix("/"))
    guard depth < Self.depthLimit, let file = try? HDF5File.open(path, isAdmitted: true) else { return }
    var place = ""
    for part in inner.split(separator: "/") {
      place += "/" + part
      let current = place
      let link = HDF5Library.exclusively { HDF5Link.read(current, in: file.handle.id) }
      if case .external(let next, let target)? = link {
        follow(next, target, from: path, depth: depth + 1)
        return
      }
    }
    if case .dataset(let dataset)? = try? file.object(at: inner) {
      addSources(of: dataset.handle.id, in: Self.holder(dataset.handle.id) ?? path, depth: depth + 1)
    }
  }

  /// Notes the files of raw data and of virtual datasets.
  private mutating func addSources(of dataset: hid_t, in holder: String, depth: Int) {
    guard depth < Self.depthLimit else { return }
    let (raw, sources) = HDF5Library.exclusively { Self.sources(of: dataset) }
    let folders = SourceFolders(of: holder)
    for name in raw {
      add(folders.external(name), .rawStorage, from: holder, isAbsolute: name.hasPrefix("/"))
    }
    for (pattern, inner) in sources where pattern != "." {
      for name in Self.names(pattern, in: folders) {
        guard let path = folders.find(name) else { continue }
        let isNew = visited.insert(ClosureEntry.real(path) + "\0" + inner).inserted
        add(path, .virtualSource, from: holder, isAbsolute: name.hasPrefix("/"))
        guard isNew, let file = try? HDF5File.open(path, isAdmitted: true),
          case .dataset(let source)? = try? file.object(at: inner)
        else { continue }
        let own = Self.holder(source.handle.id) ?? path
        if ClosureEntry.real(own) != ClosureEntry.real(path) {
          add(own, .externalLink, from: path)
        }
        addSources(of: source.handle.id, in: own, depth: depth + 1)
      }
    }
  }

  /// The files that a name with the number of a block (`%b`) stands for: as many as there are.
  private static func names(_ pattern: String, in folders: SourceFolders) -> [String] {
    guard pattern.contains("%") else { return [pattern] }
    guard pattern.contains("%b") else { return [pattern.replacing("%%", with: "%")] }
    var names: [String] = []
    for block in 0..<blockLimit {
      let name = pattern.replacing("%b", with: "\(block)").replacing("%%", with: "%")
      guard folders.find(name) != nil else { break }
      names.append(name)
    }
    return names
  }

  /// The file that an object lies in, wherever the path to it began.
  private static func holder(_ object: hid_t) -> String? {
    HDF5Library.exclusively { HDF5File.holder(of: object) }
  }

  /// Names of the files with raw data, and names and paths of what a virtual dataset shows; the caller holds the lock.
  private static func sources(of dataset: hid_t) -> (raw: [String], virtual: [(String, String)]) {
    let creation = H5Dget_create_plist(dataset)
    guard creation >= 0 else {
      _ = HDF5Library.takeMessage()
      return ([], [])
    }
    defer { H5Pclose(creation) }
    var raw: [String] = []
    for index in 0..<max(0, H5Pget_external_count(creation)) {
      var text = [CChar](repeating: 0, count: 4097)
      var (offset, size): (off_t, hsize_t) = (0, 0)
      guard unsafe H5Pget_external(creation, UInt32(index), text.count - 1, &text, &offset, &size) >= 0
      else { continue }
      raw.append(FileText.decode(text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }))
    }
    var virtual: [(String, String)] = []
    var count = 0
    if H5Pget_layout(creation) == H5D_VIRTUAL, unsafe H5Pget_virtual_count(creation, &count) >= 0 {
      for index in 0..<min(count, blockLimit) {
        let file = unsafe name { unsafe H5Pget_virtual_filename(creation, index, $0, $1) }
        let path = unsafe name { unsafe H5Pget_virtual_dsetname(creation, index, $0, $1) }
        if let file, let path { virtual.append((file, path)) }
      }
    }
    _ = HDF5Library.takeMessage()
    return (raw, virtual)
  }

  private static func name(_ get: (UnsafeMutablePointer<CChar>?, Int) -> Int) -> String? {
    let length = get(nil, 0)
    guard length > 0, length < HDF5Attributes.limit else { return nil }
    var text = [CChar](repeating: 0, count: length + 1)
    _ = unsafe text.withUnsafeMutableBufferPointer { unsafe get($0.baseAddress, $0.count) }
    return FileText.decode(text.prefix(length).map { UInt8(bitPattern: $0) })
  }
}
