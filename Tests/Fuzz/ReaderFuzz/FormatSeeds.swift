import Foundation
import Voxelith

/// Sound files of the smaller formats, byte by byte.
enum FormatSeeds {
  static func of(_ target: FuzzTarget) -> [[UInt8]] {
    switch target {
    case .picture: pictures
    case .mrc: [mrc(mode: 2, size: 4), mrc(mode: 6, size: 2), mrc(mode: 0, size: 1)]
    case .edf: [edf(""), edf("Dim_3 = 2 ;\n"), edf("") + edf("")]
    case .vti: [vti(raw: true), vti(raw: false)]
    case .sidecar: [Array(vgi.utf8), Array(xtek.utf8)]
    case .spectrum: spectra.map { Array($0.utf8) }
    case .header: headers.map { Array($0.utf8) + [UInt8](repeating: 4, count: 24) } + packedHeaders
    default: []
    }
  }

  private static var pictures: [[UInt8]] {
    let grey = try? PNGFile.encode(grey: (0..<80).map { UInt8($0) }, width: 10, height: 8)
    let deep = try? PNGFile.encode(grey: (0..<80).map { UInt16($0 * 500) }, width: 10, height: 8)
    let jpeg = [UInt8](Data(base64Encoded: photograph) ?? Data())
    var bitmap = Array("BM".utf8)
    for value in [150, 0, 54, 40, 4, 8] as [UInt64] { bitmap += ChunkEncoders.little(value, 4) }
    bitmap += [1, 0, 24, 0]
    bitmap += [UInt8](repeating: 0, count: 24)
    bitmap += [UInt8](repeating: 77, count: 96)
    return [grey, deep, jpeg, bitmap].compactMap { $0 }
  }

  /// MetaImage and NRRD, plain and turned.
  private static let headers = [
    "ObjectType = Image\nNDims = 3\nDistanceUnits = um\nElementSpacing = 1 2 3\nDimSize = 4 3 2\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n",
    "ObjectType = Image\nNDims = 3\nTransformMatrix = 0 -1 0 0 0 1 1 0 0\nOffset = 1 2 3\nElementSpacing = 1 2 3\nDimSize = 4 3 2\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n",
    "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 4 3 2\nspacings: 1 2 3\nunits: \"mm\" \"mm\" \"mm\"\nencoding: raw\n\n",
    "NRRD0004\ntype: uchar\ndimension: 3\nspace dimension: 3\nsizes: 4 3 2\nspace directions: (0,0,-2) (0,1,0) (3,0,0)\nspace origin: (1,2,3)\nencoding: raw\n\n",
  ]

  /// NRRD whose voxels are two streams of bzip2, and headers of files that follow one another.
  private static var packedHeaders: [[UInt8]] {
    let head = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 4 2 3\n"
    let streams =
      "QlpoOTFBWSZTWZKQu/wAAABAAH/gIAAiAaaYQAwVXmjj6Yu5IpwoSElIXf4AQlpoOTFBWSZT"
      + "WXZc5OkAAABgAAAf/4AgACIAABAAA4jRWeJq83vF3JFOFCQdlzk6QA=="
    return [
      Array((head + "encoding: bzip2\n\n").utf8) + [UInt8](Data(base64Encoded: streams) ?? Data()),
      Array((head + "encoding: raw\nline skip: 1\ndata file: s%02d.raw 0 2 1 2\n\n").utf8),
      Array((head + "encoding: gzip\ndata file: LIST 2\na.raw\nb.raw\nc.raw\n").utf8),
      Array("NDims = 3\nDimSize = 4 2 3\nElementType = MET_UCHAR\nElementDataFile = s%d.raw 2 0 -1\n".utf8),
    ]
  }

