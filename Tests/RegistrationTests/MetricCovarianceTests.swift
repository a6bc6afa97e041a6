import Foundation
import Registration
import TestSupport
import Testing
import Volumetry

@Suite("Covariance of all metrics") struct MetricCovarianceTests {
  @Test(
    "errors are as large as the covariance says, with noise on both sides",
    arguments: [
      (RegistrationMetric.correlation, 0.05), (.correlation, 0.2), (.mutualInformation, 0.05),
      (.mutualInformation, 0.2),
    ])
  func errorOverCovariance(metric: RegistrationMetric, noise: Double) throws {
    var squares = 0.0
    let count = 16
    for seed in 1...count {
      let pair = try NoisyPair(
        seed: UInt64(seed), noise: noise, isForeign: metric == .mutualInformation)
      let start = SpatialTransform(translation: SIMD3(0.5, -0.4, 0.3)).composed(after: pair.truth)
      // Errors are held against what is promised, however large that is.
      var options = RegistrationOptions(metric: metric, start: start)
      options.maximumExpectedError = 1
      let result = try VolumeRegistration.align(moving: pair.moving, to: pair.fixed, options: options)
      let error = result.transform.meanError(against: pair.truth, over: pair.fixed.grid) / 2
      squares += (error / result.expectedErrorVoxels) * (error / result.expectedErrorVoxels)
    }
    let ratio = (squares / Double(count)).squareRoot()
    if metric == .mutualInformation {
      withKnownIssue(
        "up to a quarter more than needed is promised where two blurs differ", isIntermittent: true
      ) {
        #expect(ratio > 0.8, "noise \(noise): \(ratio)")
      }
      #expect((0.7...1.25).contains(ratio), "noise \(noise): \(ratio)")
    } else {
      #expect((0.8...1.25).contains(ratio), "\(metric), noise \(noise): \(ratio)")
    }
  }
}
