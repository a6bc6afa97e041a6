public import Volumetry

/// Gain and offset of every pixel of a detector, from spectra per pixel added up over z.
public struct PixelCalibration: Sendable {
  public let height: Int
  public let width: Int
  /// One for each pixel in the order y, x.
  public let pixels: [EnergyCalibration]
  /// Length in keV of the tail that the lines were fitted with; 0 for none.
  public let tailLength: Double

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
    func calibrated(
      _ options: EnergyCalibrationOptions, from starts: [EnergyCalibration]
    ) throws(VoxelithError) -> [EnergyCalibration] {
      let rows = try Parallel.map(shape.y, threads: resources.threads) {
        (y) throws(VoxelithError) -> [EnergyCalibration] in
        try resources.cancellation.check()
        return try Self.spectra(row: y, of: source).enumerated().map { x, counts in
          let start = starts.isEmpty ? nil : starts[y * shape.x + x]
          return EnergyCalibration(
            counts: counts, axis: axis, options: options,
            start: start?.status == .good ? start.map { ($0.gain, $0.offset) } : nil)
        }
      }
      return rows.flatMap { $0 }
    }
    var options = options
    var pixels = try calibrated(options, from: [])
    if options.findsTail, options.tailLength == 0 {
      options.tailLength = try Self.tailLength(pixels, source: source, options: options)
      if options.tailLength > 0 { pixels = try calibrated(options, from: pixels) }
    }
    tailLength = options.tailLength
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

  /// Lengths of tails that are tried, in keV.
  private static let tailLengths = [0.5, 1, 2, 3, 4.5]
  /// Pixels that they are tried on.
  private static let trials = 24
  /// Fall of minus twice the logarithm of the likelihood, for each fitted line, below which a tail is not believed.
  private static let least = 4.0

  /// The length of the tail that describes the lines of a few pixels best; 0 where none is better than a Gaussian.
  private static func tailLength(
    _ pixels: [EnergyCalibration], source: any SpectralSource, options: EnergyCalibrationOptions
  ) throws(VoxelithError) -> Double {
    let good = pixels.indices.filter { pixels[$0].status == .good }
    let step = max(1, good.count / trials)
    var spectra: [(pixel: Int, counts: [Double])] = []
    let width = source.grid.shape.x
    for index in stride(from: 0, to: good.count, by: step) {
      let pixel = good[index]
      spectra.append((pixel, try Self.spectra(row: pixel / width, of: source)[pixel % width]))
    }
    var best = (length: 0.0, gain: 0.0)
    for length in tailLengths {
      var trial = options
      trial.tailLength = length
      var gain = 0.0
      for (pixel, counts) in spectra {
        let plain = pixels[pixel]
        for line in plain.lines {
          guard let wanted = options.lines.first(where: { $0.name == line.name }),
            let fit = LineMatching.fit(
              wanted, counts: counts, axis: source.energy, gain: plain.gain, offset: plain.offset,
              options: trial),
            let before = LineMatching.fit(
              wanted, counts: counts, axis: source.energy, gain: plain.gain, offset: plain.offset,
              options: options)
          else { continue }
          gain += before.cost - fit.cost - least
        }
      }
      if gain > best.gain { best = (length, gain) }
    }
    return best.length
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
    tailLength = parts.map(\.tailLength).max() ?? 0
    height = 1
    width = pixels.count
  }
}
