import Foundation
import Testing
import Tomography
import Volumetry

/// A disc with a course of contrast, projected by its own chords with noise of its own.
struct DiscScan {
  let columns = 24
  let angles: Int
  var first: [Float] = []
  var second: [Float] = []
  let truth: [Double]
  let isInside: [Bool]

  static let spread = 30.0

  /// - Parameters:
  ///   - shift: columns between the middle and the axis.
  ///   - slope: change of the contrast from column to column along x, and along z.
  init(
    angles: Int = 40, counts: Double = 2e5, shift: Double = 0, slope: SIMD2<Double> = SIMD2(0.02, 0.01),
    seed: UInt64 = 1, from start: Double = 0, over span: Double = 180
  ) {
    self.angles = angles
    var generator = SeededGenerator(seed: seed)
    let middle = 0.5 * Double(columns - 1)
    let radius = 8.3
    for angle in 0..<angles {
      let t = (start + span * Double(angle) / Double(angles)) * .pi / 180
      for column in 0..<columns {
        // Means over the column; along a chord the mean of the contrast is its value at the chord's middle.
        var chord = 0.0
        var moment = 0.0
        for part in 0..<16 {
          let s = Double(column) - middle - shift + (Double(part) + 0.5) / 16 - 0.5
          let half = max(0, radius * radius - s * s).squareRoot()
          chord += 2 * half / 16
          moment += 2 * half / 16 * (s * cos(t) * slope.x + s * sin(t) * slope.y)
        }
        let scale = counts / (2 * radius)
        first.append(Float(generator.poisson(scale * chord)))
        let noise = Self.spread * (scale * chord).squareRoot() * generator.normal()
        second.append(Float(scale * moment + noise))
      }
    }
    var truth: [Double] = []
    var isInside: [Bool] = []
    for z in 0..<columns {
      for x in 0..<columns {
        let (px, pz) = (Double(x) - middle - shift, Double(z) - middle)
        truth.append(slope.x * px + slope.y * pz)
        isInside.append((px * px + pz * pz).squareRoot() < radius - 1)
      }
    }
    self.truth = truth
    self.isInside = isInside
  }

  func projections() throws -> AmplitudeProjections {
    try AmplitudeProjections(
      angles: angles, rows: 1, columns: columns, first: first, second: second,
      noise: [PairNoise](
        repeating: PairNoise(perFirst: SIMD3(1, 0, Self.spread * Self.spread), oneCount: 1),
        count: columns))
  }

  func geometry(center: Double? = nil, sense: ProjectionGeometry.Sense = .right) throws -> ProjectionGeometry
  {
    try ProjectionGeometry(
      degrees: (0..<angles).map { 180 * Double($0) / Double(angles) }, columns: columns, center: center,
      sense: sense)
  }

  /// Root mean square error, and that of errors over sigma, within the disc.
  func errors(_ contrast: [Float], _ sigma: [Float]) -> (rms: Double, pull: Double) {
    var sum = 0.0
    var pulls = 0.0
    var number = 0.0
    for index in truth.indices where isInside[index] {
      let error = Double(contrast[index]) - truth[index]
      sum += error * error
      pulls += error * error / Double(sigma[index] * sigma[index])
      number += 1
    }
    return ((sum / number).squareRoot(), (pulls / number).squareRoot())
  }
}

struct ReconstructionTests {
  private func reconstruct(
    _ scan: DiscScan, geometry: ProjectionGeometry? = nil, threads: Int = 2
  ) throws -> SliceResult {
    try StatisticalReconstruction(
      try scan.projections(), geometry: try geometry ?? scan.geometry(), options: ReconstructionOptions(),
      resources: Resources(threads: threads)
    ).slice(row: 0, resources: Resources())
  }

  @Test("errors are what sigma says, and smaller than those of filtered back projection")
  func errors() throws {
    var pulls = 0.0
    var backPulls = 0.0
    for seed in 1...4 {
      let scan = DiscScan(seed: UInt64(seed))
      let slice = try reconstruct(scan)
      let found = scan.errors(slice.contrast, slice.contrastSigma)
      let back = FilteredBackProjection(try scan.geometry()).slice(try scan.projections(), row: 0)
      let quick = scan.errors(back.contrast, back.contrastSigma)
      #expect(found.rms < 0.6 * quick.rms)
      pulls += found.pull * found.pull / 4
      backPulls += quick.pull * quick.pull / 4
      #expect(abs(slice.chiSquared / slice.degreesOfFreedom - 1) < 0.25)
    }
    #expect((0.75...1.25).contains(pulls.squareRoot()))
    #expect((0.85...1.15).contains(backPulls.squareRoot()))
  }

  @Test("with fewer views than columns residuals and errors are still what counts explain")
  func fewViews() throws {
    var pulls = 0.0
    for seed in 1...4 {
      let scan = DiscScan(angles: 16, seed: UInt64(seed))
      let slice = try reconstruct(scan)
      let found = scan.errors(slice.contrast, slice.contrastSigma)
      pulls += found.pull * found.pull / 4
      #expect(abs(slice.chiSquared / slice.degreesOfFreedom - 1) < 0.35)
    }
    #expect((0.75...1.25).contains(pulls.squareRoot()))
  }

