import Foundation
import Microstructure
import Readers
import Registration
import Results
import TestSupport
import Testing
import Volumetry

/// Two phases of random balls, blurred and noised here, through thresholds and grey values to a coarse grid.
@Suite("Fractions from grey values") struct GreyFractionTests {
  private static let side = 120
  private static let ratio = 6

  /// 1 in balls of radii from 4 to 9 voxels that may overlap, over about half of the volume.
  private static func balls(seed: UInt64) -> [Float] {
    var random = SeededGenerator(seed: seed)
    var labels = [Float](repeating: 0, count: side * side * side)
    for _ in 0..<900 {
      let radius = 4 + 5 * random.uniform()
      let middle = (0..<3).map { _ in random.uniform() * Double(side) }
      let low = middle.map { max(0, Int($0 - radius)) }
      let high = middle.map { min(side, Int($0 + radius) + 2) }
      for z in low[0]..<high[0] {
        for y in low[1]..<high[1] {
          for x in low[2]..<high[2] {
            let away = [Double(z), Double(y), Double(x)].enumerated().reduce(0.0) {
              $0 + ($1.element - middle[$1.offset]) * ($1.element - middle[$1.offset])
            }
            if away <= radius * radius { labels[(z * side + y) * side + x] = 1 }
          }
        }
      }
    }
    return labels
  }

  /// Weighted means along each axis in turn; voxels beyond the border are the nearest ones.
  private static func blurred(_ values: [Float], sigma: Double) -> [Float] {
    let reach = Int((5 * sigma).rounded(.up))
    let weights = (-reach...reach).map { exp(-0.5 * Double($0 * $0) / (sigma * sigma)) }
    let sum = weights.reduce(0, +)
    var result = values
    for step in [1, side, side * side] {
      let before = result
      for i in before.indices {
        let place = i / step % side
        var value = 0.0
        for (k, weight) in weights.enumerated() {
          let other = min(side - 1, max(0, place + k - reach))
          value += weight * Double(before[i + (other - place) * step])
        }
        result[i] = Float(value / sum)
      }
    }
    return result
  }

  private static func coarse(_ values: [Float]) -> [Double] {
    let cells = side / ratio
    var sums = [Double](repeating: 0, count: cells * cells * cells)
    for i in values.indices {
      let (z, y, x) = (i / (side * side), i / side % side, i % side)
      sums[((z / ratio) * cells + y / ratio) * cells + x / ratio] += Double(values[i])
    }
    return sums.map { $0 / Double(ratio * ratio * ratio) }
  }

  @Test(
    "the said error of a single voxel is the true one",
    arguments: [(blur: 0.7, noise: 5.0), (1.5, 5)])
  func own(blur: Double, noise: Double) throws {
    let labels = Self.balls(seed: UInt64(10 * blur))
    var random = SeededGenerator(seed: UInt64(noise))
    let grey = Self.blurred(labels, sigma: blur).map { 50 + 100 * $0 + Float(noise * random.normal()) }
    let fine = Grid(
      shape: Shape(z: Self.side, y: Self.side, x: Self.side), spacing: SIMD3(repeating: 0.5))
    let source = Volume(grid: fine, voxels: grey)
    let cells = Self.side / Self.ratio
    let target = Grid(
      shape: Shape(z: cells, y: cells, x: cells), spacing: SIMD3(repeating: 0.5 * Double(Self.ratio)))
    let segmentation = try Segmentation(source, options: SegmentationOptions())
    var projection = try FieldProjection(onto: target, through: .identity)
    projection.minimumCoverage = 0.999
    let folder = try TemporaryFolder()
    try FractionFolder.write(
      FractionFolder.Request(
        phases: [.init(name: "active", label: 1)], pore: 0, projection: projection, alignment: nil,
        segmentation: segmentation, fine: fine, variants: [], givenSigma: 0, truth: []),
      labels: segmentation.rawLabels(), to: folder.path, resources: Resources())
    let report = try JSONDecoder().decode(
      FractionReport.self, from: Data(contentsOf: URL(fileURLWithPath: folder.path + "/fractions.json")))
    let found = try FractionFile.open(folder.path + "/fractions.tif")[0].readFloats(
      Region(whole: target.shape))
    var errors = Moments()
    for (value, truth) in zip(found, Self.coarse(labels)) where value.isFinite {
      errors.add(Double(value) - truth)
    }
    let phase = report.phases[0]
    print(
      "blur \(blur) noise \(noise): bias \(errors.mean) spread \(errors.standardDeviation) said own \(phase.sigma.own) (sampling \(phase.sigma.sampling), noise and exchange \(phase.sigma.noise)) shared \(phase.sigma.shared), model \(String(describing: report.grey)) blur \(String(describing: report.blur))"
    )
    #expect(errors.count > 6000)
    #expect((0.8...1.25).contains(errors.standardDeviation / phase.sigma.own))
    #expect(abs(errors.mean) < 3 * phase.sigma.shared + 1e-4)
  }
}
