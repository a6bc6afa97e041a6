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
  /// keV at channel 0, keV a channel and, perhaps, further powers; they go before the file's axis, which is then read for the
  /// numbers of the channels alone (0, 1, 2, ... where it has none).
  public var energyCoefficients: [Double]?
  /// Whether an axis that counts channels, or has a unit that is not understood, is passed on as it is: where the caller
  /// turns it into energies himself.
  public var keepsDetectorUnits: Bool
  /// What to do with an axis of detector elements, where the array has one.
  public var detector: DetectorChoice?

  public init(
    dataset: String? = nil, energyDataset: String? = nil, voxelSize: SIMD3<Double>? = nil,
    acquisition: Acquisition = Acquisition(), energyCoefficients: [Double]? = nil,
    keepsDetectorUnits: Bool = false, detector: DetectorChoice? = nil
  ) {
    self.dataset = dataset
    self.energyDataset = energyDataset
    self.voxelSize = voxelSize
    self.acquisition = acquisition
    self.energyCoefficients = energyCoefficients
    self.keepsDetectorUnits = keepsDetectorUnits
    self.detector = detector
  }
}

/// Which elements of a detector with several elements a voxel's spectrum is made of.
public enum DetectorChoice: Sendable, Hashable {
  /// All of them added up.
  case sum
  /// One of them, counted from 0.
  case element(Int)

  /// As a command line spells it: `sum`, or the number of an element.
  public init?(_ text: String) {
    if text == "sum" {
      self = .sum
    } else if let element = Int(text), element >= 0 {
      self = .element(element)
    } else {
      return nil
    }
  }
}

extension SpectralOpenOptions {
  /// The axis that the caller's coefficients give for `count` bins, or nil where he gives none.
  ///
  /// - Parameter channels: numbers of the bins, by default from 0.
  /// - Throws: `usage` where they make no axis.
  func energyAxis(
    count: Int, channels: [Double]? = nil, file: String
  ) throws(VoxelithError) -> EnergyAxis? {
    guard let energyCoefficients else { return nil }
    return try EnergyPolynomial(energyCoefficients).axis(count: count, channels: channels, file: file)
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
