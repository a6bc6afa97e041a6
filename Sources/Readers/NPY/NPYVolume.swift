import Volumetry

/// A NumPy array as a volume.
///
/// One axis is x, two are y, x, three are z, y, x. Of four axes the channels are the shortest of the
/// first, the second and the last; where two are equally short, the second goes before the first and
/// the first before the last, since z, channel, y, x is the order of this package's own stacks.
struct NPYVolume: DescribedVolume {
  let grid: Grid
  let voxelType: VoxelType
  let description: VolumeDescription

  private enum Reader: Sendable {
    case planes(PlaneReader)
    case strided(StridedReader)
  }
  private let reader: Reader

  var name: String { description.file }
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }

  /// - Throws: `data` where the header is damaged, the file has another length than its shape says, or
  ///   a channel must be named.
  init(_ file: InputFile, options: VolumeOpenOptions) throws(VoxelithError) {
    let header = try NPYHeader(file)
    let size = header.type.size
    var count = 1
    for side in header.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: side)
      guard !overflow, product <= Int.max / 16 else {
        throw VoxelithError(.data, "the NPY shape \(header.shape) is beyond measure", file: file.path)
      }
      count = product
    }
    guard header.dataOffset + count * size == file.size else {
      throw VoxelithError(
        .data,
        "the NPY array of shape \(header.shape) needs \(count * size) bytes, the file holds \(file.size - header.dataOffset)",
        file: file.path)
    }
    guard (1...4).contains(header.shape.count) else {
      throw VoxelithError(
        .data, "an array of \(header.shape.count) axes is not a volume", file: file.path,
        advice: "give 1 to 4 axes")
    }
    var strides = [Int](repeating: size, count: header.shape.count)
    if header.isFortranOrder {
      for axis in 1..<max(1, strides.count) { strides[axis] = strides[axis - 1] * header.shape[axis - 1] }
    } else {
      for axis in stride(from: strides.count - 2, through: 0, by: -1) {
        strides[axis] = strides[axis + 1] * header.shape[axis + 1]
      }
    }
    var sides = header.shape
    var offset = header.dataOffset
    var channels = 1
    var notes: [String] = []
    if sides.count == 4 {
      let axis = [1, 0, 3].min { sides[$0] < sides[$1] } ?? 1
      channels = sides[axis]
      notes.append("axis \(axis) of \(sides) is taken as the channels")
      let channel = try Self.channel(of: channels, file: file, options: options)
      offset += channel * strides[axis]
      sides.remove(at: axis)
      strides.remove(at: axis)
    }
    while sides.count < 3 {
      strides.insert((strides.first ?? size) * (header.isFortranOrder ? 1 : sides.first ?? 1), at: 0)
      sides.insert(1, at: 0)
    }
    let shape = Shape(z: sides[0], y: sides[1], x: sides[2])
    grid = try options.grid(shape, fileSpacing: nil, file: file.path)
    voxelType = header.type
    let swaps = header.isBigEndian && size > 1
    if strides[2] == size && strides[1] == size * shape.x && strides[0] >= strides[1] {
      reader = .planes(
        PlaneReader(
          file: file, shape: shape, type: header.type, swapsBytes: swaps,
          planeOffsets: (0..<shape.z).map { offset + $0 * strides[0] }, threads: options.threads))
    } else {
      reader = .strided(
        StridedReader(
          file: file, type: header.type, swapsBytes: swaps, offset: offset,
          strides: Shape(z: strides[0], y: strides[1], x: strides[2])))
    }
    description = VolumeDescription(
      kind: "npy", file: file.path, grid: grid, type: header.type, channels: channels,
      compression: "none", byteOrder: header.isBigEndian ? "big" : "little",
      notes: notes + (header.isFortranOrder ? ["stored in Fortran order"] : [])
    ).told(grid, options: options)
  }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    return switch reader {
    case .planes(let reader): try reader.read(region)
    case .strided(let reader): try reader.read(region)
    }
  }

  private static func channel(
    of count: Int, file: InputFile, options: VolumeOpenOptions
  ) throws(VoxelithError) -> Int {
    let channel = options.channel ?? (count == 1 || options.isDescribing ? 0 : nil)
    guard let channel else {
      throw VoxelithError(
        .data, "the array holds \(count) channels", file: file.path, advice: "name one from 0 to \(count - 1)"
      )
    }
    guard (0..<count).contains(channel) else {
      throw VoxelithError(
        .usage, "there is no channel \(channel)", file: file.path,
        advice: "the channels are 0 to \(count - 1)")
    }
    return channel
  }
}
