import CVoxelith
import Voxelith

/// An input of a call: a buffer that the caller lends until the call returns, a file, or a grid alone.
@safe struct LentArray: @unchecked Sendable {
  let name: String
  /// A file in place of a buffer.
  let path: String?
  let type: VoxelType
  let shape: [Int]
  /// z, y, x in um; nil where it is not known.
  let spacing: [Double]?
  /// z, y, x in um.
  let origin: [Double]
  private let base: UnsafeRawPointer?

  /// - Throws: `usage` where type, rank or shape make no array.
  init(_ raw: VoxelithArray) throws(VoxelithError) {
    guard let label = unsafe raw.name else {
      throw VoxelithError(.usage, "an input has no name")
    }
    name = unsafe String(cString: label)
    path = unsafe raw.path.map { unsafe String(cString: $0) }
    unsafe base = unsafe raw.data
    let sides = unsafe [raw.shape.0, raw.shape.1, raw.shape.2, raw.shape.3]
    let size = unsafe [raw.spacing_um.0, raw.spacing_um.1, raw.spacing_um.2]
    origin = unsafe [raw.origin_um.0, raw.origin_um.1, raw.origin_um.2]
    spacing = size.allSatisfy { $0 == 0 } ? nil : size
    guard path == nil else {
      (type, shape) = (.uint8, [])
      return
    }
    guard let known = ArrayType.type(unsafe raw.type) else {
      throw VoxelithError(.usage, "the array '\(name)' is of no known type")
    }
    let rank = unsafe Int(raw.rank)
    guard (1...4).contains(rank) else {
      throw VoxelithError(.usage, "the array '\(name)' has \(rank) axes, not 1 to 4")
    }
    type = known
    shape = sides.prefix(rank).map { Int($0) }
    var bytes = known.size
    for side in shape {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: side)
      guard side > 0, !overflows else {
        throw VoxelithError(.data, "the array '\(name)' of shape \(shape) holds nothing")
      }
      bytes = product
    }
    guard unsafe UInt(bitPattern: base) % UInt(known.size) == 0 else {
      throw VoxelithError(.usage, "the array '\(name)' does not begin at a multiple of its element's size")
    }
  }

  var isBuffer: Bool { unsafe base != nil }

  /// The grid of the first three axes.
  func grid() throws(VoxelithError) -> Grid {
    guard shape.count >= 3 else {
      throw VoxelithError(
        .data, "the array '\(name)' has \(shape.count) axes where z, y, x are needed")
    }
    let sides = Shape(z: shape[0], y: shape[1], x: shape[2])
    var grid = Grid(unscaled: sides)
    if let spacing {
      grid = Grid(shape: sides, spacing: SIMD3(spacing[2], spacing[1], spacing[0]))
      for side in spacing { try NumberRange.voxelSize.check(side, code: .usage) }
    }
    grid.origin = SIMD3(origin[2], origin[1], origin[0])
    try grid.validate(file: name)
    return grid
  }

  /// A box of voxels in the type of the array.
  ///
  /// - Parameters:
  ///   - run: elements of a voxel that lie side by side, of which all are read.
  ///   - first: element that the grid begins at.
  func read(_ region: Region, of shape: Shape, run: Int = 1, first: Int = 0) -> VoxelBuffer {
    switch type {
    case .uint8: .uint8(rows(region, shape, run, first))
    case .uint16: .uint16(rows(region, shape, run, first))
    case .uint32: .uint32(rows(region, shape, run, first))
    case .uint64: .uint64(rows(region, shape, run, first))
    case .int8: .int8(rows(region, shape, run, first))
    case .int16: .int16(rows(region, shape, run, first))
    case .int32: .int32(rows(region, shape, run, first))
    case .int64: .int64(rows(region, shape, run, first))
    case .float16: .float16(rows(region, shape, run, first))
    case .float32: .float32(rows(region, shape, run, first))
    case .float64: .float64(rows(region, shape, run, first))
    }
  }

  private func rows<Element: BitwiseCopyable>(
    _ region: Region, _ shape: Shape, _ run: Int, _ first: Int
  ) -> [Element] {
    let size = MemoryLayout<Element>.stride
    return unsafe [Element](unsafeUninitializedCapacity: region.count * run) { buffer, initialized in
      let target = UnsafeMutableRawBufferPointer(buffer)
      guard let base = unsafe base else { return }
      var at = 0
      // Full planes and full rows lie side by side.
      let isPlane = region.shape.y == shape.y && region.shape.x == shape.x
      let count = (isPlane ? region.count : region.shape.x) * run * size
      for z in isPlane ? region.lower.z..<(region.lower.z + 1) : region.z {
        for y in isPlane ? 0..<1 : region.y {
          let start = first + shape.index(z: z, y: y, x: region.lower.x) * run
          let source = unsafe UnsafeRawBufferPointer(start: base + start * size, count: count)
          unsafe UnsafeMutableRawBufferPointer(rebasing: target[at..<(at + count)]).copyMemory(from: source)
          at += count
        }
      }
      initialized = region.count * run
    }
  }
}

extension LentArray {
  /// All values, in double precision.
  func numbers() -> [Double] {
    let count = shape.reduce(1, *)
    let line = Shape(z: 1, y: 1, x: count)
    return read(Region(whole: line), of: line).doubles()
  }
}
