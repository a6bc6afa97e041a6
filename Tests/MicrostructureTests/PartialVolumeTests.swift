import Foundation
import Microstructure
import Testing
import Volumetry

/// Labels of three phases against phantoms whose grey values are sums over parts of voxels, blurred by sums in space.
@Suite struct PartialVolumeTests {
  private static let means: [Float] = [8000, 17000, 30000]

  /// Balls of active material and lumps of binder in a pore space, three points a voxel side, no blur: parts of each
  /// phase in each voxel.
  private static func phantom(_ shape: Shape, seed: UInt64) -> [[Float]] {
    var random = SeededGenerator(seed: seed)
    func balls(_ count: Int, _ radii: ClosedRange<Double>) -> [(SIMD3<Double>, Double)] {
      (0..<count).map { _ in
        (
          SIMD3(random.uniform(), random.uniform(), random.uniform())
            * SIMD3(Double(shape.x), Double(shape.y), Double(shape.z)),
          radii.lowerBound + (radii.upperBound - radii.lowerBound) * random.uniform()
        )
      }
    }
    let active = balls(shape.count / 6000, 7...11)
    let binder = balls(shape.count / 6000, 5...7)
    func isIn(_ point: SIMD3<Double>, _ balls: [(SIMD3<Double>, Double)]) -> Bool {
      balls.contains { (middle, radius) in
        let apart = point - middle
        return (apart * apart).sum() < radius * radius
      }
    }
    var parts = [[Float]](repeating: [Float](repeating: 0, count: shape.count), count: 3)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let i = shape.index(z: z, y: y, x: x)
          for n in 0..<27 {
            let point = SIMD3(
              Double(x) + (Double(n % 3) + 0.5) / 3, Double(y) + (Double(n / 3 % 3) + 0.5) / 3,
              Double(z) + (Double(n / 9) + 0.5) / 3)
            parts[isIn(point, active) ? 2 : isIn(point, binder) ? 1 : 0][i] += 1 / 27
          }
        }
      }
    }
    return parts
  }

  private static func scan(_ parts: [[Float]], _ shape: Shape, blur: Double, noise: Double) -> [Float] {
    var grey = parts[0].indices.map { i in (0..<3).reduce(Float(0)) { $0 + means[$1] * parts[$1][i] } }
    for axis in 0..<3 { grey = blurred(grey, shape, axis, blur) }
    var random = SeededGenerator(seed: 77)
    for i in grey.indices { grey[i] += Float(noise * random.normal()) }
    return grey
  }

  private static func blurred(_ values: [Float], _ shape: Shape, _ axis: Int, _ sigma: Double) -> [Float] {
    let step = [1, shape.x, shape.x * shape.y][axis]
    let length = [shape.x, shape.y, shape.z][axis]
    let reach = Int((5 * sigma).rounded(.up))
    return values.indices.map { i in
      let place = i / step % length
      var sum = 0.0
      var whole = 0.0
      for n in -reach...reach {
        let weight = exp(-Double(n * n) / (2 * sigma * sigma))
        sum += weight * Double(values[i + (min(max(place + n, 0), length - 1) - place) * step])
        whole += weight
      }
      return Float(sum / whole)
    }
  }

  private static let shape = Shape(z: 56, y: 60, x: 64)
  private static let parts = phantom(shape, seed: 4)

  private static func volume(_ values: [Float], _ shape: Shape = shape) -> Volume<Float> {
    Volume(grid: Grid(unscaled: shape), voxels: values)
  }

  private static func labels(_ grey: [Float], _ partialVolume: Bool?, threads: Int = 2, memory: Int = 1 << 30)
    throws -> (values: [UInt8], report: SegmentationReport)
  {
    let segmentation = try Segmentation(
      volume(grey),
      options: SegmentationOptions(method: .fixed([12500, 23500]), partialVolume: partialVolume),
      resources: Resources(threads: threads, memory: memory))
    let sink = MemorySink<UInt8>(grid: segmentation.prepared.grid)
    let report = try segmentation.run(into: sink, resources: Resources(threads: threads, memory: memory))
    return (sink.volume.voxels, report)
  }

  /// Mean error of the middle phase and the spread of its error in boxes of 8 voxels a side.
  private static func wrong(_ labels: [UInt8]) -> (bias: Double, spread: Double) {
    var moments = Moments()
    for z in 0..<(shape.z / 8) {
      for y in 0..<(shape.y / 8) {
        for x in 0..<(shape.x / 8) {
          var sum = 0.0
          for n in 0..<512 {
            let i = shape.index(z: 8 * z + n / 64, y: 8 * y + n / 8 % 8, x: 8 * x + n % 8)
            sum += (labels[i] == 1 ? 1 : 0) - Double(parts[1][i])
          }
          moments.add(sum / 512)
        }
      }
    }
    return (moments.mean, moments.standardDeviation)
  }

  @Test(arguments: [(0.7, 660.0), (1.0, 1100), (1.4, 1100), (1.0, 3300)])
  func blurredEdgesAreNotTakenForTheMiddlePhase(_ blur: Double, _ noise: Double) throws {
    let grey = Self.scan(Self.parts, Self.shape, blur: blur, noise: noise)
    let plain = try Self.labels(grey, false)
    let sharp = try Self.labels(grey, nil)
    let (before, after) = (Self.wrong(plain.values), Self.wrong(sharp.values))
    #expect(before.bias > 0.04)
    #expect(abs(after.bias) < 0.01)
    #expect(after.spread < 0.4 * before.spread)
    let model = try #require(sharp.report.partialVolume)
    // A voxel's own width of 1/sqrt(12) is part of it.
    #expect(abs(model.blur - (blur * blur + 1.0 / 12).squareRoot()) < 0.1)
    #expect(plain.report.partialVolume == nil)
  }

  /// The blur is right within its error whether faces lie between voxels or cut them.
  @Test(arguments: [(0.6, 0.01), (0.6, 0.08), (0.9, 0.05), (1.2, 0.1)], [true, false])
  func theBlurIsRightWithinItsError(_ scan: (blur: Double, noise: Double), cut: Bool) throws {
    let (low, range) = (13000.0, 27000.0)
    let active = cut ? Self.parts[2] : Self.parts[2].map { $0 > 0.5 ? Float(1) : 0 }
    var grey = active.map { Float(low) + Float(range) * $0 }
    for axis in 0..<3 { grey = Self.blurred(grey, Self.shape, axis, scan.blur) }
    var random = SeededGenerator(seed: 78)
    for i in grey.indices { grey[i] += Float(scan.noise * range * random.normal()) }
    let model = try PartialVolume.fit(
      Self.volume(grey), thresholds: [low + 0.5 * range], resources: Resources(threads: 2))
    let found = try model.blurVariance(in: Self.volume(grey), resources: Resources(threads: 2))
    #expect(found.sigma < 0.06)
    #expect(abs(found.value - scan.blur * scan.blur) < 2 * found.sigma, "\(found)")
  }

  /// What a simulation of the labels tells of their errors is what they are.
  @Test func errorsAreForetold() throws {
    let grey = Self.scan(Self.parts, Self.shape, blur: 0.9, noise: 1500)
    let sharp = try Self.labels(grey, true)
    let model = try #require(sharp.report.partialVolume)
    let found = Volume(grid: Grid(unscaled: Self.shape), voxels: sharp.values)
    let errors = try model.errors(of: found, side: SIMD3(8, 8, 8), resources: Resources(threads: 2))
    #expect(errors.count == 7 * 7 * 8)
    var moments = Moments()
    for error in errors {
      moments.add(error[1])
      #expect(abs(error.reduce(0, +)) < 1e-6)
    }
    let ratio = moments.standardDeviation / Self.wrong(sharp.values).spread
    #expect(ratio > 0.6 && ratio < 1.4, "\(ratio)")
    // The number of faces decides little where the grey values decide.
    let loose = try model.looseness(of: Self.volume(grey), resources: Resources(threads: 2))
    #expect(loose.allSatisfy { abs($0) < 0.02 } && abs(loose.reduce(0, +)) < 1e-12)
  }

  @Test func theSameForAnyThreadsAndMemory() throws {
    let grey = Self.scan(Self.parts, Self.shape, blur: 1, noise: 1100)
    #expect(
      try Self.labels(grey, nil, threads: 1).values
        == Self.labels(grey, nil, threads: 3, memory: 8 << 20).values)
  }

  @Test func missingVoxelsStayOutside() throws {
    var grey = Self.scan(Self.parts, Self.shape, blur: 1, noise: 1100)
    for i in 0..<500 { grey[i * 97] = .nan }
    let sharp = try Self.labels(grey, nil)
    #expect(sharp.report.partialVolume != nil)
    #expect((0..<500).allSatisfy { sharp.values[$0 * 97] == 255 })
    #expect(sharp.report.outsideVoxels == 500)
  }

  /// Where the middle phase is nowhere seen pure, thresholds remain, and the report says why.
  @Test func whatCannotBeToldIsSaid() throws {
    let shape = Self.shape
    var random = SeededGenerator(seed: 8)
    let dust = (0..<shape.count).map { _ in Self.means[Int(3 * random.uniform())] }
    let plain = try Self.labels(dust, nil)
    #expect(plain.report.partialVolume == nil)
    #expect(plain.report.partialVolumeReason?.contains("thick enough") == true)
    #expect(throws: VoxelithError.self) { try Self.labels(dust, true) }
  }

  @Test func hysteresisHasNone() {
    let options = SegmentationOptions(method: .hysteresis(low: 1, high: 2), partialVolume: true)
    #expect(throws: VoxelithError.self) {
      try Segmentation(Self.volume([Float](repeating: 1, count: Self.shape.count)), options: options)
    }
  }
}
