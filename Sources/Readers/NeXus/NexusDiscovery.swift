import Volumetry

/// Finding the plottable data of a file.
struct NexusDiscovery {
  /// What the chain of `default` attributes leads to.
  var preferred: NexusData?
  /// All data whose arrays can be opened, each array once, the preferred one first.
  var all: [NexusData] = []
  /// Why other data cannot be opened.
  var problems: [VoxelithError] = []
  /// Arrays of numbers with two axes or more, whatever holds them.
  var arrays: [HDF5Dataset] = []
  /// All groups, each once.
  var groups: [HDF5Group] = []

  private var seen = Set<HDF5Identity>()

  /// - Throws: `data` where the file's groups are damaged.
  init(_ file: HDF5File) throws(VoxelithError) {
    let root = try file.root()
    var current = root
    for _ in 0..<8 {
      guard let name = current.attribute("default")?.string, let next = current.groupIfPresent(name)
      else { break }
      current = next
    }
    if current.path != root.path { add(current, isPreferred: true) }
    var groups: [HDF5Group] = [root]
    var arrays: [HDF5Dataset] = []
    var broken: [VoxelithError] = []
    try file.walk { (node) throws(VoxelithError) in
      guard !node.isRepeated else { return }
      switch node.object {
      case .group(let group)?: groups.append(group)
      case .dataset(let dataset)?:
        if dataset.type != nil && dataset.shape.count >= 2 { arrays.append(dataset) }
      case nil: if let problem = node.problem { broken.append(problem) }
      }
    }
    self.arrays = arrays
    self.groups = groups
    for group in groups { add(group, isPreferred: false) }
    problems += broken
  }

  private mutating func add(_ group: HDF5Group, isPreferred: Bool) {
    guard
      group.nexusClass == "NXdata" || group.attribute("signal")?.string != nil
        || HyperSpyAxes.describe(group)
    else { return }
    do throws(VoxelithError) {
      let data = try NexusData(of: group)
      guard seen.insert(try data.signal.identity()).inserted else { return }
      all.append(data)
      if isPreferred { preferred = data }
    } catch {
      problems.append(error)
    }
  }

  /// Arrays in groups that are no NXdata whose last word on an axis is that it holds energies: by a dimension scale, or, where
  /// `energy` is true, by a list of energies that lies beside them.
  func beside(energy: Bool) -> [NexusData] {
    arrays.prefix(1000).compactMap { array in
      guard array.shape.count >= 2, !array.shape.contains(0),
        !all.contains(where: { $0.signal.path == array.path }),
        let data = try? NexusData(at: array.path, in: array.file), let dimension = data.energyAxis
      else { return nil }
      return energy || data.axisNames[dimension] != nil ? data : nil
    }
  }

  /// The arrays on a few lines, for a message that asks to choose.
  func candidates(_ arrays: [HDF5Dataset]) -> String {
    let shown = arrays.prefix(8).map(\.summary).joined(separator: ", ")
    return arrays.count > 8 ? shown + " and \(arrays.count - 8) more" : shown
  }
}
