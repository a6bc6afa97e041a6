import Volumetry

/// The mean of x as the summed spectra tell it: of voxels weighted by their amplitudes, and without the bias of a ratio that few
/// counts of single voxels bring.
public struct MeanOfSum: Sendable, Hashable, Codable {
  public let value: Double
  /// Standard deviation by counts and standards.
  public let sigma: Double
}