  private static func mrc(mode: UInt64, size: Int) -> [UInt8] {
    var words = [UInt64](repeating: 0, count: 256)
    for (index, value) in [
      (0, 4), (1, 3), (2, 2), (3, mode), (7, 4), (8, 3), (9, 2), (16, 1 + mode % 2), (17, 2 - mode % 2),
      (18, 3),
    ] {
      words[index] = value
    }
    for (index, value) in [(10, Float(40)), (11, 30), (12, 20)] { words[index] = UInt64(value.bitPattern) }
    words[52] = 0x2050_414D
    words[53] = 0x0000_4444
    return words.flatMap { ChunkEncoders.little($0, 4) } + [UInt8](repeating: 1, count: 24 * size)
  }

  private static func edf(_ more: String) -> [UInt8] {
    var text =
      "{\nHeaderID = EH:000001:000000:000000 ;\nByteOrder = LowByteFirst ;\nDataType = UnsignedShort ;\nDim_1 = 4 ;\nDim_2 = 3 ;\n"
      + more + "PSize_1 = 1e-6 ;\nPSize_2 = 1e-6 ;\n"
    text += String(repeating: " ", count: 510 - text.utf8.count) + "}\n"
    return Array(text.utf8) + [UInt8](repeating: 3, count: more.isEmpty ? 24 : 48)
  }

  private static func vti(raw: Bool) -> [UInt8] {
    let head = """
      <?xml version="1.0"?>
      <VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" header_type="UInt32">
      <ImageData WholeExtent="0 3 0 2 0 1" Origin="0 0 0" Spacing="1 2 3"><Piece Extent="0 3 0 2 0 1"><PointData>

      """
    if raw {
      let text =
        head
        + "<DataArray type=\"UInt16\" Name=\"grey\" format=\"appended\" offset=\"0\"/></PointData></Piece></ImageData>\n<AppendedData encoding=\"raw\">_"
      return Array(text.utf8) + ChunkEncoders.little(48, 4) + [UInt8](repeating: 2, count: 48)
        + Array("</AppendedData></VTKFile>".utf8)
    }
    let values = (0..<24).map { "\($0)" }.joined(separator: " ")
    return Array(
      (head
        + "<DataArray type=\"Float32\" Name=\"grey\" format=\"ascii\">\(values)</DataArray></PointData></Piece></ImageData></VTKFile>")
        .utf8)
  }

  private static let vgi =
    "{volume1}\n[file1]\nFileFormat = raw\nSize = 4 3 2\nName = voxels.vol\nDatatype = float\nBitsPerElement = 32\n[geometry]\nresolution = 0.1 0.1 0.2\nunit = mm\n"
  private static let xtek =
    "[XTekCT]\nName=voxels\nVoxelsX=4\nVoxelsY=3\nVoxelsZ=2\nVoxelSizeX=0.1\nVoxelSizeY=0.1\nVoxelSizeZ=0.1\n"

  private static let spectra = [
    "<<PMCA SPECTRUM>>\nLIVE_TIME - 12.5\n<<CALIBRATION>>\nLABEL - keV\n0 1\n10 6\n<<DATA>>\n1\n2\n3\n<<END>>\n",
    "$SPEC_ID:\nx\n$MEAS_TIM:\n10 11\n$DATA:\n0 3\n1\n2\n3\n4\n$MCA_CAL:\n3\n0.5 0.25 0 keV\n",
    "#FORMAT : EMSA/MAS Spectral Data File\n#NPOINTS : 3\n#XUNITS : eV\n#DATATYPE : Y\n#XPERCHAN : 10\n#OFFSET : 100\n#SPECTRUM :\n1, 2, 3\n#ENDOFDATA :\n",
    "#F a\n#S 1 ascan x 0 1 1 1\n#@CTIME 1 0.9 1\n#@CALIB 0.1 0.02 0\n@A 1 2 3\\\n 4 5\n@A 5 4 3 2 1\n",
  ]

  /// A grey picture of 10 x 8 pixels.
  private static let photograph =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoK"
    + "CgoKBggLDAsKDAkKCgr/wAALCAAIAAoBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF"
    + "BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW"
    + "V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi"
    + "4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AON8Ef8ABu59z/ihv/Jb/wCtXoMf/Bu5+7X/AIob+Ef8u3/1q//Z"
}
