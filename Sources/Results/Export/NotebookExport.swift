import Foundation
import Readers
public import Volumetry

/// Results of an output folder for Python: arrays, tables, a list of what is there, and a notebook that opens it all.
public struct NotebookExport: Sendable {
  public var overwrite = false
  /// Volumes with more voxels are named in the list but not written again.
  public var limit = 200_000_000
  /// Volumes on one grid of at most this many voxels become a table.
  public var tableLimit = 2_000_000

  public init() {}

  /// What `export.json` says.
  public struct Record: Sendable, Codable {
    public struct VolumeRecord: Sendable, Codable {
      public let name: String
      public let source: String
      /// z, y, x.
      public let shape: [Int]
      public let voxelSizeUm: [Double]?
      public let originUm: [Double]
      /// The array within this folder; null where the volume was too large.
      public let npy: String?
      /// Channel of the source, from 0; null where it has one only.
      public let channel: Int?

      enum CodingKeys: String, CodingKey {
        case name, source, shape, npy, channel
        case voxelSizeUm = "voxel_size_um"
        case originUm = "origin_um"
      }
    }

    public let folder: String
    public let volumes: [VolumeRecord]
    /// Volumes on one grid, a row per voxel.
    public let table: String?
    /// All arrays in one file.
    public let npz: String?
    public let results: [String]
    public let notebook: String
  }

  /// Writes `NAME.npy`, `volumes.npz`, `voxels.csv`, `export.json` and `explore.ipynb`.
  ///
  /// - Throws: as ``ResultFolder``; `cannotCreate` where a file exists.
  @discardableResult
  public func write(
    _ folder: ResultFolder, to target: String, resources: Resources = Resources(),
    notice: (String) -> Void = { _ in }
  ) throws(VoxelithError) -> Record {
    try OutputFile.prepareFolder(target)
    for name in ["export.json", "explore.ipynb", "volumes.npz", "voxels.csv"] {
      try OutputFile.check(target + "/" + name, overwrite: overwrite)
    }
    var records: [Record.VolumeRecord] = []
    var loaded: [(name: String, volume: Volume<Float>)] = []
    var archive = ZipArchive()
    var archived = 0
    var parts: [(entry: String, channel: VolumeChannels.Channel)] = []
    for entry in folder.volumes {
      do throws(VoxelithError) {
        parts += try VolumeChannels(of: folder.file(entry)).channels.map { (entry, $0) }
      } catch {
        notice("\(folder.file(entry)): \(error.message); left out")
      }
    }
    for (index, part) in parts.enumerated() {
      try resources.cancellation.check()
      let (entry, channel) = part
      let source: any VolumeSource
      do throws(VoxelithError) {
        source = try VolumeFile.open(
          folder.file(entry), options: VolumeOpenOptions(channel: channel.index))
      } catch {
        notice("\(folder.file(entry)): \(error.message); left out")
        continue
      }
      let grid = source.grid
      let stem = channel.named(PathName.withoutEnding(entry)) + "." + PathName.ending(of: entry)
      let name = Self.identifier(stem, taken: Set(records.map(\.name)))
      var file: String?
      if grid.shape.count <= limit {
        let volume = try source.loadFloats()
        let bytes = NPYArray.encode(volume)
        try OutputFile.write(bytes, to: target + "/\(name).npy", overwrite: overwrite)
        file = name + ".npy"
        if archived + bytes.count < 1 << 31 {
          archive.add(name + ".npy", bytes)
          archived += bytes.count
        }
        if grid.shape.count <= tableLimit { loaded.append((name, volume)) }
      } else {
        notice(
          "\(folder.file(entry)): has \(grid.shape.count) voxels and is not written again; voxelith.read opens it"
        )
      }
      records.append(
        .init(
          name: name, source: entry, shape: [grid.shape.z, grid.shape.y, grid.shape.x],
          voxelSizeUm: grid.hasKnownSpacing ? [grid.spacing.z, grid.spacing.y, grid.spacing.x] : nil,
          originUm: [grid.origin.z, grid.origin.y, grid.origin.x], npy: file, channel: channel.index))
      resources.progress.report("export", done: index + 1, of: parts.count, unit: "volumes")
    }
    if archived > 0 {
      try OutputFile.write(archive.finished(), to: target + "/volumes.npz", overwrite: overwrite)
    }
    let table = try writeTable(loaded, to: target)
    let record = Record(
      folder: PathName.last(of: PathName.absolute(folder.path)), volumes: records,
      table: table, npz: archived > 0 ? "volumes.npz" : nil, results: folder.results,
      notebook: "explore.ipynb")
    try copyResults(folder, to: target)
    try JSONOutput.write(record, to: target + "/export.json", overwrite: overwrite)
    try OutputFile.write(try Notebook.explore(record), to: target + "/explore.ipynb", overwrite: overwrite)
    return record
  }

  /// A name that is a word in Python and a column in a table.
  static func identifier(_ entry: String, taken: Set<String>) -> String {
    let stem = PathName.withoutEnding(entry)
    var name = String(stem.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    if name.first?.isNumber ?? true { name = "v" + name }
    var unique = name
    var number = 2
    while taken.contains(unique) {
      unique = "\(name)_\(number)"
      number += 1
    }
    return unique
  }

  private func copyResults(_ folder: ResultFolder, to target: String) throws(VoxelithError) {
    guard !folder.results.isEmpty else { return }
    try OutputFile.prepareFolder(target + "/results")
    for entry in folder.results {
      guard let data = try? WholeFile.read(folder.file(entry)) else { continue }
      let name = entry.replacingOccurrences(of: "/", with: "-")
      try OutputFile.write(data, to: target + "/results/" + name, overwrite: overwrite)
    }
  }

  /// The volumes of the grid that most of them lie on, a row per voxel with its centre in micrometres.
  private func writeTable(
    _ volumes: [(name: String, volume: Volume<Float>)], to target: String
  ) throws(VoxelithError) -> String? {
    var groups: [Grid: Int] = [:]
    for one in volumes { groups[one.volume.grid, default: 0] += 1 }
    let grids = groups.sorted { ($0.value, -$0.key.shape.count) > ($1.value, -$1.key.shape.count) }
    guard let grid = grids.first?.key else { return nil }
    let columns = volumes.filter { $0.volume.grid == grid }
    let unit = grid.hasKnownSpacing ? "um" : "voxels"
    var text = "z_\(unit),y_\(unit),x_\(unit)," + columns.map(\.name).joined(separator: ",") + "\n"
    for z in 0..<grid.shape.z {
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x {
          let center = grid.center(z: z, y: y, x: x)
          text += "\(center.z),\(center.y),\(center.x)"
          for column in columns {
            let value = column.volume[z, y, x]
            text += value.isNaN ? "," : ",\(value)"
          }
          text += "\n"
        }
      }
    }
    try OutputFile.write(text, to: target + "/voxels.csv", overwrite: overwrite)
    return "voxels.csv"
  }
}
