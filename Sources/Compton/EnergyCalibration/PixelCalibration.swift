public import Volumetry

/// Gain and offset of every pixel of a detector, from spectra per pixel added up over z.
public struct PixelCalibration: Sendable {
  public let height: Int
  public let width: Int
  /// One for each pixel in the order y, x.
  public let pixels: [EnergyCalibration]

  /// What one line gave over all pixels.
  public struct LineSummary: Sendable, Hashable, Codable {
    public var name: String
    public var energy: Double
    public var pixels: Int
    public var rejected: Int
    /// Mean and standard deviation of the residuals over pixels, and their mean error by counting.
    public var meanResidual: Double?
    public var spreadOfResidual: Double?
    public var meanResidualSigma: Double?
    public var medianFWHM: Double?

    enum CodingKeys: String, CodingKey {
      case name
      case energy = "energy_keV"
      case pixels, rejected
      case meanResidual = "mean_residual_eV"
      case spreadOfResidual = "standard_deviation_of_residual_eV"
      case meanResidualSigma = "mean_residual_sigma_eV"
      case medianFWHM = "median_fwhm_keV"
    }
  }

  /// Calibrates every pixel; one whose own search fails gets a second try from the median of the others.
  ///
  /// - Throws: errors of the source; `data` where a count is negative or not a number.
  public init(
    _ source: any SpectralSource, options: EnergyCalibrationOptions, resources: Resources
  ) throws(VoxelithError) {
    let shape = source.grid.shape
    let axis = source.energy
    let bins = axis.count
    let rows = try Parallel.map(shape.y, threads: resources.threads) {
      (y) throws(VoxelithError) -> [EnergyCalibration] in
      try resources.cancellation.check()
      return try Self.spectra(row: y, of: source).map {
        EnergyCalibration(counts: $0, axis: axis, options: options)
      }
    }
    var pixels = rows.flatMap { $0 }
    let good = pixels.filter { $0.status == .good }
    if !good.isEmpty, good.count < pixels.count {
      let start = (Quantiles.median(good.map(\.gain)), Quantiles.median(good.map(\.offset)))
      for y in 0..<shape.y {
        let row = (0..<shape.x).filter { pixels[y * shape.x + $0].status == .tooFewLines }
        if row.isEmpty { continue }
        let spectra = try Self.spectra(row: y, of: source)
        for x in row {
          pixels[y * shape.x + x] = EnergyCalibration(
            counts: spectra[x], axis: axis, options: options, start: start)
        }
      }
    }
    precondition(bins > 0 && pixels.count == shape.y * shape.x)
    height = shape.y
    width = shape.x
    self.pixels = pixels
  }

  /// Spectra of a row of pixels, added up over z.
  private static func spectra(
    row y: Int, of source: any SpectralSource
  ) throws(VoxelithError) -> [[Double]] {
    let shape = source.grid.shape
    let bins = source.energy.count
    var sums = [[Double]](repeating: [Double](repeating: 0, count: bins), count: shape.x)
    for z in 0..<shape.z {
      let region = Region(lower: Shape(z: z, y: y, x: 0), shape: Shape(z: 1, y: 1, x: shape.x))
      let counts = try source.readCounts(region)
      for x in 0..<shape.x {
        for bin in 0..<bins {
          let count = Double(counts[x * bins + bin])
          guard count >= 0, count.isFinite else {
            throw VoxelithError(
              .data, "the count \(count) is negative or not a number", file: source.name,
              place: "pixel y \(y), x \(x), bin \(bin)")
          }
          sums[x][bin] += count
        }
      }
    }
    return sums
  }

  /// Gain of each pixel; 0 where there is none, as detector files write dead pixels.
  public var gains: [Double] { pixels.map { $0.status == .good ? $0.gain : 0 } }
  public var offsets: [Double] { pixels.map { $0.status == .good ? $0.offset : 0 } }

  public func count(_ status: EnergyCalibration.Status) -> Int { pixels.count { $0.status == status } }

  /// Every line over all pixels.
  public func summaries(_ lines: [EmissionLine]) -> [LineSummary] {
    lines.map { line in
      let found = pixels.flatMap(\.lines).filter { $0.name == line.name }
      var residuals = Moments()
      var sigmas = Moments()
      for one in found where !one.isRejected {
        residuals.add(one.residual)
        sigmas.add(one.residualSigma)
      }
      let used = residuals.count
      return LineSummary(
        name: line.name, energy: line.energy, pixels: used, rejected: found.count - used,
        meanResidual: used > 0 ? residuals.mean : nil,
        spreadOfResidual: used > 1 ? residuals.standardDeviation : nil,
        meanResidualSigma: used > 0 ? sigmas.mean : nil,
        medianFWHM: used > 0 ? Quantiles.median(found.map(\.fwhm)) : nil)
    }
  }
}

extension PixelCalibration {
  /// The pixels of several detectors in one row, for summaries.
  public init(joining parts: [PixelCalibration]) {
    pixels = parts.flatMap(\.pixels)
    height = 1
    width = pixels.count
  }
}
