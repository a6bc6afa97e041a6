import Compton
import Foundation
import Readers
import Results
import Volumetry

/// The folder of one part of a map: its slices of every quantity, and the summaries of its rows.
enum ShardFolder {
  static let files = MapFolder.floatFiles + ["mask.tif"]

  /// Summaries by row; numbers that JSON lacks are kept as text.
  private static let rowsFile = "rows.json"
  private static let sumsFile = "sums.json"

  static func write(
    _ map: LithiumMap, slices: Range<Int>, to folder: String, resources: Resources
  ) throws(VoxelithError) {
    let grid = map.source.grid.cropped(to: Region(slices: slices, of: map.source.grid.shape))
    var writers: [TIFFVolumeWriter] = []
    for name in files {
      writers.append(
        try TIFFVolumeWriter(
          path: folder + "/" + name, grid: grid, type: name == "mask.tif" ? .uint8 : .float32, overwrite: true
        ))
    }
    var sums = map.emptySums
    let rows = try map.run(slices: slices, resources: resources, sums: &sums) {
      (block, result) throws(VoxelithError) in
      var region = block.core
      region.lower.z -= slices.lowerBound
      let fields = [
        result.x, result.sigma, result.intensity, result.ratio, result.deviance, result.expectedDeviance,
      ]
      for (writer, field) in zip(writers, fields) { try writer.write(.float32(field), to: region) }
      try writers.last?.write(.uint8(result.mask), to: region)
    }
    for writer in writers { try writer.finish() }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      try OutputFile.write(try encoder.encode(rows), to: folder + "/" + rowsFile, overwrite: true)
      try OutputFile.write(try encoder.encode(sums), to: folder + "/" + sumsFile, overwrite: true)
    } catch let error as VoxelithError {
      throw error
    } catch {
      throw VoxelithError(.internal, "summaries cannot be written", file: folder, cause: "\(error)")
    }
  }

  static func rows(_ folder: String) throws(VoxelithError) -> [MapSummary] {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = FileManager.default.contents(atPath: folder + "/" + rowsFile),
      let rows = try? decoder.decode([MapSummary].self, from: data)
    else { throw VoxelithError(.data, "the summaries of the shard cannot be read", file: folder) }
    return rows
  }

  /// Spectra of the mapped voxels of the part, added up.
  static func sums(_ folder: String) throws(VoxelithError) -> CountSums {
    guard let data = FileManager.default.contents(atPath: folder + "/" + sumsFile),
      let sums = try? JSONDecoder().decode(CountSums.self, from: data)
    else { throw VoxelithError(.data, "the sums of the shard cannot be read", file: folder) }
    return sums
  }
}
