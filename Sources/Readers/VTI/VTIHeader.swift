import Volumetry

/// The XML of a VTK image file (`.vti`; Kitware, "VTK file formats", XML formats), as far as its values.
struct VTIHeader {
  /// One array of values.
  struct DataArray: Equatable {
    var name: String
    var type: VoxelType
    var components: Int
    var isPoints: Bool
    var format: String
    /// Place behind the mark of the appended data.
    var offset: Int
    /// Range of its text, where the values stand in the XML.
    var text: Range<Int>
  }

  var isBigEndian = false
  /// Bytes of the numbers that stand before values.
  var wordSize = 4
  var isCompressed = false
  /// First and last point along x, y, z.
  var extent: [Int] = []
  var spacing = SIMD3<Double>(repeating: 1)
  var origin = SIMD3<Double>.zero
  /// How the axes of the image lie in space.
  var turn = AxisTurn.none
  var arrays: [DataArray] = []
  /// First byte behind the `_` of the appended data, and whether they are base64.
  var appended: (place: Int, isBase64: Bool)?

  static func isVTI(_ head: [UInt8]) -> Bool {
    let text = String(decoding: head.prefix(1024), as: UTF8.self)
    return text.contains("<VTKFile") && text.contains("ImageData")
  }

  /// - Parameter bytes: the file, or what of it holds the XML.
  /// - Throws: `data` where it is damaged or of a kind that is not read.
  init(_ bytes: [UInt8], file: String) throws(VoxelithError) {
    func refuse(_ what: String) -> VoxelithError { VoxelithError(.data, what, file: file) }
    var scanner = XMLTags(bytes)
    var pieces = 0
    var isPoints = true
    while let tag = scanner.next() {
      let values = tag.attributes
      switch tag.name {
      case "VTKFile":
        guard values["type"] == "ImageData" else {
          throw refuse("a VTK file of '\((values["type"] ?? "").prefix(30))' is no image")
        }
        isBigEndian = values["byte_order"] == "BigEndian"
        wordSize = values["header_type"] == "UInt64" ? 8 : 4
        if let compressor = values["compressor"], !compressor.isEmpty {
          guard compressor == "vtkZLibDataCompressor" else {
            throw refuse("a VTK image packed by '\(compressor.prefix(40))' is not read")
          }
          isCompressed = true
        }
      case "ImageData":
        extent = (values["WholeExtent"] ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        spacing = Self.vector(values["Spacing"]) ?? spacing
        origin = Self.vector(values["Origin"]) ?? origin
        // Row by row; its columns are the directions of the image's axes.
        if let d = values["Direction"].map({ XMLTags.numbers($0) }) {
          guard d.count == 9 else { throw refuse("the Direction of the VTK image is damaged") }
          turn = try AxisTurn(
            directions: (0..<3).map { SIMD3(d[$0], d[3 + $0], d[6 + $0]) }, file: file)
        }
      case "Piece": pieces += 1
      case "PointData": isPoints = true
      case "CellData": isPoints = false
      case "DataArray":
        guard pieces == 1, let type = Self.types[values["type"] ?? ""] else { continue }
        let components = values["NumberOfComponents"].flatMap { Int($0) } ?? 1
        let start = scanner.place
        arrays.append(
          DataArray(
            name: values["Name"] ?? "array \(arrays.count)", type: type, components: components,
            isPoints: isPoints,
            format: values["format"] ?? "ascii", offset: values["offset"].flatMap { Int($0) } ?? 0,
            text: start..<(tag.isClosed ? start : scanner.endOfText())))
      case "AppendedData":
        guard let mark = scanner.skip(to: 0x5F) else { throw refuse("the appended data have no beginning") }
        appended = (mark + 1, values["encoding"] == "base64")
        scanner.stop()
      default: break
      }
    }
    let isPossible = extent.count == 6 && extent.allSatisfy { $0 > -(1 << 24) && $0 < 1 << 24 }
    guard isPossible, extent[0] <= extent[1], extent[2] <= extent[3], extent[4] <= extent[5] else {
      throw refuse("the extent of the VTK image is damaged")
    }
    guard pieces == 1 else { throw refuse("a VTK image of \(pieces) pieces is not read") }
    guard !arrays.isEmpty else { throw refuse("the VTK image holds no numbers") }
  }

  /// Voxels of an array: one for each point, or for each cell between points.
  func shape(of array: DataArray) -> Shape {
    func side(_ axis: Int) -> Int {
      let steps = extent[2 * axis + 1] - extent[2 * axis]
      // A flat image has one layer of cells, too.
      return array.isPoints ? steps + 1 : max(1, steps)
    }
    return Shape(z: side(2), y: side(1), x: side(0))
  }

  private static func vector(_ text: String?) -> SIMD3<Double>? {
    guard let values = text.map({ XMLTags.numbers($0) }), values.count == 3 else { return nil }
    return SIMD3(values[0], values[1], values[2])
  }

  private static let types: [String: VoxelType] = [
    "Int8": .int8, "UInt8": .uint8, "Int16": .int16, "UInt16": .uint16, "Int32": .int32, "UInt32": .uint32,
    "Int64": .int64, "UInt64": .uint64, "Float32": .float32, "Float64": .float64,
  ]
}
