import Volumetry

/// A volume in a MetaImage (`.mha`, `.mhd`) or NRRD (`.nrrd`, `.nhdr`) file.
///
/// Packed voxels are one stream, in which no place can be looked up: at the first read they are unpacked into a
/// file without a name in the folder for temporary files, and boxes are read from there.
final class HeaderedVolume: DescribedVolume {
  let grid: Grid
  let voxelType: VoxelType
  let description: VolumeDescription
  private let header: ImageHeader
  /// The file of the voxels, or their files where they are packed in several.
  private let files: [InputFile]
  private let channel: Int
  private let threads: Int
  private let unpacked = Guarded<InputFile?>(nil)

  var name: String { description.file }
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }

  /// The volume of a header, with its axes along x, y, z.
  ///
  /// - Throws: `data` where header and file do not agree, or a channel must be named; `missing` where the voxels'
  ///   own file is missing.
  static func open(
    _ path: String, header: ImageHeader, options: VolumeOpenOptions
  ) throws(VoxelithError) -> any DescribedVolume {
    var header = header
    if let unit = header.unknownUnit {
      guard options.voxelSize != nil else {
        throw Units.notUnderstood(
          unit, .length, what: "the voxel size", option: "--voxel-size", file: path, place: "header")
      }
      // Where the first voxel lies is told in that unit, too.
      header.first = nil
      header.originSource = nil
    }
    let stored = try HeaderedVolume(path, header: header, options: options)
    let turned = try TurnedVolume.turned(
      stored, header.turn, spacing: header.spacing, first: header.first,
      origins: stored.description.origins, options: options)
    return ScaledVolume.scaled(turned, header.scale)
  }

  private init(_ path: String, header: ImageHeader, options: VolumeOpenOptions) throws(VoxelithError) {
    var header = header
    do throws(VoxelithError) {
      files = try Self.files(&header)
    } catch {
      guard header.dataPath != path || !header.pieces.isEmpty, error.code == .missing else { throw error }
      throw VoxelithError(
        error.code, "the voxels of \(path) cannot be read", file: error.file ?? header.dataPath,
        cause: error.message)
    }
    try Self.checkClaim(header, files)
    channel = try Self.channel(of: header, file: path, options: options)
    self.header = header
    threads = options.threads
    let corner = header.spacing.flatMap { size in header.first.map { $0 - 0.5 * size } }
    grid = try options.grid(header.shape, fileSpacing: header.spacing, fileOrigin: corner, file: path)
    voxelType = header.type
    description = VolumeDescription(
      kind: header.kind, file: path, grid: grid, type: header.type, channels: header.channels,
      compression: header.packing.name,
      byteOrder: header.isBigEndian ? "big" : "little", notes: header.notes
    ).told(
      grid, size: header.spacingSource, corner: header.originSource, unread: header.unread, options: options)
  }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    let source = try voxels()
    let offset = header.packing == .none ? header.dataOffset : 0
    let size = header.type.size
    let shape = header.shape
    let swaps = header.isBigEndian && size > 1 && header.packing != .text
    let (space, step) = header.strides
    let first = offset + channel * step
    if space.x == size {
      return try PlaneReader(
        file: source, shape: shape, type: header.type, swapsBytes: swaps,
        planeOffsets: (0..<shape.z).map { first + $0 * space.z }, threads: threads
      ).read(region)
    }
    return try StridedReader(
      file: source, type: header.type, swapsBytes: swaps, offset: first,
      strides: Shape(z: space.z, y: space.y, x: space.x)
    ).read(region)
  }

  /// The file of the voxels, or those of their pieces, which are one where they are not packed; offsets are then those
  /// within it.
  ///
  /// - Throws: `data` where the voxels are not there.
  private static func files(_ header: inout ImageHeader) throws(VoxelithError) -> [InputFile] {
    let count = max(1, header.pieces.count)
    guard header.byteCount.isMultiple(of: count) else {
      throw VoxelithError(
        .data, "\(header.shape) voxels do not lie in \(count) equal files", file: header.dataPath)
    }
    if !header.pieces.isEmpty, header.packing == .none, header.lineSkip == 0 {
      let skip = header.dataOffset + header.byteSkip
      let pieces = try FilePieces(header.pieces, bytes: header.byteCount / count, skip: skip)
      header.dataOffset = 0
      return [try InputFile(pieces)]
    }
    guard header.pieces.isEmpty else {
      guard header.lineSkip == 0 else {
        throw VoxelithError(
          .data, "lines are skipped of one file alone, not of \(count)", file: header.pieces[0])
      }
      var files: [InputFile] = []
      for path in header.pieces { files.append(try InputFile(path)) }
      header.dataOffset = max(0, header.dataOffset)
      return files
    }
    let file = try InputFile(header.dataPath)
    if header.lineSkip > 0, header.dataOffset >= 0 {
      header.dataOffset = try end(ofLines: header.lineSkip, from: header.dataOffset, in: file)
    }
    header.dataOffset += header.byteSkip
    guard header.packing == .none else {
      header.dataOffset = max(header.end, header.dataOffset)
      return [file]
    }
    if header.dataOffset < 0 { header.dataOffset = file.size - header.byteCount }
    guard header.dataOffset >= header.end, file.size - header.dataOffset >= header.byteCount else {
      throw VoxelithError(
        .data,
        "\(header.shape) voxels of \(header.type.rawValue) need \(header.byteCount) bytes, the file holds \(max(0, file.size - max(header.end, header.dataOffset)))",
        file: header.dataPath)
    }
    return [file]
  }

  /// - Throws: `data` where packed voxels cannot be as many as the header says, before anything is made for them.
  private static func checkClaim(_ header: ImageHeader, _ files: [InputFile]) throws(VoxelithError) {
    let packed = files.reduce(0) { $0 + max(0, $1.size - header.dataOffset) }
    let most: Int
    switch header.packing {
    case .none, .bzip2: return
    case .deflate: most = InflateStream.most(from: packed)
    case .text: most = packed * header.type.size
    case .hex: most = packed / 2
    }
    guard header.byteCount > most else { return }
    throw VoxelithError(
      .data, "\(packed) packed bytes cannot hold \(header.byteCount)", file: header.dataPath,
      advice: "the header is damaged, or the file is cut off")
  }

  /// First byte after some lines.
  private static func end(
    ofLines count: Int, from offset: Int, in file: InputFile
  ) throws(VoxelithError) -> Int {
    let text = try file.bytes(at: offset, count: 1 << 20)
    var left = count
    for (index, byte) in text.enumerated() where byte == 10 {
      left -= 1
      if left == 0 { return offset + index + 1 }
    }
    throw VoxelithError(.data, "there are no \(count) lines to skip before the voxels", file: file.path)
  }

  private func voxels() throws(VoxelithError) -> InputFile {
    if header.packing == .none { return files[0] }
    return try unpacked.withLock { (held) throws(VoxelithError) in
      if let held { return held }
      let count = header.byteCount / files.count
      let made = try SpoolFile.make { (output) throws(VoxelithError) in
        for file in files {
          switch header.packing {
          case .text, .hex:
            try TextVoxels.unpack(file, from: header.dataOffset, count: count, header, into: output)
          case .bzip2: try BunzipStream.unpack(file, from: header.dataOffset, count: count, into: output)
          case .deflate, .none:
            try InflateStream.unpack(file, from: header.dataOffset, count: count, into: output)
          }
        }
      }
      held = made
      return made
    }
  }

  private static func channel(
    of header: ImageHeader, file: String, options: VolumeOpenOptions
  ) throws(VoxelithError) -> Int {
    let count = header.channels
    let isTime = header.role == .frame
    let what = isTime ? "time points" : "channels"
    var wanted = isTime ? options.frame : options.channel
    if header.role == .either { wanted = options.channel ?? options.frame }
    let other = isTime ? options.channel : header.role == .either ? nil : options.frame
    if let other, other != 0 {
      throw VoxelithError(
        .usage, "there is no \(isTime ? "channel" : "time point") \(other)", file: file,
        advice: count > 1 ? "the file holds \(count) \(what)" : nil)
    }
    guard let channel = wanted ?? (count == 1 || options.isDescribing ? 0 : nil) else {
      throw VoxelithError(
        .data, "the volume holds \(count) \(what)", file: file,
        advice: "name one with \(isTime ? "--frame" : "--channel"), from 0 to \(count - 1)")
    }
    guard (0..<count).contains(channel) else {
      throw VoxelithError(
        .usage, "there is no \(isTime ? "time point" : "channel") \(channel)", file: file,
        advice: "the \(what) are 0 to \(count - 1)")
    }
    return channel
  }
}
