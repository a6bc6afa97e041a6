import Volumetry

/// What the fit of a bin found, in 64 bytes.
struct BinValues: BitwiseCopyable {
  private let x: Double
  private let sigma: Double
  private let sharedSigma: Double
  private let sigmaOfKnownComponents: Double
  private let deviance: Double
  private let expectedDeviance: Double
  private let intensity: Double
  private let ratio: Float
  private let status: UInt8

  init(_ result: VoxelResult) {
    x = result.fit.x
    sigma = result.fit.sigma
    sharedSigma = result.fit.sharedSigma
    sigmaOfKnownComponents = result.fit.sigmaOfKnownComponents
    deviance = result.fit.deviance
    expectedDeviance = result.fit.expectedDeviance
    intensity = result.intensity
    ratio = Float(result.ratio)
    status = result.fit.status.rawValue
  }

  /// What is written of the bin, and what the summary wants.
  var result: VoxelResult {
    var fit = VoxelFit(status: VoxelStatus(rawValue: status) ?? .empty)
    fit.x = x
    fit.sigma = sigma
    fit.sharedSigma = sharedSigma
    fit.sigmaOfKnownComponents = sigmaOfKnownComponents
    fit.deviance = deviance
    fit.expectedDeviance = expectedDeviance
    return VoxelResult(fit: fit, intensity: intensity, ratio: Double(ratio))
  }
}
