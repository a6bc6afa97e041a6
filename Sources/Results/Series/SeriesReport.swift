public import Compton

/// `series.json`: what changed from state to state.
public struct SeriesReport: Codable, Sendable {
  public var format = 1
  public var method: String
  public var shape: [Int]
  public var voxels: Int
  /// Voxels that are good in every state.
  public var commonVoxels: Int
  /// Whether the maps were made with the gain of each state.
  public var gainIsCorrected: Bool
  public var states: [State]
  /// Lithium by the maps against lithium by charge, where the cell is known.
  public var balance: SeriesBalance?

  /// One state, over the common voxels.
  public struct State: Codable, Sendable {
    public var state: SeriesState
    /// Voxels of this state that have a value.
    public var mapped: Int
    public var meanX: Double?
    public var meanXSigma: Double?
    public var meanXCountingSigma: Double?
    public var sinceFirst: Change?
    public var sincePrevious: Change?
    /// Net counts per second and voxel within the fit's window (per exposure where no live time is known).
    public var rate: Double?
    /// Amplitude of the active material over that of the first state: beam and geometry, freed of x.
    public var intensity: Change?
    public var drift: Drift?
    public var devianceRatio: Double?
    /// What was found of the instrument in this state, and corrected.
    public var misfit: Misfit?

    enum CodingKeys: String, CodingKey {
      case state, mapped, misfit
      case meanX = "mean_x"
      case meanXSigma = "mean_x_sigma"
      case meanXCountingSigma = "mean_x_sigma_of_counting"
      case sinceFirst = "change_since_first"
      case sincePrevious = "change_since_previous"
      case rate = "net_counts_per_s"
      case intensity = "intensity_over_first"
      case drift
      case devianceRatio = "deviance_over_expected"
    }
  }

  public struct Change: Codable, Sendable {
    public var value: Double
    public var sigma: Double
    /// Part of `sigma` by what the instrument may have done to each of the states; the errors of the standards cancel.
    public var instrument: Double?

    enum CodingKeys: String, CodingKey {
      case value, sigma
      case instrument = "sigma_of_instrument"
    }
  }

  /// Gain of the detector, from the summed spectrum.
  public struct Drift: Codable, Sendable {
    /// Gain over that of the calibration minus 1, with the error by counting and standards.
    public var gain: Double
    public var gainSigma: Double
    /// Change since the first state; the error is that of counting.
    public var sinceFirst: Double
    public var sinceFirstSigma: Double
    /// The same at the Compton peak.
    public var sinceFirstAtPeak: Double
    /// By how much x of the summed spectrum moves if this gain is ignored.
    public var xShift: Double

    enum CodingKeys: String, CodingKey {
      case gain
      case gainSigma = "gain_sigma"
      case sinceFirst = "since_first"
      case sinceFirstSigma = "since_first_sigma"
      case sinceFirstAtPeak = "since_first_at_peak_eV"
      case xShift = "x_shift_if_ignored"
    }
  }

  enum CodingKeys: String, CodingKey {
    case format = "format_version"
    case method, shape, voxels, states, balance
    case commonVoxels = "common_voxels"
    case gainIsCorrected = "gain_is_corrected"
  }

  /// One line for each state.
  var table: String {
    func cell(_ value: Double?) -> String { value.map { "\(rounded($0))" } ?? "" }
    var lines = [
      "state,file,time_s,voltage_V,mapped,mean_x,mean_x_sigma,mean_x_sigma_of_counting,change_since_first,"
        + "change_since_first_sigma,change_since_previous,change_since_previous_sigma,net_counts_per_s,"
        + "intensity_over_first,intensity_over_first_sigma,gain_since_first,gain_since_first_sigma,"
        + "gain_since_first_at_peak_eV,x_shift_if_gain_ignored,deviance_over_expected"
        + (balance == nil
          ? ""
          : ",charge_mAh,cycler_voltage_V,x_by_charge,x_by_charge_sigma,x_minus_x_by_charge,x_minus_x_by_charge_sigma")
    ]
    for (index, one) in states.enumerated() {
      let numbers: [Double?] = [
        one.state.seconds, one.state.voltage, Double(one.mapped), one.meanX, one.meanXSigma,
        one.meanXCountingSigma, one.sinceFirst?.value, one.sinceFirst?.sigma, one.sincePrevious?.value,
        one.sincePrevious?.sigma, one.rate, one.intensity?.value, one.intensity?.sigma, one.drift?.sinceFirst,
        one.drift?.sinceFirstSigma, one.drift?.sinceFirstAtPeak, one.drift?.xShift, one.devianceRatio,
      ]
      let charged = (balance?.states[index]).map { state -> [Double?] in
        [
          state.charge, state.voltage, state.x, state.xSigma, state.difference.value, state.difference.sigma,
        ]
      }
      let file = one.state.file.contains(",") ? "\"\(one.state.file)\"" : one.state.file
      lines.append(([one.state.name, file] + (numbers + (charged ?? [])).map(cell)).joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
