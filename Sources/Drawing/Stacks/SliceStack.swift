import Foundation
import Readers
public import Volumetry

/// Writes a volume as numbered slices for other programs, with the mapping of values recorded beside them.
public struct SliceStack: Sendable {
  public enum Format: String, Sendable, Hashable, Codable, CaseIterable {
    case tiff, png

    var ending: String { self == .tiff ? "tif" : "png" }
  }

  /// What `stack.json` says.
  public struct Record: Sendable, Codable {
    public let source: String
    public let format: Format
    /// Axis that the slices are cut across.
    public let axis: Axis
    public let slices: Int
    public let width: Int
    public let height: Int
    /// Width and height of a pixel and distance of slices; null where nobody told them.
    public let pixelSizeUm: [Double]?
    public let mapping: GreyMapping
    public let files: String
    /// Voxels far outside the values of all others, drawn as the ends of those; none where there are no such.
    public let outliers: ValueOutliers?

    enum CodingKeys: String, CodingKey {
      case source, format, axis, slices, width, height, mapping, files, outliers
      case pixelSizeUm = "pixel_size_um"
    }
  }

  public var format = Format.tiff
  public var bits = 8
  public var axis = Axis.z
  /// The values of black and white. Volumes of uint8 and uint16 keep their numbers where they fit and no range is
  /// given.
  public var range: ValueRange?
  public var overwrite = false

  public init() {}

  /// Writes `slice_0000.tif`, ... and `stack.json` into a folder, which is made where it does not exist.
  ///
  /// - Throws: `usage` for an empty range or wrong bits, `data` where every voxel is missing, `cannotCreate` where a
  ///   file exists, and what reading throws.
  @discardableResult
  public func write(
    _ source: any VolumeSource, to folder: String, resources: Resources = Resources()
  ) throws(VoxelithError) -> Record {
    let grid = source.grid
    try grid.validate(file: source.name)
    let count = grid.shape[axis]
    let digits = max(4, "\(count - 1)".count)
    @Sendable func path(_ index: Int) -> String {
      let number = "\(index)"
      return folder + "/slice_" + String(repeating: "0", count: digits - number.count) + number + "."
        + format.ending
    }
    let (mapping, outliers) = try self.mapping(source, resources: resources)
    try OutputFile.prepareFolder(folder)
    for index in 0..<count { try OutputFile.check(path(index), overwrite: overwrite) }
    try OutputFile.check(folder + "/stack.json", overwrite: overwrite)
    let planes: any VolumeSource =
      axis == .z
      ? source
      : SlabSource(source, along: axis, memory: resources.arrayMemory / 2, threads: resources.threads)
    let step = max(1, resources.threads)
    for start in stride(from: 0, to: count, by: step) {
      try resources.cancellation.check()
      _ = try Parallel.map(min(step, count - start), threads: resources.threads) {
        offset throws(VoxelithError) in
        try self.writeSlice(start + offset, of: planes, mapping: mapping, to: path(start + offset))
      }
      resources.progress.report("stack", done: min(count, start + step), of: count, unit: "slices")
    }
    let first = try SliceImage(source, .index(axis, 0))
    let record = Record(
      source: PathName.last(of: source.name), format: format, axis: axis, slices: count,
      width: first.width, height: first.height,
      pixelSizeUm: grid.hasKnownSpacing
        ? [first.pixelSize.width, first.pixelSize.height, grid.spacing(along: axis)] : nil, mapping: mapping,
      files: "slice_%0\(digits)d.\(format.ending)", outliers: outliers)
    try JSONOutput.write(record, to: folder + "/stack.json", overwrite: overwrite)
    return record
  }

  private func writeSlice(
    _ index: Int, of source: any VolumeSource, mapping: GreyMapping, to path: String
  ) throws(VoxelithError) {
    let slice = try SliceImage(source, .index(axis, index))
    let grey = mapping.grey(slice.values)
    let size: (Double, Double)? = slice.hasKnownSpacing ? slice.pixelSize : nil
    switch (format, bits) {
    case (.png, 8):
      let bytes = try PNGFile.encode(
        grey: grey.map { UInt8($0) }, width: slice.width, height: slice.height, pixelSize: size)
      try OutputFile.write(bytes, to: path, overwrite: overwrite)
    case (.png, _):
      let bytes = try PNGFile.encode(grey: grey, width: slice.width, height: slice.height, pixelSize: size)
      try OutputFile.write(bytes, to: path, overwrite: overwrite)
    case (.tiff, _):
      let shape = Shape(z: 1, y: slice.height, x: slice.width)
      let grid = Grid(
        shape: shape,
        spacing: SIMD3(slice.pixelSize.width, slice.pixelSize.height, source.grid.spacing(along: axis)),
        hasKnownSpacing: slice.hasKnownSpacing)
      let writer = try TIFFVolumeWriter(
        path: path, grid: grid, type: bits == 8 ? .uint8 : .uint16, overwrite: overwrite)
      try writer.write(bits == 8 ? .uint8(grey.map { UInt8($0) }) : .uint16(grey), to: Region(whole: shape))
      try writer.finish()
    }
  }

  private func mapping(
    _ source: any VolumeSource, resources: Resources
  ) throws(VoxelithError) -> (GreyMapping, ValueOutliers?) {
    if range == nil, source.voxelType == .uint8 || source.voxelType == .uint16 && bits == 16 {
      guard bits == 8 || bits == 16 else {
        throw VoxelithError(.usage, "slices have 8 or 16 bits, not \(bits)")
      }
      return (GreyMapping(identityBits: bits), nil)
    }
    let summary = try ValueSummary(source, resources: resources)
    // Nobody asked for a range: one hot voxel must not make all others black.
    let outliers = range == nil ? summary.outliers : nil
    let (lower, upper) = try summary.resolve(
      outliers.map { .fixed($0.lower, $0.upper) } ?? range ?? .full, name: source.name)
    return (
      try GreyMapping(bits: bits, lower: lower, upper: upper, hasMissing: summary.missing > 0), outliers
    )
  }
}
