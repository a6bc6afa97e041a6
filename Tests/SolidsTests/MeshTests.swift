import Drawing
import Foundation
import Solids
import TestSupport
import Testing
import Volumetry

@Suite struct MeshTests {
  /// Signed distance inside a ball of 20 um, at voxels of different sides.
  static func ball(_ spacing: SIMD3<Double> = SIMD3(1, 1, 1), radius: Double = 20) -> Volume<Float> {
    let side = 2 * radius + 6
    let shape = Shape(
      z: Int(side / spacing.z), y: Int(side / spacing.y), x: Int(side / spacing.x))
    let grid = Grid(shape: shape, spacing: spacing, origin: SIMD3(5, -3, 100))
    var volume = Volume<Float>(grid: grid, repeating: 0)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let offset = grid.center(z: z, y: y, x: x) - grid.middle
          volume[z, y, x] = Float(radius - (offset * offset).sum().squareRoot())
        }
      }
    }
    return volume
  }

  @Test(arguments: [SIMD3(1.0, 1, 1), SIMD3(1, 1.5, 0.7)])
  func ballHasItsAreaAndVolume(_ spacing: SIMD3<Double>) throws {
    let mesh = try Mesh(isosurfaceOf: Self.ball(spacing), level: 0)
    #expect(mesh.isClosed)
    #expect(mesh.eulerCharacteristic == 2)
    #expect(abs(mesh.area / (4 * Double.pi * 400) - 1) < 0.005)
    #expect(abs(mesh.volume / (4 * Double.pi * 8000 / 3) - 1) < 0.005)
  }

  /// Noise has every case of the table, ambiguous faces and voxels at the border among them.
  @Test func noiseHasNoHoles() throws {
    let shape = Shape(z: 20, y: 21, x: 22)
    let noise = NormalNumbers.normals(shape.count, seed: 5).map { abs($0) > 2.2 ? Float.nan : Float($0) }
    let volume = Volume(grid: Grid(shape: shape, spacing: SIMD3(2, 3, 4)), voxels: noise)
    for level in [-0.5, 0, 0.7] {
      let mesh = try Mesh(isosurfaceOf: volume, level: level)
      #expect(mesh.triangles.count > 5000)
      #expect(mesh.isClosed)
      #expect(mesh.volume > 0)
    }
  }

  @Test func smallestCases() throws {
    let grid = Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: SIMD3(2, 2, 2))
    let one = try Mesh(isosurfaceOf: Volume<Float>(grid: grid, repeating: 1), level: 0.5)
    #expect(one.isClosed && one.triangles.count == 8 && one.eulerCharacteristic == 2)
    // The octahedron between the centres of the voxel's faces.
    #expect(abs(one.volume - 8.0 / 6) < 1e-6)
    let none = try Mesh(isosurfaceOf: Volume<Float>(grid: grid, repeating: 0), level: 0.5)
    #expect(none.triangles.isEmpty && none.isClosed)
    #expect(throws: VoxelithError.self) { try Mesh(isosurfaceOf: MeshTests.ball(), level: .nan) }
    #expect(throws: VoxelithError.self) { try Isosurface(of: MeshTests.ball(), level: .infinity) }
    // Only a mesh is held as a whole.
    let tooLarge = #expect(throws: VoxelithError.self) {
      try Mesh(isosurfaceOf: MeshTests.ball(radius: 30), level: 0, resources: Resources(memory: 1 << 20))
    }
    #expect(tooLarge?.code == .usage && tooLarge?.advice?.contains("Isosurface") == true)
    #expect(throws: VoxelithError.self) { try Mesh(isosurfaceOf: MeshTests.ball(), level: 0, limit: 10) }
  }

  @Test func filesHoldTheSurface() throws {
    let folder = try TemporaryFolder()
    let volume = Self.ball(radius: 6)
    let scale = try ColorScale(map: .batlow, lower: -1, upper: 6)
    let mesh = try Mesh(isosurfaceOf: volume, level: 0).colored(by: volume, scale: scale)
    for ending in ["ply", "stl", "glb"] {
      let path = folder.file("ball." + ending)
      try MeshFile.write(mesh, to: path)
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      func word(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
      switch ending {
      case "stl":
        #expect(word(80) == mesh.triangles.count && bytes.count == 84 + 50 * mesh.triangles.count)
      case "glb":
        #expect(String(decoding: bytes[0..<4], as: UTF8.self) == "glTF" && word(8) == bytes.count)
        let json = try JSONSerialization.jsonObject(with: Data(bytes[20..<(20 + word(12))]))
        let accessors = (json as? [String: Any])?["accessors"] as? [[String: Any]]
        #expect(accessors?.first?["count"] as? Int == mesh.vertices.count)
        #expect(accessors?.last?["count"] as? Int == 3 * mesh.triangles.count)
      default:
        #expect(String(decoding: bytes.prefix(3), as: UTF8.self) == "ply")
      }
    }
    #expect(
      #expect(throws: VoxelithError.self) { try MeshFile.write(mesh, to: folder.file("ball.obj")) }?.code
        == .usage)
    #expect(
      #expect(throws: VoxelithError.self) { try MeshFile.write(mesh, to: folder.file("ball.ply")) }?.code
        == .cannotCreate)
  }
}
