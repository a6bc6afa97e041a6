public import Volumetry

/// Spectra of a file that can tell where their geometry came from.
public protocol DescribedSpectra: SpectralSource {
  /// Where every number of the geometry came from.
  var origins: [GeometryOrigin] { get }
  /// Which points fell where, for a file that stores points and no grid.
  var scan: ScanReport? { get }
  /// Which voxels have no spectrum in the file, in the order z, y, x; nil where all have one.
  var absent: [Bool]? { get }
}

extension DescribedSpectra {
  public var scan: ScanReport? { nil }
  public var absent: [Bool]? { nil }
}
