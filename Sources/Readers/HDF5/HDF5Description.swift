public import Volumetry

/// What an HDF5 file holds, for people and for JSON.
public struct HDF5Description: Sendable, Hashable, Codable {
  /// One link and what it leads to.
  public struct Entry: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable {
      case group, dataset, broken
    }

    public var path: String
    public var kind: Kind
    /// Class of a NeXus group.
    public var nexusClass: String?
    /// Lengths of the axes of a dataset, the last fastest.
    public var shape: [Int]?
    /// `text` where a dataset does not hold numbers.
    public var type: String?
    public var chunk: [Int]?
    public var filters: [HDF5Filter]?
    public var storedBytes: Int?
    public var units: String?
    /// The value of a dataset of one element.
    public var value: String?
    /// Where a soft or external link leads to.
    public var target: String?
    /// Why a link leads nowhere.
    public var problem: String?

    enum CodingKeys: String, CodingKey {
      case path, kind, shape, type, chunk, filters, units, value, target, problem
      case nexusClass = "nexus_class"
      case storedBytes = "stored_bytes"
    }
  }

  public var file: String
  public var entries: [Entry]
}

extension HDF5File {
  /// Lists everything in a file, each group before what is in it.
  ///
  /// - Throws: as ``open(_:)`` does.
  public static func describe(_ path: String) throws(VoxelithError) -> HDF5Description {
    let file = try open(path)
    var entries: [HDF5Description.Entry] = []
    try file.walk { (node) throws(VoxelithError) in entries.append(node.description) }
    return HDF5Description(file: path, entries: entries)
  }
}

extension HDF5Node {
  /// The node as a line of a listing.
  var description: HDF5Description.Entry {
    var entry = HDF5Description.Entry(path: path, kind: .broken)
    entry.problem = problem?.message
    switch link {
    case .soft(let path): entry.target = path
    case .external(let file, let path): entry.target = "\(file):\(path)"
    case .hard, .other: break
    }
    switch object {
    case .group(let group)?:
      entry.kind = .group
      entry.nexusClass = group.nexusClass
    case .dataset(let dataset)?:
      entry.kind = .dataset
      entry.shape = dataset.shape
      entry.type = dataset.type?.rawValue ?? "text"
      entry.chunk = dataset.chunk
      entry.filters = dataset.filters.isEmpty ? nil : dataset.filters
      entry.storedBytes = dataset.storedBytes
      entry.units = dataset.attribute("units")?.string
      if dataset.count == 1 {
        let value = dataset.value()
        entry.value = value?.string.map { String($0.prefix(80)) } ?? value?.number.map { "\($0)" }
      }
    case nil: break
    }
    return entry
  }
}
