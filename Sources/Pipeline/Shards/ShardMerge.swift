import Compton
import Foundation
import Readers
import Results
import Volumetry

/// Puts the parts of a map together: the same bytes as a map that was made at once.
struct ShardMerge {
  /// Folders of the parts in the order of their slices.
  let folders: [String]
  let grid: Grid

  /// Checks that the parts are there, that they are of one map, and that their files are what was written.
  ///
  /// - Parameter key: what the record of each part must have been made from.
  /// - Throws: `missing` with the numbers of those that are not there; `data` where one is damaged or of other inputs.
  init(
    _ parent: String, count: Int, grid: Grid, key: (Shard) throws(VoxelithError) -> String
  ) throws(VoxelithError) {
    self.grid = grid
    var folders: [String] = []
    var absent: [Int] = []
    for number in 1...count {
      let shard = try Shard(number, of: count)
      let folder = parent + "/" + shard.name
      guard FileManager.default.fileExists(atPath: folder + "/stage.json") else {
        absent.append(number)
        continue
      }
      let record = try ResultFile.read(StageRecord.self, folder + "/stage.json")
      guard record.key == (try key(shard)) else {
        throw VoxelithError(
          .data, "the shard was made from other inputs, settings or another version", file: folder,
          advice: "run it again with --shard \(number)/\(count)")
      }
      guard try StageRunner.checksums(folder) == record.outputs else {
        throw VoxelithError(
          .data, "the files of the shard are not what was written", file: folder,
          advice: "run it again with --shard \(number)/\(count)")
      }
      folders.append(folder)
    }
    guard absent.isEmpty else {
      throw VoxelithError(
        .missing,
        "of \(count) shards these are not there: \(absent.map(String.init).joined(separator: ", "))",
        file: parent, advice: "run them with --shard i/\(count)")
    }
    self.folders = folders
  }

  /// Writes the volumes of the whole map, slab by slab, and answers the summary over all voxels and the judgement of their sum.
  func write(
    _ map: LithiumMap, to folder: String, resources: Resources
  ) throws(VoxelithError) -> (MapSummary, Misfit?) {
    let plane = grid.shape.y * grid.shape.x * 4
    let step = max(1, min(grid.shape.z, resources.memory / 4 / max(1, plane)))
    for name in ShardFolder.files {
      let writer = try TIFFVolumeWriter(
        path: folder + "/" + name, grid: grid, type: name == "mask.tif" ? .uint8 : .float32, overwrite: true)
      var z = 0
      for part in folders {
        let source = try VolumeFile.open(part + "/" + name)
        for first in stride(from: 0, to: source.grid.shape.z, by: step) {
          try resources.cancellation.check()
          let slices = first..<min(first + step, source.grid.shape.z)
          let voxels = try source.read(Region(slices: slices, of: source.grid.shape))
          try writer.write(voxels, to: Region(slices: (z + first)..<(z + slices.upperBound), of: grid.shape))
        }
        z += source.grid.shape.z
      }
      try writer.finish()
    }
    var summary = MapSummary()
    for part in folders {
      for row in try ShardFolder.rows(part) { summary.merge(row) }
    }
    var sums = map.emptySums
    for part in folders { sums.merge(try ShardFolder.sums(part)) }
    let misfit = try MapCorrection.apply(
      map, sums: sums, summary: &summary, values: ["li.tif"], in: folder, resources: resources)
    return (summary, misfit)
  }
}
