public import Volumetry

/// How the points of a raw scan become spectra on a grid: what the options of `import` and `map` and the key
/// `inputs.xcs_scan` of a pipeline say.
public struct ScanSettings: Codable, Sendable, Hashable {
  /// Path of the energies, or of the coefficients of their calibration, within an HDF5 file.
  public var energyDataset: String?
  /// keV at channel 0, keV a channel and, perhaps, further powers.
  public var energyCoefficients: [Double]?
  /// The same for every element of the detector.
  public var elementCoefficients: [[Double]]?
  /// Elements of the detector: `sum`, or numbers from 0.
  public var detector: AxisChoice?
  /// Frames of an exposure: `sum`, or numbers from 0.
  public var frame: AxisChoice?
  /// Places of the points: `x=PATH,y=PATH`, or `none` for the order of the array.
  public var positions: PositionChoice?
  /// Sides z, y, x of a scan whose points follow one another along x, then y, then z.
  public var scanShape: [Int]?
  /// Whether every second row of that scan runs backwards.
  public var snake: Bool?
  /// What to do with points that fall on one voxel; by default they are refused.
  public var repeats: RepeatChoice?
  /// Whether voxels that no point or no file holds are missing and no error.
  public var allowMissing: Bool?

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case energyDataset = "energy_dataset"
    case energyCoefficients = "energy_coefficients_keV"
    case elementCoefficients = "element_coefficients_keV"
    case detector, frame, positions, snake, repeats
    case scanShape = "scan_shape"
    case allowMissing = "allow_missing"
  }

  public init() {}

  /// - Throws: `usage` where the settings exclude one another or a number is not possible.
  public func validate() throws(VoxelithError) {
    func refuse(_ message: String) -> VoxelithError { VoxelithError(.usage, message) }
    if let energyCoefficients, !(2...6).contains(energyCoefficients.count) {
      throw refuse("energy coefficients are keV at channel 0, keV a channel and, perhaps, further powers")
    }
    if energyCoefficients != nil && elementCoefficients != nil {
      throw refuse("energy coefficients for all and for every element exclude each other")
    }
    if let scanShape, !(1...3).contains(scanShape.count) || !scanShape.allSatisfy({ $0 > 0 }) {
      throw refuse("the shape of a scan is up to three whole numbers from 1 up, z, y, x")
    }
    if snake == true && scanShape == nil { throw refuse("a snake needs the shape of its scan") }
    if scanShape != nil && positions != nil {
      throw refuse("the shape of a scan and its positions exclude each other")
    }
  }

  /// Puts the settings into options.
  ///
  /// - Throws: as ``validate()`` does.
  public func apply(to options: inout SpectralOpenOptions) throws(VoxelithError) {
    try validate()
    options.energyDataset = energyDataset
    options.energyCoefficients = energyCoefficients
    options.elementCoefficients = elementCoefficients
    options.detector = detector
    options.frame = frame
    options.positions = positions
    options.scanShape = scanShape
    options.isSnake = snake ?? false
    options.repeats = repeats ?? .refuse
    options.allowsMissing = allowMissing ?? false
  }
}
