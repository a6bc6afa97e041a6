public import Compton
import Readers
import Volumetry

/// `balance` in `series.json`: lithium by the maps against lithium by charge.
public struct SeriesBalance: Codable, Sendable {
  public struct State: Codable, Sendable {
    /// Charge passed since the record began; positive on charge.
    public var charge: Double
    public var voltage: Double?
    /// x by charge: absolute where the cell's first x is known, else its change since the first state, added to that state's x.
    public var x: Double
    /// Its error by amount, charge and first x.
    public var xSigma: Double
    /// Lithium in all active material by the map, in mmol, without the error of the amount.
    public var lithium: Double
    public var lithiumSigma: Double
    public var lithiumByCharge: Double
    /// Map minus charge, with all errors.
    public var difference: LithiumBalance.Value

    enum CodingKeys: String, CodingKey {
      case difference
      case charge = "charge_mAh"
      case voltage = "voltage_V"
      case x = "x_by_charge"
      case xSigma = "x_by_charge_sigma"
      case lithium = "lithium_mmol"
      case lithiumSigma = "lithium_mmol_sigma"
      case lithiumByCharge = "lithium_by_charge_mmol"
    }
  }

  /// The verdict with its probability, as a part of a sentence, and what to look at where maps and charge differ.
  public var verdict: String {
    let p = rounded(result.probability, digits: 2)
    switch result.verdict {
    case .agrees: return "maps and charge agree (p = \(p))"
    case .differs:
      return "maps and charge differ beyond their errors (p = \(p)): check the amount of active material, "
        + "the times, and whether the field of view stands for the cell"
    case .undetermined: return "the charge is too little to test x (p = \(p))"
    }
  }

  public var cycler: String
  public var maker: String
  public var chargeSource: String
  /// Formula units in mmol, with the standard deviation.
  public var amount: Double
  public var amountSigma: Double
  public var states: [State]
  public var result: LithiumBalance
  public var notes: [String]

  enum CodingKeys: String, CodingKey {
    case cycler, maker, states, result, notes
    case chargeSource = "charge_from"
    case amount = "active_material_mmol"
    case amountSigma = "active_material_mmol_sigma"
  }

  /// - Parameters:
  ///   - means: mean x of the states over the common voxels.
  ///   - covariance: of the means, where states with unlike corrections share nothing by the instrument.
  ///   - orCovariance: the same where all share as much as they can.
  ///   - seconds: times of the states.
  ///   - isFromCell: whether the calibration took its x from charge.
  /// - Throws: `data` where a time lies outside the cycler's record.
  init(
    _ cell: CellCharge, means: [Double], covariance: Matrix, orCovariance: Matrix, seconds: [Double],
    isFromCell: Bool
  ) throws(VoxelithError) {
    let found = try seconds.map { (time) throws(VoxelithError) in try cell.state(at: time) }
    let initial = cell.initial
    let result = try LithiumBalance(
      x: means, covariance: covariance, orCovariance: orCovariance, changes: found.map(\.change),
      changeSigmas: found.map(\.changeSigma), amountSigma: cell.amountSigma, initial: initial)
    let amount = 1e3 * cell.moles
    let base = initial?.value ?? means[0] - found[0].change
    states = found.indices.map { i -> State in
      let state = found[i]
      let relative = initial == nil ? state.change - found[0].change : state.change
      let variance =
        relative * relative * cell.amountSigma * cell.amountSigma + state.changeSigma * state.changeSigma
        + (initial.map { $0.sigma * $0.sigma } ?? covariance[0, 0])
      let x = base + state.change
      return State(
        charge: state.charge / 3.6, voltage: state.voltage, x: x, xSigma: variance.squareRoot(),
        lithium: amount * means[i], lithiumSigma: amount * max(0, covariance[i, i]).squareRoot(),
        lithiumByCharge: amount * x, difference: result.differences[i])
    }
    self.result = result
    cycler = cell.record.file
    maker = cell.record.maker.rawValue
    chargeSource = cell.record.chargeSource.rawValue
    self.amount = amount
    amountSigma = amount * cell.amountSigma
    var notes = cell.record.notes
    if cell.cell.amountSigma == nil {
      notes.append(
        "no error of the amount of active material is given: \(rounded(CellCharge.defaultAmountSigmaPercent)) % is taken"
      )
    }
    if isFromCell {
      notes.append(
        "the calibration took its x from charge: the balance tests that the states agree, and not the scale of x"
      )
    }
    notes.append(
      "the balance takes the mean x of the mapped voxels for that of all active material of the cell")
    self.notes = notes
  }
}
