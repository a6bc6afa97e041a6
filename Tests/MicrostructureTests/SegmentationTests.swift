import Foundation
import Microstructure
import TestSupport
import Testing
import Volumetry

/// Thresholds and phases against material of known truth.
@Suite struct SegmentationTests {
  static let grid = Grid(shape: Shape(z: 20, y: 24, x: 28), spacing: .one)

  /// Spheres of phase 1 (grey 150) in phase 0 (grey 100) with normal noise.
  static func twoPhases(noise: Double, seed: UInt64 = 3) -> (grey: Volume<Float>, truth: [UInt8]) {
    var generator = SeededGenerator(seed: seed)
    var truth: [UInt8] = []
    var grey: [Float] = []
    for z in 0..<grid.shape.z {
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x {
          let d = [z, y, x].map { Double($0 % 12) - 5.5 }
          let inside = d.reduce(0) { $0 + $1 * $1 } < 22
          truth.append(inside ? 1 : 0)
          grey.append(Float((inside ? 150.0 : 100.0) + noise * generator.normal()))
        }
      }
    }
    return (Volume(grid: grid, voxels: grey), truth)
  }

  static func labels(
    _ segmentation: Segmentation, grid: Grid = grid, resources: Resources = Resources()
  ) throws -> ([UInt8], SegmentationReport) {
    let sink = MemorySink<UInt8>(grid: grid)
    let report = try segmentation.run(into: sink, resources: resources)
    return (sink.volume.voxels, report)
  }

  private func wrong(_ labels: [UInt8], _ truth: [UInt8]) -> Double {
    Double(zip(labels, truth).count { $0 != $1 }) / Double(truth.count)
  }

  /// Against scikit-image's definition: the best of all cuts, by brute force.
  @Test func otsuIsTheBestOfAllCuts() throws {
    var generator = SeededGenerator(seed: 9)
    let counts = (0..<40).map { _ in Int(generator.next() % 50) }
    let histogram = GreyHistogram(lower: -0.5, binWidth: 1, counts: counts)
    func within(_ cuts: [Int]) -> Double {
      let edges = [0] + cuts + [counts.count]
      return zip(edges, edges.dropFirst()).reduce(0) { total, edge in
        let bins = edge.0..<edge.1
        let n = bins.reduce(0.0) { $0 + Double(counts[$1]) }
        guard n > 0 else { return total }
        let mean = bins.reduce(0.0) { $0 + Double(counts[$1]) * Double($1) } / n
        return total + bins.reduce(0.0) { $0 + Double(counts[$1]) * pow(Double($1) - mean, 2) }
      }
    }
    for classes in 2...4 {
      let cuts = try OtsuThresholds.thresholds(histogram, classes: classes).map { Int($0 + 0.5) }
      var best = Double.infinity
      func search(_ chosen: [Int]) {
        if chosen.count == classes - 1 {
          best = min(best, within(chosen))
          return
        }
        for cut in ((chosen.last ?? 0) + 1)..<counts.count { search(chosen + [cut]) }
      }
      search([])
      #expect(cuts.count == classes - 1)
      #expect(abs(within(cuts) - best) < 1e-6 * best)
    }
  }

  @Test func otsuFindsTwoPhases() throws {
    let sample = Self.twoPhases(noise: 5)
    let segmentation = try Segmentation(sample.grey, options: SegmentationOptions())
    #expect(abs(segmentation.thresholds[0] - 125) < 4)
    let (labels, report) = try Self.labels(segmentation)
    #expect(wrong(labels, sample.truth) < 1e-4)
    #expect(report.phases.map(\.voxels).reduce(0, +) == sample.truth.count)
  }

  @Test(arguments: [(SegmentationOptions.Denoise.none, 0.2), (.median, 0.075), (.nonLocalMeans, 0.075)])
  func denoisingHelps(_ denoise: SegmentationOptions.Denoise, _ limit: Double) throws {
    let sample = Self.twoPhases(noise: 25)
    var options = SegmentationOptions(method: .fixed([125]))
    options.denoise = denoise
    let segmentation = try Segmentation(sample.grey, options: options)
    let (labels, _) = try Self.labels(segmentation)
    let share = wrong(labels, sample.truth)
    #expect(share < limit, "\(denoise): \(share)")
    #expect(denoise != .none || share > 0.12)
  }

  @Test func noiseIsEstimated() throws {
    let sample = Self.twoPhases(noise: 8)
    let estimate = try NoiseEstimate.standardDeviation(of: sample.grey)
    #expect(abs(estimate - 8) < 2)
    #expect(try NoiseEstimate.standardDeviation(of: Volume<Float>(grid: Self.grid, repeating: 5)) == 0)
  }

  @Test func medianIsTheMedian() throws {
    let sample = Self.twoPhases(noise: 30)
    let view = FilteredView(sample.grey, .median)
    let filtered = try view.readFloats(Region(whole: Self.grid.shape))
    for (z, y, x) in [(0, 0, 0), (5, 6, 7), (19, 23, 27), (10, 0, 27)] {
      var window: [Float] = []
      for dz in -1...1 {
        for dy in -1...1 {
          for dx in -1...1 {
            window.append(
              sample.grey[min(max(z + dz, 0), 19), min(max(y + dy, 0), 23), min(max(x + dx, 0), 27)])
          }
        }
      }
      #expect(filtered[Self.grid.shape.index(z: z, y: y, x: x)] == window.sorted()[13])
    }
  }

  @Test func biasIsTakenAway() throws {
    var sample = Self.twoPhases(noise: 2)
    for z in 0..<20 {
      for y in 0..<24 {
        for x in 0..<28 {
          let r2 = (pow(Double(x) - 13.5, 2) + pow(Double(y) - 11.5, 2)) / 340
          sample.grey[z, y, x] *= Float((1 + 0.5 * r2) * (1 + 0.02 * Double(z)))
        }
      }
    }
    let plain = try Segmentation(sample.grey, options: SegmentationOptions())
    let options = SegmentationOptions(bias: BiasModel.Options(radial: true, drift: true))
    let corrected = try Segmentation(sample.grey, options: options)
    let before = wrong(try Self.labels(plain).0, sample.truth)
    let after = wrong(try Self.labels(corrected).0, sample.truth)
    #expect(before > 0.05)
    #expect(after < 0.5 * before, "\(before) \(after)")
  }

  @Test func hysteresisKeepsWhatIsConnectedToStrongVoxels() throws {
    var grey = Volume<Float>(grid: Self.grid, repeating: 0)
    for x in 2..<10 { grey[3, 3, x] = 5 }
    grey[3, 3, 4] = 9
    for x in 2..<10 { grey[8, 8, x] = 5 }
    grey[15, 15, 15] = .nan
    let options = SegmentationOptions(method: .hysteresis(low: 4, high: 8))
    let (labels, report) = try Self.labels(Segmentation(grey, options: options))
    for x in 2..<10 {
      #expect(labels[Self.grid.shape.index(z: 3, y: 3, x: x)] == 1)
      #expect(labels[Self.grid.shape.index(z: 8, y: 8, x: x)] == 0)
    }
    #expect(labels[Self.grid.shape.index(z: 15, y: 15, x: 15)] == 255)
    #expect(report.phases[1].voxels == 8 && report.outsideVoxels == 1)
  }

  @Test func islandsTakeTheLabelAroundThem() throws {
    var grey = Volume<UInt8>(grid: Self.grid, repeating: 10)
    for z in 0..<20 { for y in 0..<24 { for x in 14..<28 { grey[z, y, x] = 30 } } }
    grey[5, 5, 5] = 30
    grey[9, 9, 20] = 10
    grey[9, 9, 21] = 20
    for x in 2..<8 { grey[12, 12, x] = 20 }
    var options = SegmentationOptions(method: .fixed([15, 25]))
    options.minimumIsland = 6
    let (labels, report) = try Self.labels(Segmentation(grey, options: options))
    let shape = Self.grid.shape
    #expect(labels[shape.index(z: 5, y: 5, x: 5)] == 0)
    #expect(labels[shape.index(z: 9, y: 9, x: 20)] == 2)
    #expect(labels[shape.index(z: 9, y: 9, x: 21)] == 2)
    #expect(labels[shape.index(z: 12, y: 12, x: 3)] == 1)
    #expect(report.islands?.removedComponents == 3 && report.islands?.removedVoxels == 3)
  }

  @Test func theCutDoesNotShow() throws {
    let sample = Self.twoPhases(noise: 20)
    var options = SegmentationOptions(bias: BiasModel.Options(radial: true, drift: true))
    options.denoise = .nonLocalMeans
    options.minimumIsland = 30
    var seen: ([UInt8], SegmentationReport)?
    for threads in [1, 2, 3, 8] {
      for memory in [1 << 20, 8 << 20, 1 << 30] {
        let resources = Resources(threads: threads, memory: memory)
        let segmentation = try Segmentation(sample.grey, options: options, resources: resources)
        let result = try Self.labels(segmentation, resources: resources)
        if let seen {
          #expect(seen.0 == result.0 && seen.1 == result.1, "\(threads) threads, \(memory) bytes")
        }
        seen = result
      }
    }
  }

  /// 9 MB of denoised grey values, which a budget of as many keeps on disk.
  @Test func denoisedVolumeBeyondTheBudget() throws {
    let grid = Grid(shape: Shape(z: 120, y: 130, x: 150), spacing: SIMD3(1, 1, 1))
    var generator = SeededGenerator(seed: 12)
    let voxels = (0..<grid.shape.count).map { index -> UInt8 in
      let phase: Double = index / 40 % 2 == 0 ? 100 : 150
      return UInt8(min(max(phase + 15 * generator.normal(), 0), 255))
    }
    var options = SegmentationOptions()
    options.denoise = .median
    options.minimumIsland = 20
    let results = try [9 << 20, 1 << 30].map { (memory: Int) -> ([UInt8], SegmentationReport) in
      let resources = Resources(threads: 2, memory: memory)
      let segmentation = try Segmentation(
        Volume(grid: grid, voxels: voxels), options: options, resources: resources)
      let stored = try #require(segmentation.prepared as? PagedVolume<Float>)
      #expect(stored.voxels.memory.isPaged == (memory < 1 << 30))
      return try Self.labels(segmentation, grid: grid, resources: resources)
    }
    #expect(results[0].0 == results[1].0 && results[0].1 == results[1].1)
  }

  @Test func sweepGivesRanges() throws {
    let sample = Self.twoPhases(noise: 10)
    let histogram = try GreyHistogram.gather(sample.grey)
    let nominal = try OtsuThresholds.thresholds(histogram)[0]
    let list = try ThresholdSweep.thresholds(about: nominal, in: histogram, fraction: 0.2, count: 5)
    #expect(list.count == 5 && abs(list[4] - list[0] - 20) < 3)
    let sweep = try ThresholdSweep.run(sample.grey, nominal: nominal, thresholds: list) {
      (labels, threshold) throws(VoxelithError) in
      let values = try labels.readLabels(Region(whole: Self.grid.shape))
      let share = Double(values.count { $0 == 1 }) / Double(values.count)
      return ["above": share, "seldom": threshold > nominal ? share : .nan]
    }
    #expect(sweep.rows.count == 5)
    let range = try #require(sweep.ranges["above"])
    let value = try #require(range.value)
    #expect(range.low < value && value < range.high)
    #expect(sweep.ranges["seldom"]?.value == nil)
  }

  @Test func badInput() throws {
    let constant = Volume<UInt8>(grid: Self.grid, repeating: 4)
    let mask = Volume<UInt8>(grid: Grid(shape: Shape(z: 2, y: 2, x: 2), spacing: .one), repeating: 1)
    func code(_ source: any VolumeSource, _ mask: (any VolumeSource)?, _ options: SegmentationOptions)
      -> VoxelithError.Code?
    {
      do {
        _ = try Segmentation(source, mask: mask, options: options)
        return nil
      } catch { return error.code }
    }
    #expect(code(constant, nil, SegmentationOptions()) == .data)
    #expect(code(constant, mask, SegmentationOptions(method: .fixed([3]))) == .data)
    #expect(code(constant, nil, SegmentationOptions(method: .fixed([3]))) == nil)
    #expect(code(constant, nil, SegmentationOptions(method: .fixed([]))) == .usage)
    #expect(code(constant, nil, SegmentationOptions(method: .fixed([3, 1]))) == .usage)
    #expect(code(constant, nil, SegmentationOptions(method: .otsu(classes: 1))) == .usage)
    #expect(code(constant, nil, SegmentationOptions(method: .hysteresis(low: 3, high: 1))) == .usage)
    let empty = Volume<Float>(grid: Self.grid, repeating: .nan)
    #expect(code(empty, nil, SegmentationOptions()) == .data)
  }
}
