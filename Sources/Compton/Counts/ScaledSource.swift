public import Volumetry

/// Spectra whose numbers become counts by one factor.
public struct ScaledSource: WrappedSource {
  public let base: any SpectralSource
  /// Counts in one unit of the source's numbers.
  public let factor: Float
  public let acquisition: Acquisition

  /// - Parameters:
  ///   - factor: counts in one unit of the source's numbers.
  ///   - timeFactor: what multiplies the live time, where the numbers hold less statistics than counts of that time.
  public init(_ base: any SpectralSource, factor: Double, timeFactor: Double = 1) {
    self.base = base
    self.factor = Float(factor)
    var acquisition = base.acquisition
    acquisition.liveTime = acquisition.liveTime.map { $0 * timeFactor }
    self.acquisition = acquisition
  }

  public func pass(_ counts: inout [Float], of region: Region) {
    for index in counts.indices { counts[index] *= factor }
  }
}
