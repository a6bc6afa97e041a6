import Compton
import Foundation
import TestSupport
import Testing
import Volumetry

/// Measured inelastic spectra of diamond, nine analysers, against the Hartree-Fock profile of carbon.
@Suite(.enabled(if: SharedData.isPresent)) struct DiamondTests {
  static func columns() throws -> [[Double]] {
    let text = try String(
      contentsOfFile: SharedData.path("compton-xrstools/diamond_data_E016keV_tth123.dat"), encoding: .utf8)
    let rows = text.split(separator: "\n").map { $0.split(separator: " ").compactMap { Double($0) } }
    return (0..<10).map { column in rows.map { $0[column] } }
  }

  @Test func deviationFromBiggs() throws {
    let columns = try Self.columns()
    let carbon = try MaterialProfile(ChemicalFormula("C"))
    for mode in [MeasuredProfile.ScanMode.fixedAnalyser(16), .fixedBeam(16)] {
    for analyser in 1...9 {
      let far = columns[analyser].suffix(40)
      let floor = far.reduce(0, +) / Double(far.count)
      let kept = columns[0].indices.filter { columns[0][$0] > 300 }
      let losses = kept.map { columns[0][$0] * 1e-3 }
      let values = kept.map { columns[analyser][$0] - floor }
      let window = losses.indices.filter { (0.5...1.2).contains(losses[$0]) }
      let peak = try ComptonPeak.position(x: window.map { losses[$0] }, densities: window.map { values[$0] }, weights: window.map { _ in 1 }, level: 0.8)
      let angle = try MeasuredProfile.angle(peakLoss: peak.position, mode: mode)
      let full = -6.0...6.0
      let lowest = try MeasuredProfile(losses: losses, intensities: values, sigmas: values.map { _ in 1e-4 }, angle: angle, mode: mode, electrons: 1, range: full)
      let range = lowest.momentum[0]...lowest.momentum[lowest.momentum.count - 1]
      let electrons = carbon.integral(from: range.lowerBound, to: range.upperBound)
      let measured = try MeasuredProfile(losses: losses, intensities: values, sigmas: values.map { _ in 1e-4 }, angle: angle, mode: mode, electrons: electrons, range: full)
      func mean(_ r: ClosedRange<Double>) -> Double {
        var s = 0.0, n = 0.0
        for (p, v) in zip(measured.momentum, measured.values) where r.contains(p) { s += v / carbon.value(at: p) - 1; n += 1 }
        return s / n
      }
      print(mode, analyser, peak.position, angle, range, "neg", mean(-4 ... -2), "pos", mean(2...4), "J0", mean(-0.3...0.3))
    }
    }
  }
}
