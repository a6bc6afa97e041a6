public import Compton
import Readers
public import Volumetry

/// What is done against the noise of a map.
public enum MapDenoising: Sendable {
  case none
  /// Voxels are merged before the fit.
  case binning(BinningOptions)
  /// Neighbours hold together as far as the guide shows no edge.
  case prior(PriorStrength, guide: Guide)

  /// Where the prior looks for edges.
  public struct Guide: Sendable {
    /// The map's own intensity, where there is nothing better.
    public static let intensity = Guide(name: "intensity", sources: [], scales: nil)

    /// What `map.json` calls it.
    public let name: String
    /// On the grid of the spectra; empty for the map's own intensity.
    let sources: [any VolumeSource]
    let scales: [Double]?

    private init(name: String, sources: [any VolumeSource], scales: [Double]?) {
      self.name = name
      self.sources = sources
      self.scales = scales
    }

    /// - Parameters:
    ///   - file: a volume on the grid of the spectra, one or several channels; nil for none.
    ///   - fractions: volume fractions, which guide where there is no file.
    ///   - scales: steps over which neighbours hardly hold together, one or one per channel; nil to be chosen.
    public init(
      file: String?, fractions: String?, scales: [Double]? = nil
    ) throws(VoxelithError) {
      guard let path = file ?? fractions else {
        self.init(name: "intensity", sources: [], scales: scales)
        return
      }
      self.init(
        name: file == nil ? "fractions" : "file", sources: try FractionFile.open(path),
        scales: scales ?? (file == nil ? [0.1] : nil))
    }
  }

  /// Files beside those of every map.
  var files: [(name: String, type: VoxelType)] {
    switch self {
    case .none: []
    case .binning: Self.binningFiles
    case .prior: Self.priorFiles
    }
  }

  static let binningFiles: [(name: String, type: VoxelType)] = [
    ("bins.tif", .uint32), ("bin_voxels.tif", .uint32), ("resolution.tif", .float32),
  ]
  static let priorFiles: [(name: String, type: VoxelType)] = [
    ("li_measured.tif", .float32), ("li_measured_sigma.tif", .float32), ("li_posterior_sigma.tif", .float32),
    ("resolution.tif", .float32), ("misfit.tif", .float32),
  ]
}
