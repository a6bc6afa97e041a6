import Compton
import TestSupport
import Testing
import Volumetry

/// Maps of clean spectra beside the Cramer-Rao bound of all bins of the file.
@Suite struct CleanBoundTests {
  /// Variance of x that no estimator with a free amplitude goes below, by all bins.
  private static func bound(_ x: Double, twin: InstrumentTwin, on axis: EnergyAxis, counts: Double) -> Double
  {
    let unit = counts / twin.expected(0.5, on: axis).reduce(0, +)
    let none = twin.expected(0, on: axis).map { $0 * unit }
    let slope = zip(twin.expected(1, on: axis), none).map { $0 * unit - $1 }
    var (aa, ax, xx) = (0.0, 0.0, 0.0)
    for bin in none.indices {
      let mu = none[bin] + x * slope[bin]
      aa += mu
      ax += slope[bin]
      xx += slope[bin] * slope[bin] / mu
    }
    return aa / (aa * xx - ax * ax)
  }

  /// Spread of x about its mean error over the bound, and over the errors that are said.
  @Test(arguments: [1e6, 1e5]) func spreadIsThatOfAllBins(counts: Double) throws {
    var measured = InstrumentCase()
    measured.counts = counts
    measured.standardCounts = 1e10
    measured.shape = Shape(z: 5, y: 60, x: 60)
    measured.seed = UInt64(counts)
    let outcome = try measured.outcome()
    #expect(outcome.misfit.verdict == .described)
    var (overBound, overSigma) = (Moments(), Moments())
    for z in 0..<measured.shape.z {
      let x = 0.1 + 0.2 * Double(z)
      let bound = Self.bound(x, twin: measured.sample, on: measured.axis, counts: counts).squareRoot()
      for place in 0..<(measured.shape.y * measured.shape.x) {
        let voxel = z * measured.shape.y * measured.shape.x + place
        let error = Double(outcome.x[voxel]) - x
        overBound.add(error / bound)
        overSigma.add(error / Double(outcome.sigma[voxel]))
      }
    }
    print(
      "clean, \(counts) counts: spread over the bound of all bins \(overBound.standardDeviation), error/sigma",
      overSigma.standardDeviation)
    // 18 000 voxels tell both within half a per cent.
    #expect(overBound.standardDeviation < 1.02)
    #expect(abs(overSigma.standardDeviation - 1) < 0.03)
    #expect(abs(outcome.mean - measured.mean) < 3 * outcome.error.total)
  }
}
