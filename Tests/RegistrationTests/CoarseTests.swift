import Foundation
import Registration
import Testing
import Volumetry

@Suite("Coarse alignment in Fourier space") struct CoarseTests {
  func field(_ shape: Shape, seed: UInt64) -> [Float] {
    var random = SeededGenerator(seed: seed)
    let noise = (0..<shape.count).map { _ in Float(random.normal()) }
    return SeparableFilter.gaussian(noise, shape: shape, sigma: SIMD3(repeating: 1.2))
  }

  @Test("phase correlation finds a shift to a fraction of a voxel along each axis")
  func phase() throws {
    let big = Shape(z: 44, y: 48, x: 52)
    let volume = Volume<Float>(grid: Grid(shape: big, spacing: .one), voxels: field(big, seed: 1))
    let grid = Grid(shape: Shape(z: 32, y: 36, x: 40), spacing: .one, origin: SIMD3(6, 6, 6))
    let shift = SIMD3(2.3, -3.6, 1.1)
    let fixed = try ResampledVolume(volume, on: grid).loadFloats()
    let moving = try ResampledVolume(
      volume, on: grid, through: SpatialTransform(translation: -shift), interpolation: .cubic
    ).loadFloats()
    let found = try PhaseCorrelation.shift(from: fixed, to: moving)
    let error = found.voxels - shift
    #expect(max(error.max(), -error.min()) < 0.15)
    #expect(found.peak > 0.1 && found.peak <= 1)
    let flat = Volume<Float>(grid: grid, repeating: 1)
    #expect(throws: VoxelithError.self) { try PhaseCorrelation.shift(from: fixed, to: flat) }
  }

  @Test("masked correlation ignores what is missing and equals the direct sum")
  func masked() throws {
    let shape = Shape(z: 10, y: 11, x: 12)
    var f = field(shape, seed: 3)
    var g = [Float](repeating: .nan, count: shape.count)
    for z in 0..<10 {
      for y in 0..<11 {
        for x in 0..<10 { g[shape.index(z: z, y: y, x: x + 2)] = 3 * f[shape.index(z: z, y: y, x: x)] + 1 }
      }
    }
    for i in stride(from: 0, to: f.count, by: 7) { f[i] = .nan }
    let correlator = try MaskedCorrelation(fixed: f, shape: shape, movingShape: shape)
    let peak = try #require(try correlator.bestShift(of: g, minimumOverlap: 0.3, allowsInversion: false))
    #expect(peak.shift == SIMD3(2, 0, 0) && peak.correlation > 0.999)
    // Another shift by hand: (1, -1, 2).
    let (correlation, _, shifts) = try correlator.correlate(g, least: 10)
    var a: [Double] = []
    var b: [Double] = []
    for z in 0..<10 {
      for y in 0..<11 {
        for x in 0..<12 {
          let (gz, gy, gx) = (z + 2, y - 1, x + 1)
          guard gz < 10, gy >= 0, gx < 12 else { continue }
          let left = f[shape.index(z: z, y: y, x: x)]
          let right = g[shape.index(z: gz, y: gy, x: gx)]
          if left.isNaN || right.isNaN { continue }
          a.append(Double(left))
          b.append(Double(right))
        }
      }
    }
    let ma = a.reduce(0, +) / Double(a.count)
    let mb = b.reduce(0, +) / Double(b.count)
    let ab = zip(a, b).reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) }
    let aa = a.reduce(0) { $0 + ($1 - ma) * ($1 - ma) }
    let bb = b.reduce(0) { $0 + ($1 - mb) * ($1 - mb) }
    let direct = ab / (aa * bb).squareRoot()
    let fast = correlation[shifts.index(z: 2 + 9, y: -1 + 10, x: 1 + 11)]
    #expect(abs(Double(fast) - direct) < 1e-4)
  }

  @Test("a larger least overlap, for which transforms are shorter, changes no correlation")
  func leastOverlap() throws {
    let (fixed, moving) = (Shape(z: 9, y: 12, x: 10), Shape(z: 14, y: 8, x: 11))
    var f = field(fixed, seed: 11)
    for i in stride(from: 0, to: f.count, by: 5) { f[i] = .nan }
    let g = field(moving, seed: 12)
    let correlator = try MaskedCorrelation(fixed: f, shape: fixed, movingShape: moving)
    let (all, counts, shape) = try correlator.correlate(g, least: 3)
    for least in [20, 100, 300] {
      let (some, overlap, same) = try correlator.correlate(g, least: least)
      #expect(same == shape)
      var known = 0
      for i in all.indices {
        #expect(some[i].isNaN == (all[i].isNaN || counts[i] < Float(least)))
        guard !some[i].isNaN else { continue }
        known += 1
        #expect(abs(some[i] - all[i]) < 1e-3 && overlap[i] == counts[i])
      }
      #expect(known > 100)
    }
  }

  @Test("a turn of 170 degrees about the beam is recovered")
  func fullTurn() throws {
    let twin = try TwinCase(seed: 21, turn: 170, side: 12)
    let result = try VolumeRegistration.align(
      moving: twin.moving, to: twin.fixed, variance: twin.variance,
      options: RegistrationOptions(spread: twin.spread, maximumAngle: 8, searchesFullTurn: true))
    #expect(result.transform.meanError(against: twin.truth, over: twin.fixed.grid) < 0.1 * twin.voxel)
  }
}
