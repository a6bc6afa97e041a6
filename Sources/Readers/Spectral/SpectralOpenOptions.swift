public import Volumetry

/// What a caller knows about a file of spectra that the file may not say.
public struct SpectralOpenOptions: Sendable {
  /// Path of the array of counts, or of its NXdata group, within an HDF5 file.
  public var dataset: String?
  /// Path of the array of bin energies within an HDF5 file.
  public var energyDataset: String?
  /// Size of a voxel along x, y, z in micrometres; goes before what the file says.
  public var voxelSize: SIMD3<Double>?
  /// Goes before what the file says where it has a value.
  public var acquisition: Acquisition
  /// Centre of the first bin in keV; together with ``energyWidth`` it goes before the file's axis.
  public var energyFirst: Double?
  /// Width of the bins in keV.
  public var energyWidth: Double?
  /// What to do with an axis of detector elements, where the array has one.
  public var detector: DetectorChoice?

  public init(
    dataset: String? = nil, energyDataset: String? = nil, voxelSize: SIMD3<Double>? = nil,
    acquisition: Acquisition = Acquisition(), energyFirst: Double? = nil, energyWidth: Double? = nil,
    detector: DetectorChoice? = nil
  ) {
    self.dataset = dataset
    self.energyDataset = energyDataset
    self.voxelSize = voxelSize
    self.acquisition = acquisition
    self.energyFirst = energyFirst
    self.energyWidth = energyWidth
    self.detector = detector
  }
}

/// Which elements of a detector with several elements a voxel's spectrum is made of.
public enum DetectorChoice: Sendable, Hashable {
  /// All of them added up.
  case sum
  /// One of them, counted from 0.
  case element(Int)
}

extension SpectralOpenOptions {
  /// The axis that the caller gives for `count` bins, or nil where he gives none.
  ///
  /// - Throws: `usage` where only one of the two numbers is given, or they make no axis.
  func energyAxis(count: Int, file: String) throws(VoxelithError) -> EnergyAxis? {
    if energyFirst == nil && energyWidth == nil { return nil }
    guard let first = energyFirst, let width = energyWidth, first.isFinite, width > 0, width.isFinite,
      count >= 2
    else {
      throw VoxelithError(
        .usage, "an energy axis needs both the centre of its first bin and a positive width in keV",
        file: file)
    }
    return EnergyAxis(first: first, width: width, count: count)
  }

  /// What the file says, with what the caller says put before it.
  ///
  /// - Throws: `data` where a number is not possible or angles per pixel do not fit the grid.
  func completed(
    _ found: Acquisition, grid: Grid, file: String
  ) throws(VoxelithError) -> Acquisition {
    let result = acquisition.filled(from: found)
    try result.validate(grid: grid, file: file)
    return result
  }

  /// The grid with the caller's voxel size where he gives one.
  func completed(_ found: Grid, file: String) throws(VoxelithError) -> Grid {
    var grid = found
    if let voxelSize {
      grid.origin = grid.hasKnownSpacing ? grid.origin : .zero
      grid.spacing = voxelSize
      grid.hasKnownSpacing = true
    }
    try grid.validate(file: file)
    return grid
  }
}
