public import Volumetry

/// Energy calibration of each pixel of a HEXITEC detector: keV = gain x detector units + intercept.
public struct HexitecCalibration: Sendable, Hashable {
  /// Rows of pixels.
  public let height: Int
  /// Pixels in a row.
  public let width: Int
  /// keV in a detector unit, for each pixel in the order y, x; 0 for a dead pixel.
  public let gain: [Double]
  /// keV at 0 detector units, for each pixel in the order y, x.
  public let intercept: [Double]

  /// - Throws: `data` where the numbers of values do not fit the pixels.
  public init(
    height: Int, width: Int, gain: [Double], intercept: [Double], file: String? = nil
  ) throws(VoxelithError) {
    let (count, overflow) = height.multipliedReportingOverflow(by: width)
    guard height > 0, width > 0, !overflow, gain.count == count, intercept.count == count else {
      throw VoxelithError(
        .data, "\(gain.count) gains and \(intercept.count) intercepts do not fit \(height)x\(width) pixels",
        file: file)
    }
    self.height = height
    self.width = width
    self.gain = gain
    self.intercept = intercept
  }

  /// Reads two text files: matrices of one row of pixels a line, or one value a line.
  ///
  /// - Parameters:
  ///   - height: rows of pixels; needed where the files have one value a line.
  ///   - width: pixels in a row; likewise.
  /// - Throws: `missing`, `data` where the two do not fit each other or the shape; `usage` where the shape
  ///   is needed and not given.
  public static func read(
    gain gainPath: String, intercept interceptPath: String, height: Int? = nil, width: Int? = nil
  ) throws(VoxelithError) -> HexitecCalibration {
    let gains = try DelimitedTable.read(gainPath)
    let intercepts = try DelimitedTable.read(interceptPath)
    guard gains.columns.count == intercepts.columns.count, gains.rowCount == intercepts.rowCount else {
      throw VoxelithError(
        .data,
        "\(intercepts.rowCount)x\(intercepts.columns.count) values do not fit the \(gains.rowCount)x\(gains.columns.count) of \(gainPath)",
        file: interceptPath)
    }
    let isList = gains.columns.count == 1
    guard let rows = height ?? (isList ? nil : gains.rowCount),
      let columns = width ?? (isList ? nil : gains.columns.count)
    else {
      throw VoxelithError(
        .usage,
        "the file lists \(gains.rowCount) pixels one a line: give the rows and columns of the detector",
        file: gainPath)
    }
    return try HexitecCalibration(
      height: rows, width: columns, gain: rowMajor(gains), intercept: rowMajor(intercepts), file: gainPath)
  }

  private static func rowMajor(_ table: DelimitedTable) -> [Double] {
    if table.columns.count == 1 { return table.columns[0] }
    return (0..<table.rowCount).flatMap { row in table.columns.map { $0[row] } }
  }

  /// Whether a pixel has no calibration: its gain is not a positive number.
  public func isDead(y: Int, x: Int) -> Bool { !(gain[y * width + x] > 0) }

  /// Number of pixels without calibration.
  public var deadCount: Int { gain.count { !($0 > 0) } }

  /// Energy in keV of a detector value; NaN for a dead pixel.
  public func energy(_ value: Double, y: Int, x: Int) -> Double {
    let pixel = y * width + x
    return gain[pixel] > 0 ? gain[pixel] * value + intercept[pixel] : .nan
  }

  /// The energies of a pixel's bins, whose centres are given in detector units; nil for a dead pixel.
  ///
  /// - Throws: `data` where the centres do not increase.
  public func axis(centers: [Double], y: Int, x: Int) throws(VoxelithError) -> EnergyAxis? {
    if isDead(y: y, x: x) { return nil }
    return try EnergyAxis(centers: centers.map { energy($0, y: y, x: x) })
  }
}
