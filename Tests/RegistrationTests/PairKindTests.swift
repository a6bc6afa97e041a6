import Foundation
import Registration
import TestSupport
import Testing
import Volumetry

/// Pairs of blobs of known place, on grids of any voxel, with noise on both sides.
struct BlobPair {
  let fixed: Volume<Float>
  let moving: Volume<Float>
  let truth: SpatialTransform

  /// - Parameters:
  ///   - sides, voxels: of the two grids, whose middles lie on each other where `shift` is zero.
  ///   - seeds: of the object on either side; two objects where they differ.
  init(
    fixedShape: Shape, movingShape: Shape, voxels: (fixed: Double, moving: Double) = (1, 1),
    angle: Double = 0, shift: SIMD3<Double> = .zero, noise: Double = 0.1, seeds: (UInt64, UInt64) = (1, 1)
  ) throws {
    let fixedGrid = Grid(shape: fixedShape, spacing: SIMD3(repeating: voxels.fixed))
    let movingGrid = Grid(shape: movingShape, spacing: SIMD3(repeating: voxels.moving))
    let axis = fixedShape.z == 1 ? SIMD3<Double>(0, 0, 1) : SIMD3(0.6, 0, 0.8)
    let truth = SpatialTransform(
      rotationVector: (angle * .pi / 180) * axis,
      translation: movingGrid.middle - fixedGrid.middle + shift, about: fixedGrid.middle)
    let extent = pointwiseMax(movingGrid.extent, 1.4 * fixedGrid.extent)
    self.truth = truth
    func twin(_ seed: UInt64) -> BlobTwin {
      BlobTwin(
        extent: extent, origin: movingGrid.middle - 0.5 * extent,
        sizes: (1.5 * voxels.fixed)...(4 * voxels.fixed),
        count: Int(extent.x * extent.y * extent.z / (90 * pow(voxels.fixed, 3))), matrix: truth.matrix,
        seed: seed)
    }
    func noisy(_ values: [Double], _ grid: Grid, _ stream: UInt64) -> Volume<Float> {
      var random = SeededGenerator(seed: seeds.0, stream: stream)
      return Volume(grid: grid, voxels: values.map { Float($0 + noise * random.normal()) })
    }
    fixed = noisy(twin(seeds.0).coarse(grid: fixedGrid, spread: .zero).voxels, fixedGrid, 31)
    moving = noisy(
      twin(seeds.1).fine(grid: movingGrid, noise: 0, seed: 1).voxels.map { Double($0) }, movingGrid, 32)
  }

  func error(_ result: RegistrationResult) -> Double {
    result.transform.meanError(against: truth, over: fixed.grid) / fixed.grid.spacing.x
  }
}

@Suite("Kinds of pairs") struct PairKindTests {
  private func cube(_ side: Int) -> Shape { Shape(z: side, y: side, x: side) }

