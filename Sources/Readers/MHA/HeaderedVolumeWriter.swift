import Foundation
public import Volumetry

/// Writes a volume as a MetaImage (`.mha`, or `.mhd` with its voxels in a file beside it) or as a NRRD (`.nrrd`),
/// placed as ITK places it: by the centre of the first voxel, in um.
///
/// Packed voxels are one stream, so that blocks must come in the order of the slices, as the scheduler sends them;
/// the slices of one block are held in memory.
public final class HeaderedVolumeWriter: VolumeSink {
  public enum Format: Sendable {
    case mha
    case mhd
    case nrrd
  }

  private let grid: Grid
  private let type: VoxelType
  private let format: Format
  /// Whether the file has two axes only.
  private let isPlane: Bool
  private let output: OutputFile
  /// The header of `.mhd`, which is written last.
  private let headerFile: OutputFile?
  private let dataName: String
  private let dataOffset: Int
  private let stream: DeflateStream?
  private var packedBytes = 0
  private var written = 0
  /// Bytes of the slices that are not complete yet.
  private var band: [UInt8] = []
  private var bandSlices = 0..<0
  private var bandCount = 0

  /// Creates the output under its temporary name.
  ///
  /// - Parameter isPlane: leave the third axis out of the header of a single slice, as files of pictures do.
  /// - Throws: `cannotCreate` where the file exists and `overwrite` is false or the folder is missing; `usage` for a
  ///   type that the format does not know.
  public init(
    path: String, grid: Grid, type: VoxelType, format: Format, isCompressed: Bool = false,
    isPlane: Bool = false, overwrite: Bool = false
  ) throws(VoxelithError) {
    try grid.validate(file: path)
    self.grid = grid
    self.type = type
    self.format = format
    self.isPlane = isPlane && grid.shape.z == 1
    let base = PathName.withoutEnding(path)
    let dataPath = format == .mhd ? base + (isCompressed ? ".zraw" : ".raw") : path
    dataName = format == .mhd ? PathName.last(of: dataPath) : "LOCAL"
    headerFile = format == .mhd ? try OutputFile(path, overwrite: overwrite) : nil
    output = try OutputFile(dataPath, overwrite: overwrite)
    stream = isCompressed ? try DeflateStream(isGzip: format == .nrrd) : nil
    var head = ""
    switch format {
    case .nrrd:
      head = try NRRDHeader.text(
        grid, type: type, isPacked: isCompressed, isPlane: self.isPlane)
    case .mha, .mhd:
      head = try MetaImageHeader.text(
        grid, type: type, packedBytes: isCompressed ? 0 : nil, dataFile: dataName, isPlane: self.isPlane)
    }
    let bytes = format == .mhd ? [] : Array(head.utf8)
    dataOffset = bytes.count
    if !isCompressed { try output.resize(to: bytes.count + grid.shape.count * type.size) }
    try put(bytes, at: 0)
  }

  public func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError) {
    guard buffer.type == type, region.fits(in: grid.shape), buffer.count == region.count else {
      throw VoxelithError(
        .internal, "\(buffer.count) values of \(buffer.type.rawValue) do not fit \(region) of the volume",
        file: output.path)
    }
    if stream != nil {
      try pack(buffer, region)
    } else {
      let plane = grid.shape.y * grid.shape.x * type.size
      let runs = PlaneRuns(of: region, in: grid.shape, elementSize: type.size) { dataOffset + $0 * plane }
      unsafe try buffer.withBytes { (bytes) throws(VoxelithError) in
        for run in runs.runs {
          unsafe try output.write(.init(rebasing: bytes[run.box..<(run.box + run.count)]), at: run.file)
        }
      }
    }
    written += region.count
  }

  /// Collects the blocks of the same slices and packs these when they are complete.
  private func pack(_ buffer: VoxelBuffer, _ region: Region) throws(VoxelithError) {
    let plane = grid.shape.y * grid.shape.x * type.size
    if bandCount == 0 {
      guard region.z.lowerBound == bandSlices.upperBound else {
        throw VoxelithError(.internal, "blocks of a packed volume are out of order", file: output.path)
      }
      bandSlices = region.z
      band = [UInt8](repeating: 0, count: region.z.count * plane)
    }
    guard region.z == bandSlices else {
      throw VoxelithError(.internal, "blocks of a packed volume are out of order", file: output.path)
    }
    let first = bandSlices.lowerBound
    let runs = PlaneRuns(of: region, in: grid.shape, elementSize: type.size) { ($0 - first) * plane }
    unsafe try buffer.withBytes { (bytes) throws(VoxelithError) in
      unsafe band.withUnsafeMutableBytes { target in
        for run in runs.runs {
          unsafe UnsafeMutableRawBufferPointer(rebasing: target[run.file..<(run.file + run.count)])
            .copyMemory(from: .init(rebasing: bytes[run.box..<(run.box + run.count)]))
        }
      }
    }
    bandCount += region.count
    guard bandCount == bandSlices.count * grid.shape.y * grid.shape.x else { return }
    bandCount = 0
    let isLast = bandSlices.upperBound == grid.shape.z
    unsafe try VoxelBuffer.uint8(band).withBytes { (raw) throws(VoxelithError) in
      unsafe try stream?.add(raw, isLast: isLast) { (packed) throws(VoxelithError) in
        unsafe try output.write(packed, at: dataOffset + packedBytes)
        packedBytes += packed.count
      }
    }
  }

  /// - Throws: `internal` where not every voxel was written.
  public func finish() throws(VoxelithError) {
    guard written == grid.shape.count else {
      abandon()
      throw VoxelithError(
        .internal, "\(written) of \(grid.shape.count) voxels were written", file: output.path)
    }
    if format != .nrrd, stream != nil || format == .mhd {
      let head = try MetaImageHeader.text(
        grid, type: type, packedBytes: stream == nil ? nil : packedBytes, dataFile: dataName, isPlane: isPlane
      )
      let bytes = Array(head.utf8)
      if let headerFile {
        unsafe try VoxelBuffer.uint8(bytes).withBytes { (raw) throws(VoxelithError) in
          unsafe try headerFile.write(raw, at: 0)
        }
      } else {
        try put(bytes, at: 0)
      }
    }
    try output.commit()
    try headerFile?.commit()
  }

  public func abandon() {
    output.discard()
    headerFile?.discard()
  }

  private func put(_ bytes: [UInt8], at offset: Int) throws(VoxelithError) {
    unsafe try VoxelBuffer.uint8(bytes).withBytes { (raw) throws(VoxelithError) in
      unsafe try output.write(raw, at: offset)
    }
  }
}
