public import Compton
public import Readers
public import Volumetry

/// Charge, voltage and the change of x that Faraday's law gives, at the times of states.
public struct CellCharge: Sendable {
  /// Faraday's constant in C/mol: exact since the SI of 2019.
  public static let faraday = 96_485.332_123_310_02

  /// One state of the cell.
  public struct State: Sendable, Hashable {
    /// Charge passed since the record began, in coulombs; positive where the cell was charged.
    public var charge: Double
    public var voltage: Double?
    /// Change of x since the record began, and its error by the charge alone.
    public var change: Double
    public var changeSigma: Double
  }

  public let record: CyclerRecord
  public let cell: CellRecord
  public let moles: Double
  /// Relative standard deviation of the amount.
  public let amountSigma: Double
  private let start: Double

  /// Error of an amount of which none is given.
  public static let defaultAmountSigmaPercent = 2.0

  /// - Parameters:
  ///   - path: file that names the cycler's file, to whose folder it is relative; empty for names as they are.
  ///   - formula: that of the calibration.
  /// - Throws: errors of `CellRecord` and `CyclerFile`.
  public init(_ cell: CellRecord, namedIn path: String = "", formula: ChemicalFormula?) throws(VoxelithError)
  {
    try cell.validate()
    self.cell = cell
    record = try CyclerFile.read(
      path.isEmpty ? cell.cycler : try Containment.path(cell.cycler, namedIn: path),
      columns: cell.columns ?? CyclerColumns())
    moles = try cell.moles(formula: formula)
    amountSigma = 0.01 * (cell.amountSigma ?? Self.defaultAmountSigmaPercent)
    start = try cell.start()
  }

  /// x of the electrode when the record began.
  public var initial: LithiumBalance.Value? {
    cell.initialX.map { LithiumBalance.Value(value: $0, sigma: cell.initialXSigma ?? 0) }
  }

  private var sign: Double { cell.electrode == .negative ? 1 : -1 }

  /// Change of x by a charge in coulombs.
  public func change(_ charge: Double) -> Double { sign * charge / (moles * Self.faraday) }

  /// The cell at a time on the clock of the states.
  ///
  /// - Throws: `data` where the time lies outside the record.
  public func state(at seconds: Double) throws(VoxelithError) -> State {
    let found = try record.state(at: seconds - start)
    // Where the cycler's charge and the integral of its current differ, they differ at random somewhere in the record.
    let passed = found.charge.magnitude
    let most = record.charge.reduce(0) { max($0, $1.magnitude) }
    let share = most > 0 ? min(1, passed / most) : 0
    return State(
      charge: found.charge, voltage: found.voltage, change: change(found.charge),
      changeSigma: abs(change((record.disagreement ?? 0) * share)))
  }

  /// The record on the states' clock: seconds, voltage and change of x, at most `limit` points of it.
  public func curve(limit: Int = 2000) -> (seconds: [Double], voltage: [Double]?, change: [Double]) {
    let count = record.seconds.count
    let step = max(1, (count + limit - 1) / limit)
    let kept =
      Array(stride(from: 0, to: count, by: step)) + (count > 0 && (count - 1) % step != 0 ? [count - 1] : [])
    return (
      kept.map { record.seconds[$0] + start }, record.voltage.map { all in kept.map { all[$0] } },
      kept.map { change(record.charge[$0]) }
    )
  }
}
