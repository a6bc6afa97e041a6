public import Compton
public import Readers
public import Volumetry

/// How a file of spectra is opened: what the file lacks, and how the detector's pixels differ from one another.
public struct SpectralInputSettings: OperationSettings {
  public var dataset: String?
  public var energyDataset: String?
  /// How the points of a raw scan become voxels.
  public var scan: ScanSettings?
  public var elementCoefficients: String?
  public var voxelSize: LengthsZYX?
  public var liveTime: Double?
  public var incidentEnergy: Double?
  public var scatteringAngle: Double?
  public var pixelGain: String?
  public var pixelOffset: String?
  public var deadPixels: String?
  public var pinholeDistance: Double?
  public var pixelPitch: Double?
  public var pinholeFlipped = false

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case dataset, scan
    case energyDataset = "energy_dataset"
    case elementCoefficients = "element_coefficients"
    case voxelSize = "voxel_size_um"
    case liveTime = "live_time_s"
    case incidentEnergy = "incident_energy_keV"
    case scatteringAngle = "scattering_angle_deg"
    case pixelGain = "pixel_gain"
    case pixelOffset = "pixel_offset"
    case deadPixels = "dead_pixels"
    case pinholeDistance = "pinhole_distance_mm"
    case pixelPitch = "pixel_pitch_mm"
    case pinholeFlipped = "pinhole_flipped"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .dataset: "Path of the counts within an HDF5 file."
    case .energyDataset:
      "Path of the energy axis, or of the coefficients of its calibration, within an HDF5 file."
    case .elementCoefficients:
      "Coefficients of every detector element: a text file, a line a0 a1 [a2...] in keV for each."
    case .scan: "How the points of a raw scan become voxels."
    case .voxelSize: "Voxel size in µm, one number or z,y,x; overrides the file."
    case .liveTime: "Live time of each voxel in seconds."
    case .incidentEnergy: "Beam energy in keV."
    case .scatteringAngle: "Scattering angle in degrees."
    case .pixelGain:
      "Gain of every pixel (text matrix y,x; keV per bin position, 0 for a dead pixel), with the offset."
    case .pixelOffset: "Offset of every pixel in keV (text matrix y,x), with the gain."
    case .deadPixels: "Image (1,y,x) that is not zero at dead pixels."
    case .pinholeDistance:
      "Pinhole camera: mm from pinhole to detector; the scattering angle is then that of its axis."
    case .pixelPitch: "Pinhole camera: pitch of the pixels in mm."
    case .pinholeFlipped: "Pinhole camera: columns count towards smaller angles."
    }
  }

  public func validate() throws(VoxelithError) {
    try scan?.validate()
    guard energyDataset == nil || scan?.energyDataset == nil else {
      throw VoxelithError(.usage, "energy_dataset stands twice: beside the scan and in it")
    }
    for side in voxelSize.map({ [$0.vector.x, $0.vector.y, $0.vector.z] }) ?? [] {
      try NumberRange.voxelSize.check(side, code: .usage)
    }
    try NumberRange.liveTime.check(liveTime, code: .usage)
    try NumberRange.incidentEnergy.check(incidentEnergy, code: .usage)
    try NumberRange.scatteringAngle.check(scatteringAngle, code: .usage)
    try NumberRange.pinholeDistance.check(pinholeDistance, code: .usage)
    try NumberRange.pixelPitch.check(pixelPitch, code: .usage)
    guard (pixelGain == nil) == (pixelOffset == nil) else {
      throw VoxelithError(.usage, "the gain of the pixels and their offset go together")
    }
    guard (pinholeDistance == nil) == (pixelPitch == nil) else {
      throw VoxelithError(.usage, "the distance of a pinhole camera and the pitch of its pixels go together")
    }
    guard !pinholeFlipped || pinholeDistance != nil else {
      throw VoxelithError(
        .usage, "pinhole_flipped: there is no pinhole camera", advice: "give its distance and pitch")
    }
  }

  /// Files that are read beside the spectra.
  public var files: [String] { [pixelGain, pixelOffset, deadPixels, elementCoefficients].compactMap { $0 } }

  /// The same with the names of files as another function makes them.
  public func resolved(_ resolve: (String) -> String) -> SpectralInputSettings {
    var result = self
    result.pixelGain = pixelGain.map(resolve)
    result.pixelOffset = pixelOffset.map(resolve)
    result.deadPixels = deadPixels.map(resolve)
    result.elementCoefficients = elementCoefficients.map(resolve)
    return result
  }

  /// - Throws: what ``validate()`` throws.
  public func options() throws(VoxelithError) -> SpectralOpenOptions {
    try validate()
    var options = SpectralOpenOptions(
      dataset: dataset, voxelSize: voxelSize?.vector,
      acquisition: Acquisition(
        incidentEnergy: incidentEnergy, scatteringAngle: scatteringAngle.map { .uniform($0) },
        liveTime: liveTime))
    try scan?.apply(to: &options)
    if let elementCoefficients {
      guard scan?.energyCoefficients == nil, scan?.elementCoefficients == nil else {
        throw VoxelithError(
          .usage, "energy coefficients for all and for every element exclude each other")
      }
      let table = try DelimitedTable.read(elementCoefficients)
      options.elementCoefficients = (0..<table.rowCount).map { row in table.columns.map { $0[row] } }
    }
    if let energyDataset { options.energyDataset = energyDataset }
    // Gain and offset of the pixels turn channels into energies later.
    options.keepsDetectorUnits = pixelGain != nil
    return options
  }

  /// Opens spectra, with the angles of the pinhole camera where there is one.
  ///
  /// - Parameters:
  ///   - angle: scattering angle in degrees where neither the settings nor the file tell it.
  ///   - takesAnyAxis: whether an axis that is none of space is no error, as for projections.
  /// - Throws: what ``validate()`` and opening throw.
  public func open(
    _ path: String, angle: Double? = nil, takesAnyAxis: Bool = false
  ) throws(VoxelithError) -> any SpectralSource {
    var options = try options()
    options.takesAnyAxis = takesAnyAxis
    return try angled(try SpectralFile.open(path, options: options), angle: angle)
  }

  /// Opens several files as one source: exposures of the same voxels, whose counts and live times are added up, or parts of one scan.
  ///
  /// - Throws: as ``open(_:angle:)``; `usage` for a file that is given twice; `data` where the files do not fit one another.
  public func open(_ paths: [String], angle: Double? = nil) throws(VoxelithError) -> any SpectralSource {
    if let path = paths.first, paths.count == 1 { return try open(path, angle: angle) }
    return try angled(try SpectralImport.open(paths, options: try options()), angle: angle)
  }

  /// The same with the angles of the pinhole camera, where there is one.
  package func angled(
    _ source: any SpectralSource, angle: Double?
  ) throws(VoxelithError) -> any SpectralSource {
    guard let pinholeDistance, let pixelPitch else { return source }
    guard let axis = source.acquisition.scatteringAngle?.mean ?? angle else {
      throw VoxelithError(
        .data, "the scattering angle of the pinhole camera's axis is not known", file: source.name,
        advice: "give scattering_angle_deg")
    }
    let camera = try PinholeCamera(
      angle: axis, distance: pinholeDistance, pixel: pixelPitch, isFlipped: pinholeFlipped)
    let shape = source.grid.shape
    return AngledSource(source, angle: camera.angles(height: shape.y, width: shape.x))
  }

  /// Gain and offset of every pixel, where they are given.
  public func energies(_ shape: Shape) throws(VoxelithError) -> PixelEnergies? {
    guard let pixelGain, let pixelOffset else { return nil }
    let read = try HexitecCalibration.read(
      gain: pixelGain, intercept: pixelOffset, height: shape.y, width: shape.x)
    return try PixelEnergies(height: read.height, width: read.width, gain: read.gain, offset: read.intercept)
  }

  /// Which pixels are dead; empty where none is said to be.
  public func deadMask() throws(VoxelithError) -> [Bool] {
    guard let deadPixels else { return [] }
    let image = try VolumeFile.open(deadPixels)
    guard image.grid.shape.z == 1 else {
      throw VoxelithError(
        .data, "the mask of dead pixels has \(image.grid.shape.z) slices, not one", file: deadPixels)
    }
    return try image.readFloats(Region(whole: image.grid.shape)).map { $0 != 0 }
  }
}