  @Test("views from opposite sides differ where photons are absorbed, and only there")
  func opposite() throws {
    var scan = DiscScan(over: 360)
    let degrees = (0..<scan.angles).map { 9 * Double($0) }
    let geometry = try ProjectionGeometry(degrees: degrees, columns: scan.columns)
    let clear = OppositeViews.difference(try scan.projections(), geometry, centers: [11.5])
    #expect(try #require(clear) < 0.005)
    for ray in scan.first.indices { scan.first[ray] *= Float(exp(-0.02 * Double(ray % scan.columns))) }
    let absorbed = OppositeViews.difference(try scan.projections(), geometry, centers: [11.5])
    #expect(try #require(absorbed) > 0.05)
    #expect(OppositeViews.difference(try scan.projections(), try scan.geometry(), centers: [11.5]) == nil)
  }

  @Test("the sense of rotation tells a sample from its mirror image")
  func sense() throws {
    let scan = DiscScan(counts: 2e6, slope: SIMD2(0, 0.04))
    let right = try reconstruct(scan)
    let left = try reconstruct(scan, geometry: scan.geometry(sense: .left))
    let (low, high) = (6 * scan.columns + 12, 17 * scan.columns + 12)
    #expect(right.contrast[high] - right.contrast[low] > 0.3)
    #expect(left.contrast[high] - left.contrast[low] < -0.3)
  }

  @Test("one thread and two give the same numbers")
  func threads() throws {
    let scan = DiscScan()
    let one = try reconstruct(scan, threads: 1)
    let two = try reconstruct(scan, threads: 2)
    #expect(one.contrast.map(\.bitPattern) == two.contrast.map(\.bitPattern))
    #expect(one.contrastSigma.map(\.bitPattern) == two.contrastSigma.map(\.bitPattern))
  }

  @Test("the axis is found where it is", arguments: [0.0, 1.7, -2.4])
  func axis(shift: Double) throws {
    let scan = DiscScan(shift: shift)
    let found = try #require(AxisEstimate(try scan.projections(), geometry: try scan.geometry()))
    #expect(abs(found.center - 11.5 - shift) < max(0.02, 4 * found.centerSigma))
  }

  @Test("angles that repeat and axes outside of the columns are refused, gaps are told")
  func geometry() throws {
    #expect(throws: VoxelithError.self) { try ProjectionGeometry(degrees: [0, 60, 120, 360], columns: 8) }
    #expect(throws: VoxelithError.self) { try ProjectionGeometry(degrees: [0, 60], columns: 8) }
    #expect(throws: VoxelithError.self) {
      try ProjectionGeometry(degrees: [0, 60, 120], columns: 8, center: 9)
    }
    let wedge = try ProjectionGeometry(degrees: (0..<25).map { 5 * Double($0) }, columns: 8)
    #expect(abs(wedge.largestGap - 60) < 1e-9)
    #expect(try ProjectionGeometry(degrees: [0, 90, 180, 270], columns: 8).views == 2)
  }

  @Test("rays without numbers have no weight")
  func missing() throws {
    var scan = DiscScan()
    for ray in stride(from: 5, to: scan.first.count, by: 37) { scan.second[ray] = .nan }
    let slice = try reconstruct(scan)
    let found = scan.errors(slice.contrast, slice.contrastSigma)
    #expect(found.rms.isFinite && (0.6...1.5).contains(found.pull))
  }

  @Test("a pixel that counts nothing at any angle is left out")
  func dead() throws {
    var scan = DiscScan()
    for angle in 0..<scan.angles {
      scan.first[angle * scan.columns + 9] = 0
      scan.second[angle * scan.columns + 9] = 0
    }
    #expect(try scan.projections().deadPixels == 1)
    let slice = try reconstruct(scan)
    let found = scan.errors(slice.contrast, slice.contrastSigma)
    #expect((0.6...1.5).contains(found.pull))
    let inside = scan.truth.indices.filter { scan.isInside[$0] }
    #expect(inside.allSatisfy { !slice.isEmpty[$0] })
    // Air on both sides of a thin sample is no dead pixel.
    #expect(try DiscScan().projections().deadPixels == 0)
  }

  @Test("angles in another unit than they say, or no numbers, are refused")
  func units() throws {
    let error = #expect(throws: VoxelithError.self) {
      try ProjectionGeometry(degrees: (0..<60).map { Double($0) * .pi / 60 }, columns: 8)
    }
    #expect(error?.advice?.contains("radians") == true)
    let hole = #expect(throws: VoxelithError.self) {
      try ProjectionGeometry(degrees: [0, 60, .nan, 120], columns: 8)
    }
    #expect(hole?.message.contains("projection 2") == true)
  }

  @Test("without counts there is no reconstruction")
  func empty() throws {
    var scan = DiscScan()
    scan.first = scan.first.map { _ in 0 }
    #expect(throws: VoxelithError.self) { try reconstruct(scan) }
  }
}
