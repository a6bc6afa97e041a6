public import Volumetry

/// What a battery cycler wrote of one cell: time, voltage and charge passed, point by point.
public struct CyclerRecord: Sendable, Hashable {
  /// Who made the cycler, as the file's form tells.
  public enum Maker: String, Sendable, Hashable, Codable {
    case bioLogic = "BioLogic"
    case neware = "Neware"
    case arbin = "Arbin"
    /// Columns that the caller or their own names tell.
    case other
  }

  /// Where the charge comes from.
  public enum ChargeSource: String, Sendable, Hashable, Codable {
    /// A column of the charge passed, with its sign.
    case column
    /// Counters of charge and discharge, freed of their returns to zero.
    case counters
    /// The current, by the trapezoidal rule.
    case current
  }

  public let file: String
  public let maker: Maker
  /// Seconds on the record's own clock: since the start of the test, or, where it has dates alone, since the first point. They
  /// never fall.
  public let seconds: [Double]
  /// Voltage of the cell in V; nil where the file has none.
  public let voltage: [Double]?
  /// Charge passed since the first point, in coulombs: positive where the cell was charged.
  public let charge: [Double]
  public let chargeSource: ChargeSource
  /// Largest difference between the charge and the integral of the current, in coulombs; nil where there are not both.
  public let disagreement: Double?
  /// What a reader of the numbers should know.
  public let notes: [String]

  public init(
    file: String, maker: Maker, seconds: [Double], voltage: [Double]?, charge: [Double],
    chargeSource: ChargeSource, disagreement: Double? = nil, notes: [String] = []
  ) {
    self.file = file
    self.maker = maker
    self.seconds = seconds
    self.voltage = voltage
    self.charge = charge
    self.chargeSource = chargeSource
    self.disagreement = disagreement
    self.notes = notes
  }

  /// Charge in coulombs and voltage at a time, straight between the points.
  ///
  /// - Throws: `data` where the time lies outside the record.
  public func state(at time: Double) throws(VoxelithError) -> (charge: Double, voltage: Double?) {
    guard let first = seconds.first, let last = seconds.last, time >= first, time <= last else {
      throw VoxelithError(
        .data,
        "\(GeometryOrigin.text(time)) s lies outside the record, which runs from \(GeometryOrigin.text(seconds.first ?? 0)) to "
          + "\(GeometryOrigin.text(seconds.last ?? 0)) s", file: file,
        advice: "say by starts_at what the clock of the states shows at the record's time 0")
    }
    // The first point after the time.
    var (low, high) = (0, seconds.count)
    while low < high {
      let middle = (low + high) / 2
      if seconds[middle] <= time { low = middle + 1 } else { high = middle }
    }
    guard low < seconds.count else {
      let volts = voltage?[low - 1] ?? .nan
      return (charge[low - 1], volts.isFinite ? volts : nil)
    }
    let step = seconds[low] - seconds[low - 1]
    let part = (time - seconds[low - 1]) / step
    func between(_ values: [Double]) -> Double { values[low - 1] + part * (values[low] - values[low - 1]) }
    let volts = voltage.map(between) ?? .nan
    return (between(charge), volts.isFinite ? volts : nil)
  }
}
