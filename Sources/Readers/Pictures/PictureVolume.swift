import Volumetry

/// Pictures as the slices of a volume; one picture is a volume of one slice.
struct PictureVolume: DescribedVolume, ChunkedArray {
  let grid: Grid
  let voxelType: VoxelType
  let description: VolumeDescription
  let layout: ChunkLayout
  let owner = ChunkOwner()
  private let paths: [String]
  private let header: Picture
  private let sample: Int
  private let threads: Int

  /// Whether the first bytes of a file are those of a picture that is read.
  static func isPicture(_ path: String) -> Bool {
    guard let file = try? InputFile(path), let head = try? file.bytes(at: 0, count: 16) else { return false }
    return Picture.kind(head) != nil
  }

  /// - Throws: `data` where a picture is damaged or unlike the others, or a channel must be named; `usage` where there is no such
  ///   channel.
  init(slices paths: [String], of path: String, options: VolumeOpenOptions) throws(VoxelithError) {
    let headers = try Parallel.map(paths.count, threads: options.threads) { (index) throws(VoxelithError) in
      try Self.read(paths[index], headerOnly: true).picture
    }
    let first = headers[0]
    for (other, file) in zip(headers, paths) where other.summary != first.summary {
      throw VoxelithError(
        .data, "the slice has \(other.summary), where the first one has \(first.summary)", file: file,
        advice: "move it away, or name the slices by a pattern")
    }
    // Of grey and opacity the grey is meant.
    let samples = first.samples == 2 ? 1 : first.samples
    guard let sample = options.channel ?? (samples == 1 || options.isDescribing ? 0 : nil) else {
      throw VoxelithError(
        .data, "the pictures have \(samples) colours", file: path,
        advice: "name one by --channel, from 0 to \(samples - 1)")
    }
    guard (0..<samples).contains(sample) else {
      throw VoxelithError(
        .usage, "there is no channel \(sample)", file: path, advice: "the channels are 0 to \(samples - 1)")
    }
    let shape = Shape(z: paths.count, y: first.height, x: first.width)
    guard
      let layout = ChunkLayout(
        shape: [shape.z, shape.y, shape.x], chunk: [1, shape.y, shape.x], elementSize: first.type.size)
    else { throw VoxelithError(.data, "the pictures are beyond measure", file: path) }
    self.layout = layout
    self.paths = paths
    self.sample = sample
    header = first
    voxelType = first.type
    threads = options.threads
    let log = paths.count > 1 && options.voxelSize == nil ? try SkyscanLog.spacing(beside: paths) : nil
    grid = try options.grid(shape, fileSpacing: log?.size, file: path)
    var notes = first.kind == .jpeg ? ["JPEG changes the values of voxels"] : []
    if first.samples == 2 { notes.append("the opacity of the pictures is left out") }
    notes += log?.notes ?? []
    description = VolumeDescription(
      kind: first.kind.rawValue + (paths.count > 1 ? "-slices" : ""), file: path, grid: grid,
      type: first.type,
      channels: samples, pages: paths.count, compression: first.kind.rawValue, notes: notes
    ).told(grid, size: log.map { "log \($0.log)" }, options: options)
  }

  var name: String { description.file }
  var file: String { description.file }
  var path: String? { nil }
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }
  var fill: [UInt8] { [UInt8](repeating: 0, count: voxelType.size) }
  var workingBytes: Int { header.samples == 1 ? layout.bytes : header.bytes + layout.bytes }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    return try VoxelBuffer.filled(voxelType, count: region.count) { (bytes) throws(VoxelithError) in
      try ChunkReader(array: self).read(
        start: [region.lower.z, region.lower.y, region.lower.x],
        count: [region.shape.z, region.shape.y, region.shape.x], threads: threads, into: bytes)
    }
  }

  func load(_ place: [Int], into target: UnsafeMutableRawBufferPointer) throws(VoxelithError) -> Bool {
    let path = paths[place[0]]
    let (bytes, picture) = try Self.read(path)
    guard picture.summary == header.summary else {
      throw VoxelithError(.data, "the picture was changed while it was read", file: path)
    }
    if header.samples == 1 {
      unsafe try picture.decode(bytes, into: target, file: path)
      return true
    }
    var all = [UInt8](repeating: 0, count: header.bytes)
    var failure: VoxelithError?
    unsafe all.withUnsafeMutableBytes { room in
      do throws(VoxelithError) { unsafe try picture.decode(bytes, into: room, file: path) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    let size = voxelType.size
    for pixel in 0..<(header.width * header.height) {
      let source = (pixel * header.samples + sample) * size
      for byte in 0..<size { unsafe target[pixel * size + byte] = all[source + byte] }
    }
    return true
  }

  private static func read(
    _ path: String, headerOnly: Bool = false
  ) throws(VoxelithError) -> (bytes: [UInt8], picture: Picture) {
    let file = try InputFile(path)
    guard file.size <= Picture.fileLimit, let kind = Picture.kind(try file.bytes(at: 0, count: 16)) else {
      throw VoxelithError(.data, "this is not a PNG, JPEG or BMP picture", file: path)
    }
    // A bitmap's length tells whether it is whole.
    let bytes = try file.bytes(at: 0, count: headerOnly && kind != .bmp ? 1 << 20 : file.size)
    return (bytes, try Picture(bytes, kind: kind, file: path))
  }
}
