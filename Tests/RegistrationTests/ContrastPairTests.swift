import Foundation
import Registration
import TestSupport
import Testing
import Volumetry

/// A real object in two contrasts: the fixed side a box of it, the moving side the object turned and
/// shifted, its grey values sent through a map that is not monotonic, with noise.
struct ContrastPair {
  let fixed: Volume<Float>
  let moving: Volume<Float>
  let truth: SpatialTransform

  init(object: Volume<Float>, side: Int, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed, stream: 3)
    func axis() -> SIMD3<Double> {
      let v = SIMD3(random.normal(), random.normal(), random.normal())
      return v / (v * v).sum().squareRoot()
    }
    let spacing = object.grid.spacing
    let shape = Shape(z: side, y: side, x: side)
    let corner = object.grid.middle - 0.5 * Double(side) * spacing
    let grid = Grid(shape: shape, spacing: spacing, origin: corner)
    truth = SpatialTransform(
      rotationVector: 8 * .pi / 180 * random.uniform() * axis(),
      translation: 5 * random.uniform() * axis() * spacing,
      about: grid.middle)
    fixed = try ResampledVolume(object, on: grid, interpolation: .cubic).loadFloats()
    let turned = try ResampledVolume(
      object, on: grid, through: truth.inverted(), interpolation: .cubic
    ).loadFloats()
    var noise = SeededGenerator(seed: seed, stream: 4)
    let top = Double(fixed.voxels.max() ?? 1)
    moving = Volume(
      grid: grid,
      voxels: turned.voxels.map { value in
        let u = Double(value) / top
        return Float(sin(4.5 * u) + 0.3 * u * u + 0.1 * noise.normal())
      })
  }
}

@Suite("Foreign contrasts") struct ContrastPairTests {
  static func polymer() throws -> Volume<Float> {
    let data = try #require(
      FileManager.default.contents(atPath: SharedData.path("polymer-quanfima/polymer3d_8bit_128x128x128.raw"))
    )
    let grid = Grid(shape: Shape(z: 128, y: 128, x: 128), spacing: SIMD3(repeating: 2))
    return Volume(grid: grid, voxels: data.map { Float($0) })
  }

  @Test(
    "a nonlinear, noisy remap is aligned by mutual information", .enabled(if: SharedData.isPresent),
    arguments: [1, 2] as [UInt64])
  func mutualInformation(seed: UInt64) throws {
    let pair = try ContrastPair(object: Self.polymer(), side: 64, seed: seed)
    let result = try VolumeRegistration.align(
      moving: pair.moving, to: pair.fixed,
      options: RegistrationOptions(metric: .mutualInformation, maximumAngle: 12))
    let error = result.transform.meanError(against: pair.truth, over: pair.fixed.grid) / 2
    #expect(error < 0.2)
  }

  @Test("cross-correlation aligns volumes of like contrast", .enabled(if: SharedData.isPresent))
  func crossCorrelation() throws {
    let object = try Self.polymer()
    let pair = try ContrastPair(object: object, side: 64, seed: 9)
    let moving = try ResampledVolume(
      object, on: pair.fixed.grid, through: pair.truth.inverted(), interpolation: .cubic
    ).loadFloats()
    let result = try VolumeRegistration.align(
      moving: moving, to: pair.fixed, options: RegistrationOptions(metric: .correlation, maximumAngle: 12))
    let error = result.transform.meanError(against: pair.truth, over: pair.fixed.grid) / 2
    #expect(error < 0.1)
  }
}
