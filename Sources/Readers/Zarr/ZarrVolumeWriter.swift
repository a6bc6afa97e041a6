import Foundation
public import Volumetry

/// Writes a volume as an OME-Zarr image (version 0.4 or 0.5) with a pyramid of coarser levels.
///
/// Boxes come in any order. A chunk is packed when its last voxel has come, so boxes that are multiples of
/// ``chunkShape`` along z need no memory of their own; others hold a layer of chunks. The pyramid is made chunk by chunk
/// when the volume is complete. The same voxels give the same bytes.
public final class ZarrVolumeWriter: VolumeSink {
  public let grid: Grid
  public let chunkShape: Shape
  private let type: VoxelType
  private let rule: Halving
  private let compression: ZarrCompression
  private let format: ZarrFormat
  private let threads: Int
  private let output: OutputFolder
  private let finest: ZarrChunkWriter
  private var written = 0

  /// Begins an image.
  ///
  /// - Parameters:
  ///   - isLabels: whether coarse levels take one of the voxels rather than the mean.
  ///   - chunk: sides of a chunk; 64 by default.
  /// - Throws: `cannotCreate` where something else than a Zarr folder is in the way, or `overwrite` is false.
  public init(
    path: String, grid: Grid, type: VoxelType, isLabels: Bool = false,
    compression: ZarrCompression = .blosc(), format: ZarrFormat = .ome04,
    chunk: Shape = Shape(z: 64, y: 64, x: 64), overwrite: Bool = false,
    threads: Int = Parallel.availableThreads
  ) throws(VoxelithError) {
    try grid.validate(file: path)
    guard !chunk.isEmpty, let size = chunk.checkedCount, size <= 1 << 26 else {
      throw VoxelithError(.usage, "chunks of \(chunk) voxels are not possible", file: path)
    }
    if let shard = format.shard {
      let isWhole = Axis.allCases.allSatisfy { shard[$0] > 0 && shard[$0].isMultiple(of: chunk[$0]) }
      guard isWhole, let size = shard.checkedCount, size <= 1 << 32 else {
        throw VoxelithError(.usage, "shards of \(shard) voxels are not whole chunks of \(chunk)", file: path)
      }
    }
    self.grid = grid
    self.type = type
    self.format = format
    self.compression = compression
    self.threads = max(1, threads)
    rule = isLabels ? .nearest : .mean
    chunkShape = chunk
    output = try OutputFolder(path, overwrite: overwrite) { ZarrFolder.foreign(in: $0) }
    if format == .ome04 {
      try OutputFile.write(
        "{\n  \"zarr_format\" : 2\n}\n", to: output.workPath + "/.zgroup", overwrite: false)
    }
    finest = try ZarrChunkWriter(
      folder: output.workPath + "/0", shape: grid.shape, chunk: chunk, type: type, compression: compression,
      format: format, threads: self.threads)
  }

  public func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError) {
    guard buffer.type == type, region.fits(in: grid.shape), buffer.count == region.count else {
      throw VoxelithError(
        .internal, "\(buffer.count) voxels of \(buffer.type.rawValue) do not fit \(region)", file: output.path
      )
    }
    try finest.write(buffer, to: region)
    written += region.count
  }

  /// Makes the pyramid and gives the folder its name.
  ///
  /// - Throws: `internal` where voxels were left out; `io` where the disk is full. The folder is then removed.
  public func finish() throws(VoxelithError) {
    do throws(VoxelithError) {
      guard written == grid.shape.count, finest.unfinished == 0 else {
        throw VoxelithError(
          .internal, "\(written) of \(grid.shape.count) voxels were written", file: output.path)
      }
      var levels = [grid.shape]
      while let last = levels.last,
        max(last.z, last.y, last.x) > max(chunkShape.z, chunkShape.y, chunkShape.x)
      {
        levels.append(try coarsen(last, level: levels.count))
      }
      try describe(levels)
      try output.commit()
    } catch {
      output.discard()
      throw error
    }
  }

  public func abandon() { output.discard() }

  /// Makes a level from the one before; answers its shape.
  private func coarsen(_ shape: Shape, level: Int) throws(VoxelithError) -> Shape {
    let fine = try ZarrArray(output.workPath + "/\(level - 1)")
    let half = Shape(z: (shape.z + 1) / 2, y: (shape.y + 1) / 2, x: (shape.x + 1) / 2)
    let coarse = try ZarrChunkWriter(
      folder: output.workPath + "/\(level)", shape: half, chunk: chunkShape, type: type,
      compression: compression, format: format, threads: 1)
    let places = ZarrChunkWriter.places(of: Region(whole: half), chunk: chunkShape)
    _ = try Parallel.map(places.count, threads: threads) { [rule] (index) throws(VoxelithError) in
      let region = coarse.region(of: places[index])
      let start = [2 * region.lower.z, 2 * region.lower.y, 2 * region.lower.x]
      let source = Shape(
        z: min(2 * region.shape.z, shape.z - start[0]), y: min(2 * region.shape.y, shape.y - start[1]),
        x: min(2 * region.shape.x, shape.x - start[2]))
      let voxels = try fine.read(start: start, count: [source.z, source.y, source.x], threads: 1)
      try coarse.write(voxels.halved(source, by: rule), to: region)
    }
    return half
  }

  private func describe(_ levels: [Shape]) throws(VoxelithError) {
    let unit = grid.hasKnownSpacing ? "micrometer" : nil
    let image = OMEAttributes.Multiscale(
      version: format == .ome04 ? "0.4" : nil,
      name: PathName.withoutEnding(PathName.last(of: output.path)),
      axes: ["z", "y", "x"].map { OMEAttributes.NamedAxis(name: $0, type: "space", unit: unit) },
      datasets: levels.indices.map { level in
        let scale = grid.spacing * Double(1 << level)
        let first = grid.origin + 0.5 * scale
        return OMEAttributes.Dataset(
          path: "\(level)",
          coordinateTransformations: [
            OMEAttributes.Transformation(type: "scale", scale: [scale.z, scale.y, scale.x]),
            OMEAttributes.Transformation(type: "translation", translation: [first.z, first.y, first.x]),
          ])
      },
      type: rule == .mean ? "mean" : "nearest")
    switch format {
    case .ome04:
      try JSONOutput.write(
        OMEAttributes(multiscales: [image]), to: output.workPath + "/.zattrs", overwrite: false)
    case .ome05:
      let node = ZarrNode(
        kind: "group", attributes: .init(ome: OMEAttributes(version: "0.5", multiscales: [image])))
      try JSONOutput.write(node, to: output.workPath + "/zarr.json", overwrite: false)
    }
  }
}
