import CHDF5
public import Volumetry

/// One link of an HDF5 file and what it leads to.
public struct HDF5Node: Sendable {
  public let path: String
  public let link: HDF5Link
  /// Nil where the link leads nowhere.
  public let object: HDF5Object?
  /// Why the link leads nowhere.
  public let problem: VoxelithError?
  /// Whether the object was met before under another path; a group is then not entered again.
  public let isRepeated: Bool
}

extension HDF5File {
  /// Nodes above which a file is not walked further.
  static var nodeLimit: Int { 200_000 }
  /// Groups within groups above which a file is not walked further.
  static var depthLimit: Int { 64 }

  /// Visits everything below the root group, each group before what is in it, names in alphabetical
  /// order. Cycles of links end the walk along them; links that lead nowhere are visited too.
  ///
  /// - Throws: `data` where a group is damaged.
  public func walk(_ visit: (HDF5Node) throws(VoxelithError) -> Void) throws(VoxelithError) {
    let top = try root()
    var walker = HDF5Walker(visited: [try top.identity()])
    try walker.walk(top, depth: 0, visit)
  }

  /// Every dataset, each once, in the order of ``walk(_:)``.
  public func datasets() throws(VoxelithError) -> [HDF5Dataset] {
    var found: [HDF5Dataset] = []
    try walk { (node) throws(VoxelithError) in
      if case .dataset(let dataset)? = node.object, !node.isRepeated { found.append(dataset) }
    }
    return found
  }
}

private struct HDF5Walker {
  var visited: Set<HDF5Identity>
  var count = 0

  mutating func walk(
    _ group: HDF5Group, depth: Int, _ visit: (HDF5Node) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    for name in try group.names() {
      count += 1
      guard count <= HDF5File.nodeLimit else { return }
      let node = self.node(name, in: group)
      try visit(node)
      if case .group(let child)? = node.object, !node.isRepeated, depth < HDF5File.depthLimit {
        try walk(child, depth: depth + 1, visit)
      }
    }
  }

  private mutating func node(_ name: String, in group: HDF5Group) -> HDF5Node {
    let link = HDF5Library.exclusively { HDF5Link.read(name, in: group.handle.id) } ?? .other
    let path = group.path(of: name)
    do throws(VoxelithError) {
      let object = try group.object(name)
      let identity =
        switch object {
        case .group(let group): try group.identity()
        case .dataset(let dataset): try dataset.identity()
        }
      let isNew = visited.insert(identity).inserted
      return HDF5Node(path: path, link: link, object: object, problem: nil, isRepeated: !isNew)
    } catch {
      return HDF5Node(
        path: path, link: link, object: nil, problem: error, isRepeated: false)
    }
  }
}
