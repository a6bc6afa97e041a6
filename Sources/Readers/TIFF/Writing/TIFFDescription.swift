import Volumetry

/// The text that tells other programs what the pages of a stack are.
struct TIFFDescription {
  let grid: Grid
  let type: VoxelType
  let channels: Int
  let channelNames: [String]

  /// The types that ImageJ holds as they are.
  static let imageJTypes: Set<VoxelType> = [.uint8, .uint16, .float32]

  /// Key lines as ImageJ writes them; `origin_um` (x, y, z) and `channel_names` are our own
  /// and ignored by others.
  var imageJ: String {
    var lines = ["ImageJ=1.54f"]
    let planes = grid.shape.z * channels
    if planes > 1 { lines.append("images=\(planes)") }
    if channels > 1 { lines.append("channels=\(channels)") }
    if grid.shape.z > 1 { lines.append("slices=\(grid.shape.z)") }
    if channels > 1 { lines += ["hyperstack=true", "mode=grayscale"] }
    if grid.hasKnownSpacing {
      lines += ["unit=um", "spacing=\(grid.spacing.z)"]
      if grid.origin != .zero {
        lines.append("origin_um=\(grid.origin.x),\(grid.origin.y),\(grid.origin.z)")
      }
    }
    if !channelNames.isEmpty { lines.append("channel_names=" + channelNames.joined(separator: "\t")) }
    lines.append("loop=false")
    return lines.joined(separator: "\n") + "\n"
  }

  /// OME-XML of the 2016-06 schema; the origin is the stage label.
  ///
  /// - Throws: `usage` where OME has no name for the type.
  func ome(file: String) throws(VoxelithError) -> String {
    let typeName =
      switch type {
      case .float32: "float"
      case .float64: "double"
      case .uint8, .uint16, .uint32, .int8, .int16, .int32: type.rawValue
      case .float16, .int64, .uint64:
        throw VoxelithError(
          .usage, "TIFF has no common form for voxels of \(type.rawValue)", file: file,
          advice: "write float32, or an integer type of at most 32 bits")
      }
    let sizes =
      "SizeX=\"\(grid.shape.x)\" SizeY=\"\(grid.shape.y)\" SizeZ=\"\(grid.shape.z)\" SizeC=\"\(channels)\" SizeT=\"1\""
    var physical = ""
    var label = ""
    if grid.hasKnownSpacing {
      for (axis, size) in [("X", grid.spacing.x), ("Y", grid.spacing.y), ("Z", grid.spacing.z)] {
        physical += " PhysicalSize\(axis)=\"\(size)\" PhysicalSize\(axis)Unit=\"\u{B5}m\""
      }
      if grid.origin != .zero {
        label = "<StageLabel Name=\"origin\""
        for (axis, value) in [("X", grid.origin.x), ("Y", grid.origin.y), ("Z", grid.origin.z)] {
          label += " \(axis)=\"\(value)\" \(axis)Unit=\"\u{B5}m\""
        }
        label += "/>"
      }
    }
    var channelTags = ""
    for index in 0..<channels {
      let name = index < channelNames.count ? " Name=\"\(Self.escaped(channelNames[index]))\"" : ""
      channelTags += "<Channel ID=\"Channel:0:\(index)\"\(name) SamplesPerPixel=\"1\"/>"
    }
    return """
      <?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" \
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
      xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 \
      http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd" Creator="Voxelith">\
      <Image ID="Image:0" Name="volume">\(label)<Pixels ID="Pixels:0" DimensionOrder="XYCZT" \
      Type="\(typeName)" BigEndian="false" Interleaved="false" \(sizes)\(physical)>\(channelTags)\
      <TiffData IFD="0" PlaneCount="\(grid.shape.z * channels)"/></Pixels></Image></OME>
      """
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}

/// ImageJ's own metadata block with one label per plane, so that it shows the name of the channel.
struct ImageJLabels {
  let counts: [Int]
  let bytes: [UInt8]

  init(channelNames: [String], planes: Int) {
    let labels = channelNames.map { name in
      name.utf16.flatMap { TIFFDirectory.littleEndian($0) }
    }
    // "IJIJ" then "labl" and their number, each as a 32-bit number in the order of the file.
    var bytes = TIFFDirectory.littleEndian(UInt32(0x494A_494A))
    bytes += TIFFDirectory.littleEndian(UInt32(0x6C61_626C)) + TIFFDirectory.littleEndian(UInt32(planes))
    var counts = [bytes.count]
    for index in 0..<planes {
      let label = labels[index % labels.count]
      bytes += label
      counts.append(label.count)
    }
    self.counts = counts
    self.bytes = bytes
  }
}
