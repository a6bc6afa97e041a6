import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Voxel sizes, axes and layouts as other programs write them. The files are built here, entry by entry.
@Suite("TIFF metadata")
struct TIFFMetadataTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func source(
    _ tiff: HandmadeTIFF, _ options: VolumeOpenOptions = .init()
  ) throws -> any VolumeSource {
    let path = folder.file("v.tif")
    try writeBytes(tiff.bytes, to: path)
    return try VolumeFile.open(path, options: options)
  }

  private func imageJ(_ lines: String..., pages: Int, resolution: (UInt32, UInt32)? = (2, 1)) -> HandmadeTIFF
  {
    var tiff = HandmadeTIFF(
      pages: pages, description: (["ImageJ=1.54f"] + lines).joined(separator: "\n") + "\n")
    tiff.resolution = resolution
    return tiff
  }

  @Test(arguments: [
    ("um", 1.0), ("micron", 1), ("\\u00B5m", 1), ("\u{B5}m", 1), ("\u{3BC}m", 1), ("nm", 1e-3), ("mm", 1e3),
    ("cm", 1e4), ("inch", 25400),
  ])
  func imageJUnits(_ unit: String, micrometres: Double) throws {
    let grid = try source(imageJ("images=2", "slices=2", "unit=\(unit)", "spacing=3", pages: 2)).grid
    #expect(grid.hasKnownSpacing)
    for (axis, wanted) in [0.5, 0.5, 3].enumerated() {
      #expect(abs(grid.spacing[axis] / (wanted * micrometres) - 1) < 1e-12)
    }
  }

  @Test func voxelSizeIsNeverASilentOne() throws {
    let pixels = try source(imageJ("images=2", "slices=2", "unit=pixel", pages: 2)).grid
    #expect(!pixels.hasKnownSpacing)
    let nothing = try source(HandmadeTIFF(pages: 2)).grid
    #expect(!nothing.hasKnownSpacing)
    #expect(VolumeFile.spacingNotice(nothing, file: "v.tif") != nil)
    // ImageJ leaves out a spacing of one unit.
    let flat = try source(imageJ("images=2", "slices=2", "unit=um", pages: 2)).grid
    #expect(flat.hasKnownSpacing && flat.spacing == SIMD3(0.5, 0.5, 1))
    let cubes = try source(imageJ("images=2", "slices=2", "unit=um", pages: 2, resolution: (1, 1))).grid
    #expect(cubes == Grid(shape: cubes.shape, spacing: .one))
  }

  @Test func theCallersVoxelSizeStandsAboveTheFiles() throws {
    let options = VolumeOpenOptions(voxelSize: SIMD3(4, 5, 6))
    let grid = try source(imageJ("images=2", "slices=2", "unit=um", "spacing=3", pages: 2), options).grid
    #expect(grid.spacing == SIMD3(4, 5, 6))
    for size in [SIMD3(0, 1, 1), SIMD3(1, -1, 1), SIMD3(1, 1, .nan)] {
      #expect(throws: VoxelithError.self) {
        try source(HandmadeTIFF(pages: 1), VolumeOpenOptions(voxelSize: size))
      }
    }
  }

  @Test func resolutionTagsCountOnlyWhereTheyAreAMeasurement() throws {
    var tiff = HandmadeTIFF(pages: 1)
    tiff.resolution = (20000, 1)
    tiff.resolutionUnit = 3
    #expect(try source(tiff).grid.spacing == SIMD3(0.5, 0.5, 0.5))
    tiff.resolution = (300, 1)
    tiff.resolutionUnit = 2
    #expect(try !source(tiff).grid.hasKnownSpacing)
    var stack = HandmadeTIFF(pages: 3)
    stack.resolution = (20000, 1)
    stack.resolutionUnit = 3
    #expect(try !source(stack).grid.hasKnownSpacing)
    #expect(
      try VolumeFile.describe(folder.file("v.tif")).notes.contains { $0.contains("distance of the slices") })
  }

  /// y and z may have units of their own (`Calibration.setYUnit`, `setZUnit`).
  @Test func imageJUnitsOfEachAxis() throws {
    let z = try source(
      imageJ("images=2", "slices=2", "unit=um", "yunit=um", "zunit=nm", "spacing=2", pages: 2)
    ).grid
    #expect(z.spacing == SIMD3(0.5, 0.5, 0.002))
    let y = try source(imageJ("images=2", "slices=2", "unit=um", "yunit=nm", "spacing=2", pages: 2)).grid
    #expect(y.spacing == SIMD3(0.5, 0.0005, 2))
    let bytes = imageJ("images=2", "slices=2", "unit=furlong", "spacing=2", pages: 2).bytes
    try writeBytes(bytes, to: folder.file("f.tif"))
    let error = failure(of: folder.file("f.tif"))
    #expect(error?.message.contains("'furlong'") == true)
    #expect(error?.advice?.contains("--voxel-size") == true && error?.advice?.contains("um") == true)
    #expect(failure(of: folder.file("f.tif"), VolumeOpenOptions(voxelSize: .one)) == nil)
  }

  /// Units of the resolution tags beyond TIFF 6.0, as tifffile writes them, and one that nobody knows.
  @Test(arguments: [(4, 500.0), (5, 0.5), (3, 5000), (9, nil)] as [(Int, Double?)])
  func resolutionUnits(unit: Int, micrometres: Double?) throws {
    var tiff = HandmadeTIFF(pages: 1)
    tiff.resolution = (2, 1)
    tiff.resolutionUnit = unit
    let grid = try source(tiff).grid
    if unit == 3 {
      // 5 dots per inch are no measurement.
      #expect(!grid.hasKnownSpacing)
    } else {
      #expect(grid.hasKnownSpacing == (micrometres != nil))
      if let micrometres { #expect(grid.spacing.x == micrometres) }
    }
  }

  @Test(arguments: [72, 93, 96, 101, 110, 120, 227, 300, 600, 1200])
  func resolutionsOfScreensAreNoVoxelSizes(dots: UInt32) throws {
    var tiff = HandmadeTIFF(pages: 1)
    tiff.resolution = (dots, 1)
    tiff.resolutionUnit = 2
    #expect(try !source(tiff).grid.hasKnownSpacing)
  }

  /// One directory for many slices: tifffile's truncated stacks and SGI's ImageDepth.
  @Test func oneDirectoryForManySlices() throws {
    var truncated = HandmadeTIFF(pages: 1, description: #"{"shape": [4, 2, 3], "truncated": true}"#)
    truncated.valuesAfter = 3
    var deep = HandmadeTIFF(pages: 1)
    deep.valuesAfter = 3
    deep.extra = [(32997, 4, 4)]
    for tiff in [truncated, deep] {
      let source = try source(tiff)
      #expect(source.grid.shape == Shape(z: 4, y: 2, x: 3))
      #expect(try source.readAll().doubles() == (0..<4).flatMap { [Double](repeating: Double($0), count: 6) })
    }
    deep.extra = [(32997, 4, 400)]
    try writeBytes(deep.bytes, to: folder.file("cut.tif"))
    #expect(failure(of: folder.file("cut.tif"))?.message.contains("truncated") == true)
    deep.extra = [(32997, 4, 4), (259, 3, 32773)]
    try writeBytes(deep.bytes, to: folder.file("packed.tif"))
    #expect(failure(of: folder.file("packed.tif"))?.message.contains("4 slices") == true)
  }

  /// tifffile tells the sides of a stack of more than three axes, and perhaps their letters.
  @Test func sidesOfMoreThanThreeAxes() throws {
    func values(_ tiff: HandmadeTIFF, channel: Int? = nil, frame: Int? = nil) throws -> [Double] {
      try writeBytes(tiff.bytes, to: folder.file("v.tif"))
      let source = try VolumeFile.open(
        folder.file("v.tif"), options: VolumeOpenOptions(channel: channel, frame: frame))
      return stride(from: 0, to: source.grid.shape.count, by: 6).map {
        (try? source.readAll().doubles()[$0]) ?? .nan
      }
    }
    for isOne in [true, false] {
      func stack(_ shape: String, _ axes: String? = nil) -> HandmadeTIFF {
        let letters = axes.map { ", \"axes\": \"\($0)\"" } ?? ""
        let text = "{\"shape\": [\(shape), 2, 3]\(letters)\(isOne ? ", \"truncated\": true" : "")}"
        var tiff = HandmadeTIFF(pages: isOne ? 1 : 12, description: text)
        if isOne { tiff.valuesAfter = 11 }
        return tiff
      }
      #expect(try values(stack("12")) == (0..<12).map(Double.init))
      #expect(try values(stack("1, 12, 1")) == (0..<12).map(Double.init))
      #expect(try values(stack("6, 2"), channel: 1) == [1, 3, 5, 7, 9, 11])
      #expect(try values(stack("2, 6", "CZYX"), channel: 1) == [6, 7, 8, 9, 10, 11])
      #expect(try values(stack("3, 2, 2", "TZCYX"), channel: 1, frame: 2) == [9, 11])
      for tiff in [stack("6, 2"), stack("3, 2, 2"), stack("3, 2, 2", "QRSYX")] {
        try writeBytes(tiff.bytes, to: folder.file("v.tif"))
        expectClear(failure(of: folder.file("v.tif")), .data, naming: "v.tif")
      }
    }
  }

  @Test func theSizeTellsWhereItCameFrom() throws {
    _ = try source(imageJ("images=2", "slices=2", "unit=um", "spacing=3", pages: 2))
    let told = try VolumeFile.describe(folder.file("v.tif")).origins
    #expect(told.contains { $0.quantity == "voxel size" && $0.source.contains("unit um") })
    let given = try VolumeFile.describe(folder.file("v.tif"), options: VolumeOpenOptions(voxelSize: .one))
    #expect(given.origins.contains { $0.source == "--voxel-size" })
  }

  @Test func imageJChannelsRunFastest() throws {
    let tiff = imageJ("images=6", "channels=2", "slices=3", "hyperstack=true", pages: 6)
    for channel in 0..<2 {
      let values = try source(tiff, VolumeOpenOptions(channel: channel)).readAll().doubles()
      let pages: [Double] = (0..<3).map { Double(2 * $0 + channel) }
      #expect(values == pages.flatMap { [Double](repeating: $0, count: 6) })
    }
    expectClear(failure(of: folder.file("v.tif")), .data, naming: "v.tif")
    expectClear(failure(of: folder.file("v.tif"), VolumeOpenOptions(channel: 2)), .usage, naming: "v.tif")
  }

  @Test func timePointsMustBeNamed() throws {
    let tiff = imageJ("images=4", "slices=2", "frames=2", pages: 4)
    #expect(try source(tiff, VolumeOpenOptions(frame: 1)).readAll().doubles().first == 2)
    expectClear(failure(of: folder.file("v.tif")), .data, naming: "v.tif")
    // A sequence that ImageJ opened as frames is a stack all the same.
    let sequence = try source(imageJ("images=4", "frames=4", pages: 4))
    #expect(sequence.grid.shape == Shape(z: 4, y: 2, x: 3))
  }

  @Test func imageJStackOfOnePage() throws {
    var tiff = imageJ("images=3", "slices=3", "unit=um", "spacing=2", pages: 1)
    tiff.valuesAfter = 2
    for isBigEndian in [false, true] {
      tiff.isBigEndian = isBigEndian
      let source = try source(tiff)
      #expect(source.grid.shape == Shape(z: 3, y: 2, x: 3))
      #expect(try source.readAll().doubles() == (0..<3).flatMap { [Double](repeating: Double($0), count: 6) })
      #expect(try source.read(Region(slices: 2..<3, of: source.grid.shape)).doubles() == [2, 2, 2, 2, 2, 2])
    }
    // A file too short for the planes that its header tells names the first one that is missing.
    tiff.description = tiff.description?.replacing("=3", with: "=4000")
    let path = folder.file("short.tif")
    try writeBytes(tiff.bytes, to: path)
    let error = failure(of: path)
    expectClear(error, .data, naming: "short.tif")
    #expect(error?.place?.hasSuffix(" of 4000") == true)
    #expect(error?.message.contains("truncated") == true)
  }

  @Test(arguments: [("XYZCT", [0.0, 1, 2]), ("XYCZT", [0, 2, 4])])
  func omeAxesAndUnits(_ order: String, firstChannel: [Double]) throws {
    let text = """
      <?xml version="1.0"?><!-- a comment --><ome:OME xmlns:ome="http://www.openmicroscopy.org/Schemas/OME/2016-06">
      <ome:Image ID="Image:0"><ome:Pixels ID='Pixels:0' DimensionOrder="\(order)" Type="uint16" SizeX="3" SizeY="2"
      SizeZ="3" SizeC="2" SizeT="1" PhysicalSizeX="250" PhysicalSizeXUnit="nm" PhysicalSizeY="0.5"
      PhysicalSizeYUnit="&#181;m" PhysicalSizeZ="0.002" PhysicalSizeZUnit="mm"><ome:Channel ID="c0" Name="a &amp; b"/>
      <ome:Channel ID="c1" Name="c"/></ome:Pixels></ome:Image></ome:OME>
      """
    let source = try source(HandmadeTIFF(pages: 6, description: text), VolumeOpenOptions(channel: 0))
    #expect(source.grid.spacing == SIMD3(0.25, 0.5, 2))
    #expect(source.grid.shape == Shape(z: 3, y: 2, x: 3))
    #expect(try source.readAll().doubles() == firstChannel.flatMap { [Double](repeating: $0, count: 6) })
    #expect(try VolumeFile.describe(folder.file("v.tif")).channelNames == ["a & b", "c"])
  }

  private func ome(_ sides: String, _ blocks: String, pages: Int, images: String = "") -> HandmadeTIFF {
    HandmadeTIFF(
      pages: pages,
      description: """
        <?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">
        <Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="3" SizeY="2" \(sides)>\(blocks)</Pixels>
        </Image>\(images)</OME>
        """)
  }

  private func slices(_ source: any VolumeSource) throws -> [Double] {
    let values = try source.readAll().doubles()
    return (0..<source.grid.shape.z).map { values[6 * $0] }
  }

  /// Planes lie in the directories that `TiffData` names, whatever their order in the file.
  @Test func omePlanesLieWhereTheHeaderSays() throws {
    let sides = #"SizeZ="3" SizeC="1" SizeT="1""#
    let turned = (0..<3).map { #"<TiffData FirstZ="\#(2 - $0)" IFD="\#($0)" PlaneCount="1"/>"# }.joined()
    #expect(try slices(source(ome(sides, turned, pages: 3))) == [2, 1, 0])
    #expect(try slices(source(ome(sides, "<TiffData/>", pages: 3))) == [0, 1, 2])
    #expect(try slices(source(ome(sides, #"<TiffData IFD="2" PlaneCount="3"/>"#, pages: 5))) == [2, 3, 4])
    let second = #"<Image ID="Image:1"><Pixels SizeX="3" SizeY="2" SizeZ="2" SizeC="1" SizeT="1"/></Image>"#
    let first = ome(sides, #"<TiffData IFD="0" PlaneCount="3"/>"#, pages: 5, images: second)
    #expect(try slices(source(first)) == [0, 1, 2])
    #expect(try VolumeFile.describe(folder.file("v.tif")).notes.contains { $0.contains("2 images") })
    let many = String(repeating: "<TiffData/>", count: 50_000)
    #expect(try slices(source(ome(sides, many, pages: 3))) == [0, 1, 2])
  }

  /// What the header tells of and the file does not hold is no volume of fewer slices.
  @Test func omePlanesThatAreElsewhereAreMissed() throws {
    let sides = #"SizeZ="3" SizeC="1" SizeT="1""#
    let files = (0..<3).map {
      #"<TiffData FirstZ="\#($0)" IFD="0" PlaneCount="1"><UUID FileName="z\#($0).ome.tif">urn:x</UUID></TiffData>"#
    }.joined()
    let error = #expect(throws: VoxelithError.self) { try source(ome(sides, files, pages: 1)) }
    #expect(error?.message.contains("3 files") == true && error?.code == .data)
    #expect(throws: VoxelithError.self) { try source(ome(sides, "<TiffData/>", pages: 2)) }
    let part = HandmadeTIFF(pages: 1, description: #"<OME><BinaryOnly MetadataFile="a.ome" UUID="u"/></OME>"#)
    #expect(throws: VoxelithError.self) { try source(part) }
    // A file that was renamed is still itself.
    let own = files.replacing("z1.ome", with: "z0.ome").replacing("z2.ome", with: "z0.ome")
      .replacing(#"FirstZ="1" IFD="0""#, with: #"FirstZ="1" IFD="1""#)
      .replacing(#"FirstZ="2" IFD="0""#, with: #"FirstZ="2" IFD="2""#)
    #expect(try slices(source(ome(sides, own, pages: 3))) == [0, 1, 2])
    // The files of a volume are its slices where they are named together.
    for z in 0..<3 {
      try writeBytes(ome(sides, files, pages: 1).bytes, to: folder.file("z\(z).ome.tif"))
    }
    #expect(try VolumeFile.open(folder.file("z*.ome.tif")).grid.shape.z == 3)
  }

  @Test func headersThatContradictTheFileAreNoted() throws {
    let tiff = imageJ("images=9", "channels=3", "slices=3", "unit=um", "spacing=1", pages: 4)
    let error = #expect(throws: VoxelithError.self) { try source(tiff) }
    #expect(error?.code == .data && error?.message.contains("9 images") == true)
    var options = VolumeOpenOptions()
    options.ignoresGaps = true
    #expect(try source(tiff, options).grid.shape.z == 4)
    let more = try source(imageJ("images=3", "channels=3", "slices=1", "unit=um", "spacing=1", pages: 4))
    #expect(more.grid.shape.z == 4)
    #expect(try VolumeFile.describe(folder.file("v.tif")).notes.contains { $0.contains("taken as slices") })
  }

  @Test func thumbnailsAreLeftOut() throws {
    var tiff = HandmadeTIFF(pages: 4)
    tiff.subfileTypes = [0, 0, 1, 4]
    #expect(try source(tiff).grid.shape.z == 2)
  }
}