  @Test(
    "no place in the voxel draws an alignment, at any ratio",
    arguments: [(1.0, 0.0), (1, 0.5), (1, 0.23), (2, 0), (3, 0.5), (5, 0), (20, 0)])
  func noPull(ratio: Double, offset: Double) throws {
    // The object grows with the coarser voxel; its noise is a quarter of what it varies by (an eighth for the 729 voxels
    // of the last).
    let side = ratio == 1 ? 48 : ratio == 2 ? 28 : ratio == 3 ? 24 : ratio == 5 ? 18 : 9
    let pair = try BlobPair(
      fixedShape: cube(side), movingShape: cube((side + 2) * Int(ratio)), voxels: (ratio, 1),
      shift: SIMD3(offset, offset, -offset), noise: ratio == 20 ? 0.035 : 0.07)
    let result = try VolumeRegistration.align(
      moving: pair.moving, to: pair.fixed,
      options: RegistrationOptions(
        start: SpatialTransform(translation: SIMD3(0.3, -0.2, 0.25) * ratio).composed(after: pair.truth)))
    // 48^3 voxels carry 0.03 voxel; the few of the coarse grids what their counts allow.
    if ratio == 1 { #expect(pair.error(result) < 0.03, "\(pair.error(result))") }
    #expect(pair.error(result) < 0.1, "\(pair.error(result))")
    #expect(pair.error(result) < 3 * result.expectedErrorVoxels)
    #expect(result.quality.metric == .model)
  }

  @Test("a small field is found in a large one, and the limit of overlap is an option")
  func regionOfInterest() throws {
    let pair = try BlobPair(
      fixedShape: cube(44), movingShape: cube(32), voxels: (2, 2.0), angle: 5, shift: SIMD3(14, -10, 8))
    let result = try VolumeRegistration.align(
      moving: pair.moving, to: pair.fixed, options: RegistrationOptions(maximumAngle: 10))
    #expect(pair.error(result) < 0.1)
    #expect(pair.error(result) < 3 * result.expectedErrorVoxels)
    #expect(result.quality.overlapFraction > 0.7)
  }

  @Test("single slices move in their plane")
  func slices() throws {
    let flat = Shape(z: 1, y: 90, x: 96)
    let pair = try BlobPair(
      fixedShape: flat, movingShape: Shape(z: 1, y: 100, x: 110), angle: 6, shift: SIMD3(2.5, -3.25, 0),
      noise: 0.05)
    let result = try VolumeRegistration.align(
      moving: pair.moving, to: pair.fixed, options: RegistrationOptions(maximumAngle: 10))
    #expect(pair.error(result) < 0.1)
    #expect(pair.error(result) < 3 * result.expectedErrorVoxels)
    #expect(result.parameters.isInPlane && result.covariance[0, 0] == 0 && result.covariance[2, 2] > 0)
    #expect(result.transform(SIMD3(3, 4, 0.5)).z == 0.5)
  }

  /// Files of pictures do not tell how thick a slice is, and others are as thick as they like.
  @Test(
    "the thickness of single slices changes nothing", arguments: [(1.0, 1.0), (2, 1), (1, 2), (100, 0.01)])
  func thickness(_ fixed: Double, _ moving: Double) throws {
    let pair = try BlobPair(
      fixedShape: Shape(z: 1, y: 60, x: 64), movingShape: Shape(z: 1, y: 70, x: 76), angle: 5,
      shift: SIMD3(2.5, -1.25, 0), noise: 0.05)
    func thick(_ volume: Volume<Float>, _ size: Double) -> Volume<Float> {
      var grid = volume.grid
      grid.spacing.z = size
      return Volume(grid: grid, voxels: volume.voxels)
    }
    let plain = try VolumeRegistration.align(
      moving: pair.moving, to: pair.fixed, options: RegistrationOptions(maximumAngle: 10))
    let result = try VolumeRegistration.align(
      moving: thick(pair.moving, moving), to: thick(pair.fixed, fixed),
      options: RegistrationOptions(maximumAngle: 10))
    let (a, b) = (plain.transform(SIMD3(20, 30, 0.5)), result.transform(SIMD3(20, 30, 0.5 * fixed)))
    #expect(abs(a.x - b.x) < 1e-6 && abs(a.y - b.y) < 1e-6 && abs(b.z - 0.5 * moving) < 1e-9, "\(a) and \(b)")
    #expect(abs(result.expectedErrorVoxels / plain.expectedErrorVoxels - 1) < 1e-6)
  }

  private func refuse(
    _ moving: Volume<Float>, _ fixed: Volume<Float>, _ options: RegistrationOptions = .init(maximumAngle: 8),
    says words: String...
  ) {
    do throws(VoxelithError) {
      let result = try VolumeRegistration.align(moving: moving, to: fixed, options: options)
      Issue.record("aligned with an expected error of \(result.expectedErrorVoxels) voxels")
    } catch {
      let text = error.message + " " + (error.advice ?? "")
      #expect(words.contains { text.contains($0) }, "\(text)")
      #expect(error.code == .data)
    }
  }

  @Test("two objects, a mirror and a wrong voxel size are refused, and told")
  func cannotMatch() throws {
    let pair = try BlobPair(fixedShape: cube(44), movingShape: cube(48), angle: 3, shift: SIMD3(1, 2, 0.5))
    let other = try BlobPair(fixedShape: cube(44), movingShape: cube(48), seeds: (1, 9))
    refuse(other.moving, other.fixed, says: "beyond chance")
    let shape = pair.moving.shape
    var flipped = pair.moving
    flipped.withVoxels { voxels in
      for z in 0..<shape.z {
        for y in 0..<shape.y {
          for x in 0..<shape.x {
            voxels[shape.index(z: z, y: y, x: x)] = pair.moving[z, y, shape.x - 1 - x]
          }
        }
      }
    }
    refuse(flipped, pair.fixed, says: "mirrored along x")
    var grid = pair.moving.grid
    grid.spacing *= 1.05
    refuse(
      Volume(grid: grid, voxels: pair.moving.voxels), pair.fixed, says: "a scale of 1.05", "a scale of 1.04"
    )
  }

  @Test(
    "the model refuses values that run against each other or along a curve, auto takes mutual information")
  func relations() throws {
    let pair = try BlobPair(fixedShape: cube(40), movingShape: cube(44), angle: 4, noise: 0.04)
    let options = RegistrationOptions(metric: .model, maximumAngle: 8)
    func remapped(_ change: (Double) -> Double) -> Volume<Float> {
      Volume(grid: pair.moving.grid, voxels: pair.moving.voxels.map { Float(change(Double($0))) })
    }
    let against = remapped { -$0 }
    let curved = remapped { ($0 - 1) * ($0 - 1) }
    refuse(against, pair.fixed, options, says: "against each other", "beyond chance")
    refuse(curved, pair.fixed, options, says: "not related by a line", "beyond chance", "against each other")
    for moving in [against, curved] {
      let result = try VolumeRegistration.align(
        moving: moving, to: pair.fixed, options: RegistrationOptions(maximumAngle: 8))
      #expect(result.quality.metric == .mutualInformation)
      #expect(pair.error(result) < 0.15)
      #expect(pair.error(result) < 3 * result.expectedErrorVoxels)
    }
  }

  @Test("rings of the detector are taken off, and told")
  func rings() throws {
    let pair = try BlobPair(
      fixedShape: cube(48), movingShape: cube(48), angle: 4, shift: SIMD3(2.4, -1.3, 0.7), noise: 0.03)
    func ringed(_ volume: Volume<Float>) -> Volume<Float> {
      var random = SeededGenerator(seed: 3, stream: 41)
      let profile = (0..<40).map { _ in random.uniform() < 0.5 ? 0.3 * random.normal() : 0 }
      var result = volume
      result.withVoxels { voxels in
        for i in voxels.indices {
          let (x, y) = (Double(i % 48) - 23.5, Double((i / 48) % 48) - 23.5)
          voxels[i] += Float(profile[Int((x * x + y * y).squareRoot())])
        }
      }
      return result
    }
    let result = try VolumeRegistration.align(
      moving: ringed(pair.moving), to: ringed(pair.fixed), options: RegistrationOptions(maximumAngle: 8))
    #expect(pair.error(result) < 0.1)
    #expect(pair.error(result) < 3 * result.expectedErrorVoxels)
    #expect(result.warnings.contains { $0.contains("rings") })
  }
}
