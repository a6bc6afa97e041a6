import Volumetry

/// The mean of x as the summed spectra tell it: of voxels weighted by their amplitudes, and without the bias of a ratio that few
/// counts of single voxels bring.
public struct MeanOfSum: Sendable, Hashable, Codable {
  public let value: Double
  /// Standard deviation by counts and standards.
  public let sigma: Double

  init(_ uneven: UnevenPixels) {
    let parts = (uneven.isAllApart ? [] : [uneven.main]) + uneven.apart.map(\.joint)
    let voxels = parts.map { Double($0.spectra.reduce(0) { $0 + $1.voxels }) }
    let all = max(1, voxels.reduce(0, +))
    value = zip(parts, voxels).reduce(0.0) { $0 + $1.0.fit.mean * $1.1 } / all
    // Most of it is the standards', which all parts share.
    sigma = zip(parts, voxels).reduce(0.0) { $0 + max(0, $1.0.fit.fixedVariance).squareRoot() * $1.1 } / all
  }
}
