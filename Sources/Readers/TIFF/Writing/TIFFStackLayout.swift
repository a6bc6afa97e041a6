import Volumetry

/// Where everything lies in an uncompressed stack that we write, known before the first voxel.
///
/// Header, first directory with the description, then the planes one after the other (z outer,
/// channel inner), then the other directories. ImageJ and tifffile map such a file as one array, and
/// any region can be written at any time.
struct TIFFStackLayout {
  let shape: Shape
  let type: VoxelType
  let channels: Int
  let isBig: Bool
  /// Bytes before the first voxel: header and first directory.
  let head: [UInt8]
  /// The other directories, after the last voxel.
  let tail: [UInt8]
  let tailOffset: Int
  let totalSize: Int

  var planeSize: Int { shape.y * shape.x * type.size }
  var planes: Int { shape.z * channels }

  func planeOffset(z: Int, channel: Int) -> Int { head.count + (z * channels + channel) * planeSize }

  /// - Parameters:
  ///   - bigTIFFFrom: size in bytes from which on the file is BigTIFF with OME-XML.
  /// - Throws: `usage` where the type has no place in such a file or the size is beyond measure.
  init(
    grid: Grid, type: VoxelType, channels: Int, channelNames: [String], bigTIFFFrom: Int, file: String
  ) throws(VoxelithError) {
    guard let voxels = grid.shape.checkedCount, voxels > 0, channels > 0,
      max(grid.shape.y, grid.shape.x) <= Int(Int32.max), voxels < Int.max / 64 / channels
    else {
      throw VoxelithError(.usage, "a TIFF of \(grid.shape) voxels cannot be written", file: file)
    }
    self.shape = grid.shape
    self.type = type
    self.channels = channels
    let planes = grid.shape.z * channels
    let description = TIFFDescription(grid: grid, type: type, channels: channels, channelNames: channelNames)
    let dataSize = voxels * channels * type.size
    // Room for the directories: at most 300 bytes each and the description.
    let estimate = dataSize + 300 * planes + 8192
    isBig = estimate >= bigTIFFFrom
    let isImageJ = !isBig && TIFFDescription.imageJTypes.contains(type)
    let text = isImageJ ? description.imageJ : try description.ome(file: file)

    let plane = grid.shape.y * grid.shape.x * type.size
    let isBig = self.isBig
    func directory(_ index: Int, dataOffset: Int) -> TIFFDirectory {
      var directory = TIFFDirectory(isBig: isBig)
      directory.add(254, long: 0)
      directory.add(256, long: grid.shape.x)
      directory.add(257, long: grid.shape.y)
      directory.add(258, short: UInt16(8 * type.size))
      directory.add(259, short: 1)
      directory.add(262, short: 1)
      if index == 0 { directory.add(270, ascii: text) }
      directory.add(273, offset: dataOffset + index * plane)
      directory.add(277, short: 1)
      directory.add(278, long: grid.shape.y)
      directory.add(279, offset: plane)
      let resolution = TIFFResolution(grid: grid, isImageJ: isImageJ)
      directory.add(282, rational: resolution.x)
      directory.add(283, rational: resolution.y)
      directory.add(296, short: resolution.unit)
      if index == 0 { directory.add(305, ascii: "Voxelith") }
      directory.add(339, short: type.isFloatingPoint ? 3 : type.rawValue.hasPrefix("int") ? 2 : 1)
      if index == 0, isImageJ, !channelNames.isEmpty {
        let labels = ImageJLabels(channelNames: channelNames, planes: planes)
        directory.add(50838, longs: labels.counts)
        directory.add(50839, bytes: labels.bytes)
      }
      return directory
    }

    let header = isBig ? 16 : 8
    let first = directory(0, dataOffset: 0)
    let dataOffset = (header + first.size + 15) & ~15
    let dataEnd = dataOffset + dataSize
    tailOffset = (dataEnd + 15) & ~15
    var head: [UInt8] =
      isBig
      ? [0x49, 0x49, 43, 0, 8, 0, 0, 0] + TIFFDirectory.littleEndian(UInt64(header))
      : [0x49, 0x49, 42, 0] + TIFFDirectory.littleEndian(UInt32(header))
    head += directory(0, dataOffset: dataOffset).encoded(at: header, next: planes > 1 ? tailOffset : 0)
    head += [UInt8](repeating: 0, count: dataOffset - head.count)
    self.head = head

    var tail: [UInt8] = []
    var position = tailOffset
    for index in 1..<max(1, planes) {
      let page = directory(index, dataOffset: dataOffset)
      let next = position + page.size
      tail += page.encoded(at: position, next: index + 1 < planes ? next : 0)
      position = next
    }
    self.tail = tail
    totalSize = tail.isEmpty ? dataEnd : position
  }
}

/// Resolution tags of a page.
struct TIFFResolution {
  var x: Rational
  var y: Rational
  /// 1 none (ImageJ: the unit is in the description), 3 centimetre.
  var unit: UInt16

  init(grid: Grid, isImageJ: Bool) {
    guard grid.hasKnownSpacing else {
      (x, y, unit) = (Rational(nearest: 1), Rational(nearest: 1), 1)
      return
    }
    func pixelsPerUnit(_ size: Double) -> Rational {
      let length = Rational(nearest: isImageJ ? size : size * 1e-4)
      var inverse = length
      (inverse.numerator, inverse.denominator) = (length.denominator, length.numerator)
      return inverse
    }
    (x, y, unit) = (pixelsPerUnit(grid.spacing.x), pixelsPerUnit(grid.spacing.y), isImageJ ? 1 : 3)
  }
}
