import Foundation
import Testing
import Volumetry

@Suite struct MathematicsTests {
  @Test func distributions() {
    #expect(abs(Distributions.normalQuantile(0.975) - 1.959963984540054) < 1e-9)
    #expect(abs(Distributions.normalCDF(1.959963984540054) - 0.975) < 1e-12)
    #expect(abs(Distributions.chiSquaredTail(3.841458820694124, dof: 1) - 0.05) < 1e-9)
    #expect(abs(Distributions.chiSquaredTail(118.498, dof: 100) - 0.1) < 1e-4)
    #expect(abs(Distributions.studentTwoSided(2.228138852, dof: 10) - 0.05) < 1e-8)
    #expect(abs(logGamma(0.5) - 0.5 * log(Double.pi)) < 1e-12)
  }

  @Test(arguments: [0.3, 4.0, 9.5, 12, 250, 1e6]) func poissonMoments(mean: Double) {
    var random = SeededGenerator(seed: 5, stream: UInt64(mean * 10))
    var moments = Moments()
    for _ in 0..<100_000 { moments.add(Double(random.poisson(mean))) }
    #expect(abs(moments.mean - mean) < 5 * (mean / 100_000).squareRoot())
    #expect(abs(moments.variance / mean - 1) < 5 * (2.0 / 100_000 + 1 / (mean * 100_000)).squareRoot())
  }

  @Test func transformAndBack() throws {
    let shape = Shape(z: 5, y: 6, x: 7)
    var random = SeededGenerator(seed: 1)
    let values = (0..<shape.count).map { _ in Float(random.normal()) }
    let transform = try RealFFT(shape: shape)
    let spectrum = transform.forward(values)
    #expect(abs(spectrum[0] - values.reduce(0, +)) < 1e-4)
    for (left, right) in zip(transform.inverse(spectrum), values) { #expect(abs(left - right) < 1e-5) }
  }

  /// Whole numbers of pairs at a distance come out whole, up to 2^40.
  @Test func transformInDoublePrecision() throws {
    let shape = Shape(z: 4, y: 6, x: 9)
    var random = SeededGenerator(seed: 2)
    let values = (0..<shape.count).map { _ in Double(random.poisson(1e5)) }
    let transform = try RealFFT64(shape: shape)
    let spectrum = transform.forward(values)
    #expect(transform.spectrumCount == 4 * 6 * 5 && spectrum[1] == 0)
    #expect(abs(spectrum[0] - values.reduce(0, +)) < 1e-6)
    for (left, right) in zip(transform.inverse(spectrum), values) { #expect(abs(left - right) < 1e-9) }
    // Correlation by the theorem against its definition, periodic, one step along each axis.
    var power = spectrum
    for i in 0..<transform.spectrumCount {
      power[2 * i] = spectrum[2 * i] * spectrum[2 * i] + spectrum[2 * i + 1] * spectrum[2 * i + 1]
      power[2 * i + 1] = 0
    }
    let pairs = transform.inverse(power)
    var direct = 0.0
    for z in 0..<4 {
      for y in 0..<6 {
        for x in 0..<9 {
          direct +=
            values[shape.index(z: z, y: y, x: x)]
            * values[shape.index(z: (z + 1) % 4, y: (y + 1) % 6, x: (x + 1) % 9)]
        }
      }
    }
    #expect(pairs[shape.index(z: 1, y: 1, x: 1)].rounded() == direct)
    #expect(throws: VoxelithError.self) { try RealFFT64(shape: Shape(z: 0, y: 1, x: 1)) }
  }

  @Test func inverseNeedsPivotsAndTellsSingularMatrices() throws {
    let matrix = Matrix([[0, 2e6, 1], [1e-3, 0, 4e-4], [3, 1, -7]])
    let inverse = try #require(matrix.inverse)
    let product = matrix * inverse
    for i in 0..<3 {
      for j in 0..<3 { #expect(abs(product[i, j] - (i == j ? 1 : 0)) < 1e-9) }
    }
    #expect(Matrix([[1, 2], [2, 4]]).inverse == nil)
    #expect(Matrix([[1, 2, 3], [2, 4, 1]]).inverse == nil)
    #expect(Matrix([[.nan, 1], [1, 1]]).inverse == nil)
  }

  @Test func linearFitOfALine() throws {
    let fit = try LinearFit(
      design: Matrix([[1, 0], [1, 1], [1, 2]]), values: [1, 3, 5], variances: [1, 1, 1])
    #expect(abs(fit.parameters[0] - 1) < 1e-12 && abs(fit.parameters[1] - 2) < 1e-12)
    #expect(abs(fit.covariance[1, 1] - 0.5) < 1e-12 && fit.degreesOfFreedom == 1 && fit.chiSquared < 1e-20)
    #expect(throws: VoxelithError.self) {
      try LinearFit(design: Matrix([[1, 2], [2, 4]]), values: [1, 2], variances: [1, 1])
    }
  }

  @Test func gaussianOfAConstantAndARamp() {
    let shape = Shape(z: 9, y: 1, x: 30)
    let ramp = (0..<shape.count).map { Float($0 % 30) }
    let slope = SeparableFilter.convolve(
      ramp, shape: shape, along: .x, with: .gaussian(sigma: 2, order: 1))
    #expect(abs(slope[15] - 1) < 1e-5)
    let smooth = SeparableFilter.gaussian(
      [Float](repeating: 3, count: shape.count), shape: shape, sigma: SIMD3(1, 0, 2))
    #expect(smooth.allSatisfy { abs($0 - 3) < 1e-5 })
  }

  @Test func energyAxisIsChecked() throws {
    #expect(throws: VoxelithError.self) { try EnergyAxis(centers: [1, 3, 2]) }
    #expect(throws: VoxelithError.self) { try EnergyAxis(centers: [1]) }
    let axis = try EnergyAxis(centers: [1, 2, 4])
    #expect(axis.edges == [0.5, 1.5, 3, 5])
    #expect(throws: VoxelithError.self) { try Spectrum(energy: axis, counts: [1, -1, 0]) }
  }
}
