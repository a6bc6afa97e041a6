import Microstructure
import Testing
import Volumetry

/// Angles against structures of known direction, in degrees.
@Suite struct OrientationAccuracyTests {
  static let cube = Grid(shape: Shape(z: 40, y: 40, x: 40), spacing: .one)
  /// The same extent in voxels of 1 x 1 x 2 um.
  static let flat = Grid(shape: Shape(z: 20, y: 40, x: 40), spacing: SIMD3(1, 1, 2))

  private func meanError(
    _ kind: OrientationPhantoms.Kind, _ grid: Grid, noise: Double, sigma: Double = 1.5,
    margin: Int = 2
  ) throws -> Double {
    var total = 0.0
    let truths = OrientationPhantoms.directions(9)
    for (index, truth) in truths.enumerated() {
      let volume = OrientationPhantoms.volume(
        kind, along: truth, grid: grid, noise: noise, seed: UInt64(index))
      var options = StructureTensorOptions(sigma: sigma, rho: 4)
      options.direction = kind == .layers ? .normal : .axis
      options.stride = Shape(z: 3, y: 3, x: 3)
      let field = try OrientationField(StructureTensor(source: volume, options: options))
      let error = field.error(to: truth, margin: margin)
      #expect(error.count > 20)
      total += error.mean
    }
    return total / Double(truths.count)
  }

  @Test(arguments: OrientationPhantoms.Kind.allCases)
  func cleanStructures(_ kind: OrientationPhantoms.Kind) throws {
    let error = try meanError(kind, Self.cube, noise: 0, margin: 5)
    #expect(error < 0.05, "\(kind): \(error)")
  }

  @Test(arguments: OrientationPhantoms.Kind.allCases)
  func noisyStructures(_ kind: OrientationPhantoms.Kind) throws {
    let error = try meanError(kind, Self.cube, noise: 100)
    #expect(error < 0.5, "\(kind): \(error)")
  }

  @Test(arguments: OrientationPhantoms.Kind.allCases)
  func anisotropicVoxels(_ kind: OrientationPhantoms.Kind) throws {
    let error = try meanError(kind, Self.flat, noise: 100, sigma: 2)
    #expect(error < 0.5, "\(kind): \(error)")
  }

  /// Voxel numbers mistaken for lengths would be off by some twenty degrees here.
  @Test func anisotropicAnswerIsThatOfCubes() throws {
    let truth = OrientationPhantoms.directions(5)[2]
    let options = StructureTensorOptions(sigma: 2, rho: 4)
    let fine = try OrientationField(
      StructureTensor(
        source: OrientationPhantoms.volume(.cylinders, along: truth, grid: Self.cube), options: options))
    let flat = try OrientationField(
      StructureTensor(
        source: OrientationPhantoms.volume(.cylinders, along: truth, grid: Self.flat), options: options))
    var worst = 0.0
    for z in 5..<15 {
      for y in 10..<30 {
        for x in 10..<30 {
          // A flat voxel covers two cubes; their directions are averaged.
          let a = Self.cube.shape.index(z: 2 * z, y: y, x: x)
          let b = Self.cube.shape.index(z: 2 * z + 1, y: y, x: x)
          let mean = OrientationPhantoms.normalized(fine.direction(a) + fine.direction(b))
          let other = flat.direction(Self.flat.shape.index(z: z, y: y, x: x))
          worst = max(worst, OrientationPhantoms.angle(mean, other))
        }
      }
    }
    #expect(worst < 0.5)
  }

  /// A cylindrical sample in air: the jump of grey at its side must not turn the layers inside.
  @Test func sampleMaskTakesTheEdgeAway() throws {
    let truth = OrientationPhantoms.directions(5)[1]
    let grid = Self.cube
    var volume = OrientationPhantoms.volume(.layers, along: truth, grid: grid)
    var mask = Volume<UInt8>(grid: grid, repeating: 0)
    for z in 0..<40 {
      for y in 0..<40 {
        for x in 0..<40 {
          let r2 = (Double(x) - 19.5) * (Double(x) - 19.5) + (Double(y) - 19.5) * (Double(y) - 19.5)
          if r2 < 14 * 14 { mask[z, y, x] = 1 } else { volume[z, y, x] = 60000 }
        }
      }
    }
    var options = StructureTensorOptions(sigma: 1.5, rho: 3)
    options.direction = .normal
    let masked = try OrientationField(StructureTensor(source: volume, mask: mask, options: options))
    let bare = try OrientationField(StructureTensor(source: volume, options: options))
    var errors = (masked: 0.0, bare: 0.0, count: 0.0)
    for i in mask.voxels.indices {
      guard mask.voxels[i] == 1 else {
        #expect(masked[.x][i].isNaN && masked[.anisotropy][i].isNaN)
        continue
      }
      errors.masked += OrientationPhantoms.angle(masked.direction(i), truth)
      errors.bare += OrientationPhantoms.angle(bare.direction(i), truth)
      errors.count += 1
    }
    #expect(errors.masked / errors.count < 0.5)
    #expect(errors.bare / errors.count > 10)
  }

  /// A tilted plane of grey in a ball: the masked gradient is exact, so every direction is.
  @Test func maskedGradientOfARampIsExact() throws {
    let grid = Grid(shape: Shape(z: 16, y: 18, x: 20), spacing: SIMD3(1, 1.5, 2))
    let slope = OrientationPhantoms.normalized(SIMD3(1, -2, 0.7))
    var voxels: [Float] = []
    for z in 0..<16 {
      for y in 0..<18 {
        for x in 0..<20 {
          let p = grid.center(z: z, y: y, x: x) - grid.middle
          let inside = (p * p).sum() < 60
          voxels.append(inside ? Float(100 + 3 * (p * slope).sum()) : .nan)
        }
      }
    }
    let volume = Volume(grid: grid, voxels: voxels)
    var options = StructureTensorOptions(sigma: 2, rho: 3)
    options.direction = .normal
    let field = try OrientationField(StructureTensor(source: volume, options: options))
    var worst = 0.0
    var count = 0
    for i in voxels.indices {
      #expect(field[.x][i].isNaN == voxels[i].isNaN)
      guard !voxels[i].isNaN else { continue }
      worst = max(worst, OrientationPhantoms.angle(field.direction(i), slope))
      count += 1
    }
    #expect(count > 200)
    #expect(worst < 0.02)
  }

  /// Pores of a phase are seen by their walls, and neighbours of another direction are not.
  @Test func phaseMaskSeesItsOwnWalls() throws {
    let grid = Self.cube
    var volume = Volume<UInt8>(grid: grid, repeating: 200)
    var phase = Volume<UInt8>(grid: grid, repeating: 0)
    for z in 0..<40 {
      for y in 0..<40 {
        for x in 0..<40 {
          if (y + 2) % 8 < 4 && (z + 2) % 8 < 4 && x < 20 {
            volume[z, y, x] = 20
            phase[z, y, x] = 1
          }
          if x >= 20 && (y + 2) % 8 < 4 { volume[z, y, x] = 90 }
        }
      }
    }
    var options = StructureTensorOptions(sigma: 1, rho: 3)
    options.maskRole = .phase
    let field = try OrientationField(StructureTensor(source: volume, mask: phase, options: options))
    for z in 12..<28 {
      for y in 12..<28 where phase[z, y, 8] == 1 {
        let i = grid.shape.index(z: z, y: y, x: 8)
        #expect(OrientationPhantoms.angle(field.direction(i), SIMD3(1, 0, 0)) < 1)
        #expect(field[.linearity][i] > 0.8)
      }
    }
  }
}
