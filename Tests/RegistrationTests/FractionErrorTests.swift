import Foundation
import Registration
import Testing
import Volumetry

@Suite("What the sums of a projection are worth") struct FractionErrorTests {
  let fine = Grid(shape: Shape(z: 48, y: 48, x: 48), spacing: SIMD3(repeating: 5))
  let coarse = Grid(
    shape: Shape(z: 3, y: 3, x: 3), spacing: SIMD3(repeating: 40), origin: SIMD3(repeating: 60))

  private func labels(_ seed: UInt64) -> Volume<Float> {
    var random = SeededGenerator(seed: seed)
    let noise = (0..<fine.shape.count).map { _ in Float(random.normal()) }
    let smooth = SeparableFilter.gaussian(
      noise, shape: fine.shape, sigma: SIMD3(repeating: 1.2), threads: 1)
    return Volume(grid: fine, voxels: smooth.map { $0 > 0.05 ? 1 : $0 > 0 ? 2 : 0 })
  }

  @Test(
    "an aligned grid without point spread has no error of sums; a turned one has, and it adds up to nothing")
  func sampling() throws {
    let labels = labels(1)
    let straight = try FieldProjection(onto: coarse, through: .identity)
    let exact = try straight.phaseFractions(of: labels, phases: [0, 1, 2])
    let none = try straight.samplingErrors(of: labels, phases: [0, 1, 2], values: exact)
    #expect((0..<3).allSatisfy { none[$0, $0] < 1e-10 })
    let turned = try FieldProjection(
      onto: coarse,
      through: SpatialTransform(
        rotationVector: SIMD3(0.03, -0.05, 0.08), translation: SIMD3(3, -2, 1), about: SIMD3(repeating: 120)),
      spread: try PointSpread(fullWidthUm: SIMD3(repeating: 12)))
    let values = try turned.phaseFractions(of: labels, phases: [0, 1, 2])
    let errors = try turned.samplingErrors(of: labels, phases: [0, 1, 2], values: values)
    for phase in 0..<3 { #expect(errors[phase, phase] > 0 && errors[phase, phase].squareRoot() < 0.01) }
    // Fractions add up to one, and so their errors to nothing.
    for a in 0..<3 {
      let sum = (0..<3).reduce(0.0) { $0 + errors[a, $1] }
      #expect(abs(sum) < 0.02 * errors[a, a] + 1e-9)
    }
  }

  @Test("variance of a mean over white noise", arguments: [0.0, 12, 40])
  func noise(width: Double) throws {
    let projection = try FieldProjection(
      onto: coarse, through: .identity, spread: try PointSpread(fullWidthUm: SIMD3(repeating: width)))
    var random = SeededGenerator(seed: 4)
    var moments = Moments()
    for _ in 0..<40 {
      let noise = Volume(
        grid: fine, voxels: (0..<fine.shape.count).map { _ in Float(random.normal()) })
      for value in try projection.means(of: [noise])[0].voxels where !value.isNaN {
        moments.add(Double(value))
      }
    }
    let ratio = projection.squaredWeight(fine: fine).squareRoot() / moments.standardDeviation
    #expect(abs(ratio - 1) < 0.1, "\(ratio)")
  }

  @Test("changes by the parts of an alignment have its variance") func alignment() throws {
    let labels = labels(2)
    let averages = try PhaseAverages(of: labels, phases: [1], by: Shape(z: 2, y: 2, x: 2))
    let field = FieldSensitivity(of: averages.fractions[0], onto: coarse, through: .identity)
    let parameters = LocalParameters(model: .rigid, center: SIMD3(repeating: 120))
    var covariance = Matrix(zeros: 6, 6)
    for k in 0..<3 { covariance[k, k] = 1e-6 }
    for k in 3..<6 { covariance[k, k] = 1 }
    covariance[0, 4] = 0.5e-3
    covariance[4, 0] = 0.5e-3
    let changes = field.changes(parameters, covariance: covariance)
    #expect(changes.count == 6)
    // A shift by one um along x, told by the difference of two projections.
    let shifted = FieldSensitivity(
      of: averages.fractions[0], onto: coarse,
      through: SpatialTransform(translation: SIMD3(0.5, 0, 0)))
    let back = FieldSensitivity(
      of: averages.fractions[0], onto: coarse,
      through: SpatialTransform(translation: SIMD3(-0.5, 0, 0)))
    let middle = 13
    let difference = shifted.values[middle] - back.values[middle]
    #expect(abs(changes[3][middle] - difference) < 0.25 * abs(difference) + 2e-4)
  }
}
