import Foundation
import Microstructure
import Testing
import Volumetry

@Suite("Grey values of pure phases") struct GreyModelTests {
  let shape = Shape(z: 96, y: 100, x: 104)

  /// Labels of waves, blurred, with noise: values 10 and 40.
  private func volume(blur: Double, noise: Double, seed: UInt64) -> (Volume<Float>, Double) {
    var labels = [Float](repeating: 0, count: shape.count)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let wave =
            sin(Double(x) / 4.3) * cos(Double(y) / 5.1) + sin(Double(y) / 4.7) * cos(Double(z) / 4.4)
          labels[shape.index(z: z, y: y, x: x)] = wave > 0.15 ? 1 : 0
        }
      }
    }
    let smooth = SeparableFilter.gaussian(
      labels, shape: shape, sigma: SIMD3(repeating: blur), threads: 1)
    var random = SeededGenerator(seed: seed)
    let grey = smooth.map { 10 + 30 * $0 + Float(noise * random.normal()) }
    let fraction = smooth.reduce(0.0) { $0 + Double($1) } / Double(shape.count)
    return (Volume(grid: Grid(shape: shape, spacing: .one), voxels: grey), fraction)
  }

  @Test("the mean part of a phase is right to 0.0003 where Otsu's is not", arguments: [0.7, 1.0])
  func fraction(blur: Double) throws {
    let (grey, truth) = volume(blur: blur, noise: 2.5, seed: 1)
    let counts = try GreyHistogram.gather(grey)
    let thresholds = try OtsuThresholds.thresholds(counts)
    let model = try GreyModel.fit(grey, thresholds: thresholds)
    var mean = Moments()
    for value in grey.voxels { mean.add(Double(value)) }
    let found = (mean.mean - model.means[0]) / (model.means[1] - model.means[0])
    let otsu = Double(grey.voxels.count { Double($0) > thresholds[0] }) / Double(shape.count)
    print(
      "blur \(blur): grey \(found - truth), Otsu \(otsu - truth), values \(model.means) +- \(model.meanErrors), blur \(model.blur)"
    )
    #expect(abs(found - truth) < 3e-4)
    #expect(abs(found - truth) < abs(otsu - truth))
    // Derivatives of the fraction by the two values are -(1 - f)/gap and -f/gap.
    let said = model.errorModes.reduce(0.0) { sum, mode in
      let change = ((1 - truth) * mode[0] + truth * mode[1]) / 30
      return sum + change * change
    }.squareRoot()
    #expect(abs(found - truth) < 3 * said && said < 3e-4, "said \(said)")
    #expect(abs(model.noise - 2.5) < 0.1 && abs(model.blur - blur) < 0.15)
    #expect(model.correlatedVoxels < 1.3)
    for (value, wanted) in zip(model.means, [10.0, 40]) {
      #expect(abs(value - wanted) < 0.3, "\(model.means) \(model.meanErrors)")
    }
  }

  @Test("grains and spikes thinner than a neighbourhood do not spoil the values")
  func grains() throws {
    var (grey, _) = volume(blur: 0.7, noise: 2.5, seed: 4)
    var random = SeededGenerator(seed: 5)
    var voxels = grey.voxels
    for i in voxels.indices where random.uniform() < 0.002 { voxels[i] = voxels[i] > 25 ? 10 : 40 }
    grey = Volume(grid: grey.grid, voxels: voxels)
    let model = try GreyModel.fit(grey, thresholds: [25])
    for (value, (wanted, error)) in zip(model.means, zip([10.0, 40], model.meanErrors)) {
      #expect(abs(value - wanted) < max(0.03, 3 * error), "\(model.means) +- \(model.meanErrors)")
    }
  }

  @Test("noise that neighbours share makes the values less certain")
  func correlated() throws {
    let (clean, _) = volume(blur: 0.7, noise: 0, seed: 6)
    var random = SeededGenerator(seed: 7)
    let white = clean.voxels.map { _ in Float(random.normal()) }
    let smooth = SeparableFilter.gaussian(white, shape: shape, sigma: SIMD3(repeating: 0.7), threads: 1)
    var moments = Moments()
    for value in smooth { moments.add(Double(value)) }
    let scale = Float(2.5 / moments.standardDeviation)
    let grey = Volume(grid: clean.grid, voxels: zip(clean.voxels, smooth).map { $0 + scale * $1 })
    let model = try GreyModel.fit(grey, thresholds: [25])
    // The autocorrelation of noise smoothed by s voxels adds up to (2 s sqrt(pi))^3.
    let truth = pow(2 * 0.7 * Double.pi.squareRoot(), 3)
    #expect(
      (0.7 * truth...1.4 * truth).contains(model.correlatedVoxels), "\(model.correlatedVoxels) for \(truth)")
  }

  @Test("the model does not depend on blocks, and a phase without depth is refused")
  func blocks() throws {
    let (grey, _) = volume(blur: 0.7, noise: 2.5, seed: 2)
    let one = try GreyModel.fit(grey, thresholds: [25], resources: Resources(threads: 1))
    let many = try GreyModel.fit(grey, thresholds: [25], resources: Resources(threads: 4, memory: 8 << 20))
    #expect(one == many)
    var random = SeededGenerator(seed: 3)
    let dust = Volume(
      grid: grey.grid, voxels: grey.voxels.map { _ in Float(random.uniform() < 0.1 ? 40 : 10) })
    #expect(throws: VoxelithError.self) { try GreyModel.fit(dust, thresholds: [25]) }
  }
}
