import Drawing
import Foundation
import Solids
import TestSupport
import Testing
import Volumetry

/// A surface that is made while it is drawn or written is bit for bit the one that is in memory as a whole.
@Suite struct IsosurfaceTests {
  /// Noise with missing voxels and voxels of three sides; wide enough for two numbers of bits in a row.
  static let noise: Volume<Float> = {
    let shape = Shape(z: 19, y: 9, x: 70)
    let values = NormalNumbers.normals(shape.count, seed: 5).map { abs($0) > 2.2 ? Float.nan : Float($0) }
    return Volume(
      grid: Grid(shape: shape, spacing: SIMD3(0.5, 3, 4), origin: SIMD3(-7, 3, 100)), voxels: values)
  }()
  static let voxel = Volume<Float>(
    grid: Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: SIMD3(2, 2, 2)), repeating: 1)
  static let volumes = [noise, MeshTests.ball(SIMD3(1, 1.5, 0.7), radius: 9), voxel]

  /// Colours on a finer grid that ends before the surface does.
  static let colors: Volume<Float> = {
    let shape = Shape(z: 90, y: 10, x: 12)
    let values = (0..<shape.count).map { $0 % 11 == 0 ? Float.nan : Float($0 % 97) }
    return Volume(
      grid: Grid(shape: shape, spacing: SIMD3(3, 3, 0.8), origin: SIMD3(-7, 3, 100)), voxels: values)
  }()

  static let budgets = [1 << 20, 64 << 20]

  private func surface(
    _ volume: Volume<Float>, memory: Int, colored: Bool
  ) throws -> (streamed: Isosurface, whole: Mesh) {
    let scale = try ColorScale(map: .batlow, lower: 0, upper: 96)
    let streamed = try Isosurface(of: volume, level: 0.25, memory: memory)
    let whole = try Mesh(isosurfaceOf: volume, level: 0.25)
    return colored
      ? (streamed.colored(by: Self.colors, scale: scale), try whole.colored(by: Self.colors, scale: scale))
      : (streamed, whole)
  }

  @Test(arguments: budgets, [false, true])
  func picturesAreTheSame(_ memory: Int, colored: Bool) throws {
    for (volume, threads) in zip(Self.volumes, [2, 1, 3]) {
      let (streamed, whole) = try surface(volume, memory: memory, colored: colored)
      let picture = try IsosurfaceRendering(streamed, camera: Camera(fieldOfView: 40)).render(
        width: 150, height: 131, resources: Resources(threads: threads, memory: memory))
      let expected = MeshRendering(whole, camera: Camera(fieldOfView: 40)).render(
        width: 150, height: 131, in: volume.grid)
      #expect(picture == expected)
      #expect(picture.pixels.contains { $0 != 0 && $0 != 255 })
    }
  }

  @Test(arguments: budgets, [false, true])
  func filesAreTheSame(_ memory: Int, colored: Bool) throws {
    let folder = try TemporaryFolder()
    for volume in Self.volumes {
      let (streamed, whole) = try surface(volume, memory: memory, colored: colored)
      for kind in MeshFile.allCases {
        let paths = ["streamed", "whole"].map { folder.file("\($0).\(kind.rawValue)") }
        let summary = try MeshFile.write(
          streamed, to: paths[0], overwrite: true, resources: Resources(threads: 2, memory: memory))
        try MeshFile.write(whole, to: paths[1], overwrite: true)
        #expect(FileManager.default.contentsEqual(atPath: paths[0], andPath: paths[1]))
        #expect(summary.triangles == whole.triangles.count && summary.vertices == whole.vertices.count)
        #expect(summary.area == whole.area && summary.volume == whole.volume)
      }
    }
  }

  /// What a PLY file holds, read by its own header.
  @Test func plyHoldsVerticesNormalsAndTriangles() throws {
    let folder = try TemporaryFolder()
    let (streamed, whole) = try surface(Self.noise, memory: 1 << 20, colored: true)
    try MeshFile.write(streamed, to: folder.file("noise.ply"))
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("noise.ply"))))
    let end = Array("end_header\n".utf8)
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: end) }) + end.count
    #expect(bytes.count == start + 27 * whole.vertices.count + 13 * whole.triangles.count)
    func word(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * $1) } }
    for (index, (vertex, normal)) in zip(whole.vertices, whole.normals).enumerated() {
      let at = start + 27 * index
      let (r, g, b, _) = whole.colors[index].bytes
      #expect((0..<3).allSatisfy { word(at + 4 * $0) == vertex[$0].bitPattern })
      #expect((0..<3).allSatisfy { word(at + 12 + 4 * $0) == normal[$0].bitPattern })
      #expect(Array(bytes[(at + 24)..<(at + 27)]) == [r, g, b])
    }
    for (index, triangle) in whole.triangles.enumerated() {
      let at = start + 27 * whole.vertices.count + 13 * index
      #expect(bytes[at] == 3 && (0..<3).allSatisfy { word(at + 1 + 4 * $0) == triangle[$0] })
    }
  }

  @Test func nothingIsLeftOfAFailedFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("f.stl")
    #expect(throws: VoxelithError.self) {
      try MeshFile.write(
        try Isosurface(of: FailingSource(volume: Self.noise, from: 12), level: 0, memory: 1 << 20), to: path)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  /// A source that cannot read its last slices.
  private struct FailingSource: VolumeSource {
    let volume: Volume<Float>
    let from: Int
    var grid: Grid { volume.grid }
    var voxelType: VoxelType { .float32 }
    var chunkShape: Shape { volume.chunkShape }
    var name: String { "failing" }

    func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
      guard region.z.upperBound <= from else { throw VoxelithError(.io, "cannot be read") }
      return try volume.read(region)
    }
  }
}
