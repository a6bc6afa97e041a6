import Foundation
import Volumetry

/// Volumes of VTK image files. Values that lie as they are behind the XML are read as they are needed; others behind it (base64,
/// packed by zlib) are unpacked to a file without a name when the volume is opened, and those within the XML into memory.
enum VTIVolume {
  /// Bytes in which the XML of a file with appended data must end.
  private static let headerLimit = 1 << 20

  /// - Throws: `data` where the file is damaged, cut off or of a kind that is not read, or an array must be named; `usage` where
  ///   it is too large for the memory, or there is no such array.
  static func open(_ file: InputFile, options: VolumeOpenOptions) throws(VoxelithError) -> any DescribedVolume
  {
    let (volume, turn) = try stored(file, options: options)
    return try TurnedVolume.turned(volume, turn, origins: volume.description.origins, options: options)
  }

  /// The image as it lies in the file, and how its axes lie in space.
  private static func stored(
    _ file: InputFile, options: VolumeOpenOptions
  ) throws(VoxelithError) -> (any DescribedVolume, AxisTurn) {
    var head = try file.bytes(at: 0, count: headerLimit)
    if head.count < file.size, (try? VTIHeader(head, file: file.path).appended) ?? nil == nil {
      guard file.size <= ReadingMemory.budget / 8 else {
        throw VoxelithError(
          .usage, "a VTK image with its values as text takes \(file.size >> 20) MiB of text", file: file.path,
          advice: "write it with appended raw values, or raise --memory to \(8 * file.size >> 20)M")
      }
      head = try file.bytes(at: 0, count: file.size)
    }
    let header = try VTIHeader(head, file: file.path)
    let array = try choose(header, options, file.path)
    let shape = header.shape(of: array)
    guard let count = shape.checkedCount, count > 0, count <= Int.max / 16 else {
      throw VoxelithError(.data, "a VTK image of \(shape) voxels is not possible", file: file.path)
    }
    // Points are the centres of voxels, cells are voxels.
    let corner =
      header.origin + header.spacing
      * SIMD3(Double(header.extent[0]), Double(header.extent[2]), Double(header.extent[4]))
    let notes = [
      "array '\(array.name)'",
      "VTK images have no unit of length: spacing \(header.spacing.z), \(header.spacing.y), \(header.spacing.x) and origin \(corner.z), \(corner.y), \(corner.x) (z, y, x) are left out",
    ]
    if array.format == "appended", let appended = header.appended, !appended.isBase64, !header.isCompressed {
      let plane = shape.y * shape.x * array.type.size
      let start = appended.place + array.offset + header.wordSize
      let volume = try PlainVolume(
        file, kind: "vti", type: array.type, shape: shape,
        planes: try PlainVolume.planes(shape.z, of: plane, from: start, in: file),
        isBigEndian: header.isBigEndian, spacing: nil, notes: notes, options: options)
      return (volume, header.turn)
    }
    let bytes = count * array.type.size
    if let stream = VTIStream(file, header, array) {
      let plane = shape.y * shape.x * array.type.size
      let volume = try PlainVolume(
        try stream.unpack(bytes), kind: "vti", type: array.type, shape: shape,
        planes: (0..<shape.z).map { $0 * plane }, isBigEndian: header.isBigEndian, spacing: nil, notes: notes,
        name: file.path, compression: header.isCompressed ? "deflate" : "base64", options: options)
      return (volume, header.turn)
    }
    let values = try ReadingMemory.withBytes(2 * bytes, file: file.path, place: array.name) {
      () throws(VoxelithError) in
      try VTIValues(file: file, head: head, header: header, array: array).read(count)
    }
    let volume = try LoadedVolume(
      values: values, kind: "vti", shape: shape, file: file.path, notes: notes, options: options)
    return (volume, header.turn)
  }

  private static func choose(
    _ header: VTIHeader, _ options: VolumeOpenOptions, _ file: String
  ) throws(VoxelithError) -> VTIHeader.DataArray {
    let plain = header.arrays.filter { $0.components == 1 }
    let names = plain.map(\.name).joined(separator: ", ")
    if let wanted = options.dataset {
      guard let array = plain.first(where: { $0.name == wanted }) else {
        throw VoxelithError(
          .usage, "the VTK image has no array '\(wanted)'", file: file, advice: "it has \(names)")
      }
      return array
    }
    guard let first = plain.first, plain.count == 1 || options.isDescribing else {
      throw VoxelithError(
        .data,
        plain.isEmpty
          ? "the VTK image holds no array of one number per voxel"
          : "the VTK image holds \(plain.count) arrays",
        file: file, advice: plain.isEmpty ? nil : "name one by --dataset: \(names)")
    }
    return first
  }
}

/// A volume that is in memory.
struct LoadedVolume: DescribedVolume {
  let grid: Grid
  let description: VolumeDescription
  private let values: VoxelBuffer

  init(
    values: VoxelBuffer, kind: String, shape: Shape, file: String, notes: [String], options: VolumeOpenOptions
  ) throws(VoxelithError) {
    self.values = values
    grid = try options.grid(shape, fileSpacing: nil, file: file)
    description = VolumeDescription(kind: kind, file: file, grid: grid, type: values.type, notes: notes)
      .told(grid, options: options)
  }

  var voxelType: VoxelType { values.type }
  var name: String { description.file }
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    let size = voxelType.size
    guard
      let layout = ChunkLayout(
        shape: [grid.shape.z, grid.shape.y, grid.shape.x], chunk: [grid.shape.z, grid.shape.y, grid.shape.x],
        elementSize: size)
    else { throw VoxelithError(.internal, "a volume in memory is beyond measure", file: name) }
    let copy = ChunkCopy(
      layout, place: [0, 0, 0], start: [region.lower.z, region.lower.y, region.lower.x],
      sides: [region.shape.z, region.shape.y, region.shape.x],
      targetStrides: [region.shape.y * region.shape.x * size, region.shape.x * size, size])
    return try VoxelBuffer.filled(voxelType, count: region.count) { (bytes) throws(VoxelithError) in
      guard region.count > 0 else { return }
      unsafe try bytes.withPiece(0..<bytes.count) { (target) throws(VoxelithError) in
        unsafe try values.withBytes { (source) throws(VoxelithError) in
          unsafe copy.run(source, fill: [], into: target)
        }
      }
    }
  }
}
