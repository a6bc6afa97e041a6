import Foundation
import Microstructure
import TestSupport
import Testing
import Volumetry

@Suite struct OrientationEigenTests {
  /// Linear courses of grey make tensors of rank one: the normal is known, and the axis must lie
  /// across it although the two smaller eigenvalues are equal.
  @Test func degenerateTensorsKeepUnitVectors() throws {
    let grid = Grid(shape: Shape(z: 9, y: 9, x: 9), spacing: .one)
    for normal in OrientationPhantoms.directions(40) + [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)] {
      let voxels = (0..<grid.shape.count).map { i -> Float in
        let p = grid.center(z: i / 81, y: i / 9 % 9, x: i % 9) - grid.middle
        return Float((p * normal).sum())
      }
      let volume = Volume(grid: grid, voxels: voxels)
      let center = grid.shape.index(z: 4, y: 4, x: 4)
      var options = StructureTensorOptions(sigma: 0.5, rho: 0.5)
      let axis = try OrientationField(StructureTensor(source: volume, options: options))
      options.direction = .normal
      let across = try OrientationField(StructureTensor(source: volume, options: options))
      let a = axis.direction(center)
      #expect(abs((a * a).sum() - 1) < 1e-6)
      #expect(abs((a * normal).sum()) < 1e-3)
      #expect(a.z >= 0)
      #expect(OrientationPhantoms.angle(across.direction(center), normal) < 0.001)
      #expect(axis[.planarity][center] > 0.9999)
      #expect(axis[.linearity][center] < 1e-4)
    }
  }

  @Test func doubleDecompositionReproducesTheMatrix() {
    var generator = SeededGenerator(seed: 4)
    for trial in 0..<200 {
      var m = (0..<6).map { _ in generator.normal() }
      if trial % 4 == 0 { m = [1 + 1e-12 * m[0], 1, 1, 1e-13 * m[3], 0, 1e-13 * m[5]] }
      let e = SymmetricEigen(xx: m[0], yy: m[1], zz: m[2], xy: m[3], xz: m[4], yz: m[5])
      #expect(e.values.x >= e.values.y && e.values.y >= e.values.z)
      for k in 0..<3 {
        let v = e.vectors[k]
        let product = SIMD3(
          m[0] * v.x + m[3] * v.y + m[4] * v.z, m[3] * v.x + m[1] * v.y + m[5] * v.z,
          m[4] * v.x + m[5] * v.y + m[2] * v.z)
        let rest = product - e.values[k] * v
        #expect((rest * rest).sum().squareRoot() < 1e-13)
        #expect(abs((v * v).sum() - 1) < 1e-14)
      }
    }
  }

  /// A peer in double precision (structure-tensor 0.3, sigma 1.5, rho 4, mode nearest) at three
  /// voxels of the fibrous polymer: components x, y, z.
  @Test(.enabled(if: SharedData.isPresent))
  func agreesWithThePeerOnRealGrey() throws {
    let path = SharedData.path("polymer-quanfima/polymer3d_8bit_128x128x128.raw")
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let grid = Grid(shape: Shape(z: 128, y: 128, x: 128), spacing: .one)
    let volume = Volume(grid: grid, voxels: bytes)
    let tensor = try StructureTensor(
      source: volume, options: StructureTensorOptions(sigma: 1.5, rho: 4))
    let field = try OrientationField(tensor)
    let peer: [((Int, Int, Int), SIMD3<Double>)] = [
      ((3, 5, 7), SIMD3(-0.2287357, 0.9715770, -0.0609769)),
      ((64, 64, 64), SIMD3(-0.5370531, -0.8434189, 0.0147832)),
      ((100, 20, 120), SIMD3(-0.9049417, 0.2681014, -0.3304575)),
      ((30, 90, 45), SIMD3(-0.2585041, 0.9659594, -0.0098973)),
    ]
    for (place, expected) in peer {
      let i = grid.shape.index(z: place.0, y: place.1, x: place.2)
      #expect(OrientationPhantoms.angle(field.direction(i), expected) < 0.01)
    }
    #expect(!field[.x].contains { !$0.isFinite })
  }
}
