import Drawing
import Foundation
import Solids
import TestSupport
import Testing
import Volumetry

@Suite struct VolumeRenderingTests {
  private func solid(_ volume: Volume<Float>, camera: Camera = Camera()) throws -> VolumeRendering {
    let scale = try ColorScale(map: .viridis, lower: -20, upper: 20)
    var rendering = try VolumeRendering(
      volume, transfer: .solid(scale, above: 0, softness: 0.5))
    rendering.camera = camera
    return rendering
  }

  /// The ball's outline is a circle of its radius from every side, also with voxels that are no cubes.
  @Test(arguments: [SIMD3(1.0, 1, 1), SIMD3(0.8, 1, 1.6)], [(0.0, -60.0), (37, 0), (145, 30), (80, 90)])
  func ballIsACircle(_ spacing: SIMD3<Double>, _ direction: (Double, Double)) throws {
    let volume = MeshTests.ball(spacing)
    var camera = Camera(azimuth: direction.0, elevation: direction.1)
    camera.keepsSize = true
    let raster = try solid(volume, camera: camera).render(
      width: 160, height: 160)
    let covered = stride(from: 3, to: raster.pixels.count, by: 4).reduce(0.0) {
      $0 + Double(raster.pixels[$1]) / 255
    }
    let extent = volume.grid.extent
    let pixel = (extent * extent).sum().squareRoot() / 160
    #expect(abs((covered / .pi).squareRoot() * pixel - 20) < 0.5)
  }

  /// As in slices: z runs down, seen from the front x runs to the right, seen from above y runs towards the viewer.
  @Test func axesRunAsInSlices() {
    let grid = Grid(shape: Shape(z: 10, y: 10, x: 10), spacing: .one)
    let front = Projection(Camera(azimuth: 90, elevation: 0), center: grid.middle, extent: grid.extent)
    let middle = front.project(grid.middle)
    #expect(front.project(grid.middle + SIMD3(1, 0, 0)).x > middle.x + 0.1)
    #expect(front.project(grid.middle + SIMD3(0, 0, 1)).y < middle.y - 0.1)
    let above = Projection(Camera(azimuth: 90, elevation: 90), center: grid.middle, extent: grid.extent)
    #expect(above.project(grid.middle + SIMD3(0, 1, 0)).y < -0.1)
    // The first layer is nearest.
    #expect(above.project(grid.middle - SIMD3(0, 0, 1)).z < 0)
  }

  @Test func clippingPlaneTakesHalf() throws {
    let volume = MeshTests.ball()
    var rendering = try solid(volume, camera: Camera(azimuth: 0, elevation: 0))
    func covered() -> Int {
      let raster = rendering.render(width: 100, height: 100)
      return stride(from: 3, to: raster.pixels.count, by: 4).count { raster.pixels[$0] > 128 }
    }
    let whole = covered()
    rendering.clipping = [.init(point: volume.grid.middle, normal: SIMD3(0, 0, 1))]
    #expect(abs(Double(covered()) / Double(whole) - 0.5) < 0.03)
  }

  /// A slab of known opacity lets through what it should, whatever the voxel size and the quality.
  @Test func opacityIsPerLengthNotPerVoxel() throws {
    for side in [5.0, 10] {
      let count = Int(100 / side)
      let grid = Grid(shape: Shape(z: count, y: count, x: count), spacing: SIMD3(repeating: side))
      let scale = try ColorScale(map: .grey, lower: 0, upper: 1)
      let transfer = try TransferFunction(scale: scale, opacity: [(0, 0), (1, 0.5)], length: 100)
      var rendering = try VolumeRendering(Volume<Float>(grid: grid, repeating: 1), transfer: transfer)
      rendering.camera = Camera(azimuth: 0, elevation: 0)
      for quality in [1.0, 4] {
        rendering.quality = quality
        let middle = rendering.render(width: 51, height: 51)[25, 25]
        #expect(abs(middle.alpha - 0.5) < 0.04, "\(side) um, quality \(quality): \(middle.alpha)")
      }
    }
  }

