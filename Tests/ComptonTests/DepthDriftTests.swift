import Compton
import Foundation
import TestSupport
import Testing
import Volumetry

/// What a detector does while the slices of a map are measured one after another: all pixels share it, so that only parts of the
/// depth show it. Spectra of a simulator that is none of ours.
@Suite struct DepthDriftTests {
  private static let axis = EnergyAxis(first: 80.1, width: 0.2, count: 140)
  private static let shape = Shape(z: 12, y: 8, x: 8)

  private static func calibration(_ random: inout SeededGenerator) throws -> Calibration {
    let plain = InstrumentTwin()
    let unit = 1 / plain.expected(0.5, on: axis).reduce(0, +)
    let standards = try [0, 0.25, 0.5, 0.75, 1].map { x in
      Standard(
        name: "\(x)", x: x,
        spectrum: try Spectrum(
          energy: axis, counts: plain.expected(x, on: axis).map { Double(random.poisson(3e8 * unit * $0)) },
          liveTime: 60_000))
    }
    return try Calibration(
      try StandardSet(
        geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: 90),
        response: try DetectorResponse(resolution: plain.fwhm),
        formula: try ChemicalFormula("LixNi0.8Mn0.1Co0.1O2"), standards: standards))
  }

  /// Mean x and its change by the correction for each slice, and the judgement.
  private static func judge(
    seed: UInt64, x: (Int) -> Double = { _ in 0.5 }, _ change: (inout InstrumentTwin, Int) -> Void
  ) throws -> (misfit: Misfit, slices: [Double]) {
    var random = SeededGenerator(seed: seed)
    let calibration = try calibration(&random)
    let plain = InstrumentTwin()
    let unit = 1 / plain.expected(0.5, on: axis).reduce(0, +)
    var counts: [Float] = []
    for z in 0..<shape.z {
      var twin = plain
      change(&twin, z)
      let expected = twin.expected(x(z), on: axis)
      for _ in 0..<(shape.y * shape.x) {
        counts += expected.map { Float(random.poisson(1e6 * unit * $0)) }
      }
    }
    let map = try LithiumMap(
      source: try SpectralVolume(
        grid: Grid(unscaled: shape), energy: axis,
        acquisition: Acquisition(incidentEnergy: 115.6, liveTime: 600), counts: counts),
      calibration: calibration)
    var sums = map.emptySums
    var values: [Float] = []
    var sigma: [Float] = []
    var intensity: [Float] = []
    var mask: [UInt8] = []
    // Slices in three runs, as shards make them.
    for run in [0..<5, 5..<6, 6..<12] {
      _ = try map.run(slices: run, resources: Resources(threads: 1), sums: &sums) { _, result in
        values += result.x
        sigma += result.sigma
        intensity += result.intensity
        mask += result.mask
      }
    }
    let decoded = try JSONDecoder().decode(CountSums.self, from: JSONEncoder().encode(sums))
    let mean = intensity.reduce(0.0) { $0 + Double($1) } / Double(intensity.count)
    let judged = try #require(try map.judge(decoded, meanIntensity: mean))
    if let correction = judged.correction {
      values =
        correction.corrected(
          x: values, sigma: sigma, intensity: intensity, mask: mask, in: Region(whole: shape)
        ).x
    }
    let plane = shape.y * shape.x
    let slices = (0..<shape.z).map { z in
      values[(z * plane)..<((z + 1) * plane)].reduce(0.0) { $0 + Double($1) } / Double(plane)
    }
    return (judged.misfit, slices)
  }

  @Test func aGainThatStepsIsFoundAndCorrected() throws {
    let found = try Self.judge(seed: 1) { twin, z in twin.gain = z < 6 ? 1e-3 : -1e-3 }
    #expect(found.misfit.verdict == .corrected, "\(found.misfit.notice ?? "")")
    #expect(found.misfit.notice?.contains("slices 0 to") == true, "\(found.misfit.notice ?? "")")
    // By 0.2 without.
    for (z, x) in found.slices.enumerated() where z != 5 && z != 6 {
      #expect(abs(x - 0.5) < 0.04, "slice \(z): \(x)")
    }
    let mean = found.slices.reduce(0, +) / Double(found.slices.count)
    #expect(abs(mean - 0.5) < 2 * found.misfit.sigma + 0.01, "\(mean) +- \(found.misfit.sigma)")
  }

  @Test func whatDriftsSlowlyIsTold() throws {
    let found = try Self.judge(seed: 2) { twin, z in twin.fwhm *= 1 + 0.06 * Double(z) / 11 }
    #expect(found.misfit.verdict != .described)
    let mean = found.slices.reduce(0, +) / Double(found.slices.count)
    if found.misfit.verdict == .corrected {
      #expect(abs(mean - 0.5) < 2 * found.misfit.sigma + 0.01, "\(mean) +- \(found.misfit.sigma)")
    }
    let one = try Self.judge(seed: 3) { twin, z in if z == 9 { twin.flat = 0.02 } }
    #expect(one.misfit.verdict != .described && one.misfit.notice?.contains("slice") == true)
  }

  /// Lithium that changes with the depth is what a map is made for.
  @Test func lithiumItselfIsNoDrift() throws {
    for seed in 10..<14 {
      let found = try Self.judge(seed: UInt64(seed), x: { 0.2 + 0.05 * Double($0) }) { _, _ in }
      #expect(found.misfit.verdict == .described, "\(found.misfit.notice ?? "")")
      #expect(found.misfit.notice?.contains("slice") != true)
    }
  }
}
