public import Volumetry

/// What a caller knows about a file of spectra that the file may not say.
public struct SpectralOpenOptions: Sendable {
  /// Path of the array of counts, or of its NXdata group, within an HDF5 file.
  public var dataset: String?
  /// Path of the array of bin energies within an HDF5 file, or of the coefficients of its calibration.
  public var energyDataset: String?
  /// Size of a voxel along x, y, z in micrometres; goes before what the file says.
  public var voxelSize: SIMD3<Double>?
  /// Goes before what the file says where it has a value.
  public var acquisition: Acquisition
  /// keV at channel 0, keV a channel and, perhaps, further powers; they go before the file's axis, which is then read for the
  /// numbers of the channels alone (0, 1, 2, ... where it has none).
  public var energyCoefficients: [Double]?
  /// The same for every element of a detector, all of which are put on the axis of the first.
  public var elementCoefficients: [[Double]]?
  /// Whether an axis that counts channels, or has a unit that is not understood, is passed on as it is: where the caller
  /// turns it into energies himself.
  public var keepsDetectorUnits: Bool
  /// What to do with an axis of detector elements, where the array has one.
  public var detector: AxisChoice?
  /// What to do with an axis of frames, where the array has one.
  public var frame: AxisChoice?
  /// Where the places of the points are; by default where the file says.
  public var positions: PositionChoice?
  /// Sides z, y, x of a scan whose points follow one another along x, then y, then z, whatever the axes of the array say.
  public var scanShape: [Int]?
  /// Whether every second row of ``scanShape`` runs backwards.
  public var isSnake: Bool
  /// What to do with points that fall on one voxel.
  public var repeats: RepeatChoice
  /// Whether voxels on which no point fell are passed on as NaN.
  public var allowsMissing: Bool
  /// Whether an axis that is none of space (rotation angles of projections, times) is taken for one all the same: by those who
  /// know what to make of it. Otherwise it is an error.
  public var takesAnyAxis = false

  public init(
    dataset: String? = nil, energyDataset: String? = nil, voxelSize: SIMD3<Double>? = nil,
    acquisition: Acquisition = Acquisition(), energyCoefficients: [Double]? = nil,
    elementCoefficients: [[Double]]? = nil, keepsDetectorUnits: Bool = false, detector: AxisChoice? = nil,
    frame: AxisChoice? = nil, positions: PositionChoice? = nil, scanShape: [Int]? = nil,
    isSnake: Bool = false,
    repeats: RepeatChoice = .refuse, allowsMissing: Bool = false
  ) {
    self.dataset = dataset
    self.energyDataset = energyDataset
    self.voxelSize = voxelSize
    self.acquisition = acquisition
    self.energyCoefficients = energyCoefficients
    self.elementCoefficients = elementCoefficients
    self.keepsDetectorUnits = keepsDetectorUnits
    self.detector = detector
    self.frame = frame
    self.positions = positions
    self.scanShape = scanShape
    self.isSnake = isSnake
    self.repeats = repeats
    self.allowsMissing = allowsMissing
  }

  /// Names of the options that only a file with axes can use, as far as they are given.
  var ofArrays: [String] {
    var names: [String] = []
    if dataset != nil { names.append("--dataset") }
    if energyDataset != nil { names.append("--energy-dataset") }
    if elementCoefficients != nil { names.append("--element-coefficients") }
    if detector != nil { names.append("--detector") }
    if frame != nil { names.append("--frames") }
    if positions != nil { names.append("--positions") }
    if scanShape != nil { names.append("--scan-shape") }
    if isSnake { names.append("--snake") }
    return names
  }
}

/// What to do with points of a scan that fall on one voxel.
public enum RepeatChoice: String, Sendable, Hashable, Codable, CaseIterable {
  /// They are an error.
  case refuse
  /// Counts and live times are added up.
  case sum
  /// The one that was measured first counts.
  case first
  /// The one that was measured last counts.
  case last
}

extension SpectralOpenOptions {
  /// The axis that the caller's coefficients give for `count` bins, or nil where he gives none.
  ///
  /// - Throws: `usage` where they make no axis.
  func energyAxis(count: Int, file: String) throws(VoxelithError) -> EnergyAxis? {
    guard let energyCoefficients else { return nil }
    let (axis, isReversed) = try EnergyPolynomial(energyCoefficients).axis(
      channels: (0..<count).map(Double.init), file: file)
    guard !isReversed else {
      throw VoxelithError(
        .usage, "the energies that follow from --energy-coefficients fall over the bins of this file",
        file: file)
    }
    return axis
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
