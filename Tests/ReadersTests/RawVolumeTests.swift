import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Raw volumes")
struct RawVolumeTests {
  let folder: TemporaryFolder
  let shape = Shape(z: 3, y: 4, x: 5)

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [false, true], [0, 13])
  func orderAndOffset(isBigEndian: Bool, offset: Int) throws {
    let values = (0..<60).map { UInt16($0 * 1001) }
    let body = values.flatMap { value -> [UInt8] in
      let bytes = [UInt8(value & 0xFF), UInt8(value >> 8)]
      return isBigEndian ? bytes.reversed() : bytes
    }
    let path = folder.file("v.raw")
    try writeBytes([UInt8](repeating: 0xAA, count: offset) + body, to: path)
    let source = try VolumeFile.open(
      path,
      options: VolumeOpenOptions(
        voxelSize: SIMD3(1, 2, 3), rawShape: shape, rawType: .uint16, rawBigEndian: isBigEndian,
        rawOffset: offset))
    #expect(source.grid == Grid(shape: shape, spacing: SIMD3(1, 2, 3)))
    guard case .uint16(let all) = try source.readAll() else { Issue.record("not uint16"); return }
    #expect(all == values)
    let volume = Volume(grid: source.grid, voxels: values)
    for region in [
      Region(lower: Shape(z: 1, y: 1, x: 2), shape: Shape(z: 2, y: 2, x: 3)),
      Region(lower: Shape(z: 2, y: 0, x: 0), shape: Shape(z: 1, y: 4, x: 5)),
      Region(lower: Shape(z: 0, y: 3, x: 4), shape: Shape(z: 3, y: 1, x: 1)),
      Region(lower: Shape(z: 1, y: 1, x: 1), shape: Shape(z: 0, y: 1, x: 1)),
    ] {
      #expect(try source.read(region).values(as: UInt16.self) == volume.crop(region))
    }
    #expect(throws: VoxelithError.self) {
      try source.read(Region(lower: Shape(z: 1, y: 1, x: 3), shape: shape))
    }
  }

  @Test(arguments: VoxelType.allCases)
  func everyTypeComesBack(_ type: VoxelType) throws {
    let bytes = (0..<(60 * type.size)).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let path = folder.file("v.raw")
    try writeBytes(bytes, to: path)
    let options = VolumeOpenOptions(rawShape: shape, rawType: type)
    #expect(try VolumeFile.open(path, options: options).readAll().rawBytes == bytes)
  }

  @Test func shapeMustFitTheFile() throws {
    let path = folder.file("v.raw")
    try writeBytes([UInt8](repeating: 0, count: 60), to: path)
    func options(_ shape: Shape, _ type: VoxelType = .uint8, offset: Int = 0) -> VolumeOpenOptions {
      VolumeOpenOptions(rawShape: shape, rawType: type, rawOffset: offset)
    }
    expectClear(failure(of: path, options(Shape(z: 3, y: 4, x: 6))), .data, naming: "v.raw")
    expectClear(failure(of: path, options(Shape(z: 3, y: 4, x: 4))), .data, naming: "v.raw")
    expectClear(failure(of: path, options(shape, .uint16)), .data, naming: "v.raw")
    expectClear(failure(of: path, options(shape, offset: 1)), .data, naming: "v.raw")
    expectClear(failure(of: path, options(Shape(z: 0, y: 4, x: 4))), .usage, naming: "v.raw")
    expectClear(failure(of: path, options(Shape(z: -1, y: -4, x: 4))), .usage, naming: "v.raw")
    let huge = Shape(z: Int.max / 2, y: 4, x: 4)
    expectClear(failure(of: path, options(huge)), .usage, naming: "v.raw")
    expectClear(failure(of: path, options(shape, offset: -1)), .usage, naming: "v.raw")
  }
}
