public import Volumetry

/// Spectra whose scattering angles are told from outside.
public struct AngledSource: WrappedSource {
  public let base: any SpectralSource
  public let acquisition: Acquisition

  public init(_ base: any SpectralSource, angle: ScatteringAngle) {
    self.base = base
    var acquisition = base.acquisition
    acquisition.scatteringAngle = angle
    self.acquisition = acquisition
  }

  public func pass(_ counts: inout [Float], of region: Region) {}
}