  @Test func missingVoxelsAreClear() throws {
    let grid = Grid(shape: Shape(z: 8, y: 8, x: 8), spacing: .one)
    let scale = try ColorScale(map: .grey, lower: 0, upper: 1)
    let rendering = try VolumeRendering(
      Volume<Float>(grid: grid, repeating: .nan), transfer: .ramp(scale, from: 0.5))
    #expect(rendering.render(width: 20, height: 20).pixels.allSatisfy { $0 == 0 })
  }

  @Test func samePictureForAnyNumberOfThreads() throws {
    let rendering = try solid(MeshTests.ball(), camera: Camera(fieldOfView: 30))
    let one = rendering.render(width: 90, height: 60, threads: 1)
    #expect(one == rendering.render(width: 90, height: 60, threads: 3))
  }

  @Test func largeVolumesAreCoarsened() throws {
    let scale = try ColorScale(map: .grey, lower: -20, upper: 20)
    let rendering = try VolumeRendering(MeshTests.ball(), transfer: .ramp(scale), limit: 10_000)
    #expect(rendering.grid.shape.count <= 10_000)
    #expect(rendering.grid.spacing.x == 3)
    let large = Volume<UInt8>(grid: Grid(shape: Shape(z: 90, y: 90, x: 90), spacing: .one), repeating: 1)
    let refused = #expect(throws: VoxelithError.self) {
      try VolumeRendering(large, transfer: .ramp(scale), resources: Resources(memory: 1 << 20))
    }
    #expect(refused?.code == .usage && refused?.message.contains("2 MB") == true)
    #expect(throws: Never.self) {
      try VolumeRendering(large, transfer: .ramp(scale), resources: Resources(memory: 2 << 20))
    }
  }

  @Test func badRequestsAreNamed() throws {
    let scale = try ColorScale(map: .grey, lower: 0, upper: 1)
    #expect(throws: VoxelithError.self) { try TransferFunction(scale: scale, opacity: [(1, 0), (0, 1)]) }
    #expect(throws: VoxelithError.self) { try TransferFunction(scale: scale, opacity: [(0, 2)]) }
    #expect(throws: VoxelithError.self) { try TransferFunction(scale: scale, opacity: []) }
  }

  /// Speed of a volume of 512^3; run by hand, the figures stand in the room's README.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["VOXELITH_BENCHMARK"] != nil))
  func speed() throws {
    let side = 512
    let grid = Grid(shape: Shape(z: side, y: side, x: side), spacing: .one)
    var volume = Volume<Float>(grid: grid, repeating: 0)
    volume.withVoxels { voxels in
      for z in 0..<side {
        for y in 0..<side {
          for x in 0..<side {
            let (a, b, c) = (Float(x) * 0.06, Float(y) * 0.06, Float(z) * 0.06)
            voxels[(z * side + y) * side + x] = sin(a) * cos(b) + sin(b) * cos(c) + sin(c) * cos(a)
          }
        }
      }
    }
    let scale = try ColorScale(map: .batlow, lower: -1.5, upper: 1.5)
    let clock = ContinuousClock()
    for (name, transfer) in [
      ("solid", try TransferFunction.solid(scale, above: 0.2, softness: 0.1)),
      ("translucent", try .ramp(scale, from: 0.001, to: 0.05)),
    ] {
      var rendering: VolumeRendering?
      let loading = try clock.measure { rendering = try VolumeRendering(volume, transfer: transfer) }
      var raster: Raster?
      let drawing = clock.measure { raster = rendering?.render(width: 1024, height: 1024) }
      print("512^3 \(name): loading \(loading), 1024 x 1024 in \(drawing)")
      if let raster, let folder = ProcessInfo.processInfo.environment["VOXELITH_GALLERY"] {
        try Data(try PNGFile.encode(raster.over(.white))).write(
          to: URL(fileURLWithPath: folder + "/bench-\(name).png"))
      }
    }
  }
}
