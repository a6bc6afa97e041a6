/// Something that the instrument did to the spectra of a sample and not to those of its standards.
public enum InstrumentEffect: Sendable, Hashable {
  /// Energies are read (1 + value) times too high.
  case gain
  /// Energies are read too high by the value in keV.
  case offset
  /// The scattering angle is larger by the value in degrees.
  case angle
  /// The detector's line is wider by this part.
  case width
  /// Counts alike in all energies, as a part of the counts.
  case flatBackground
  /// Counts that grow with energy from minus the value at the first bin to the value at the last.
  case slopedBackground
  /// The elastic line's own tail, as a part of the counts.
  case elasticTail
  /// The escape lines of the elastic line in the usual ratio, as a part of the counts.
  case elasticEscapes
  /// One escape line of the elastic line, by its place in ``InstrumentSettings/escapes``.
  case escape(Int)
  /// K fluorescence of an element, by its place in ``InstrumentSettings/elements``.
  case fluorescence(Int)
  /// Two photons counted as one, as a part of the counts.
  case pileUp

  /// Whether the effect adds counts that do not grow with the sample in a voxel.
  public var isAdded: Bool {
    switch self {
    case .flatBackground, .slopedBackground, .fluorescence: true
    default: false
    }
  }
}

/// What may differ between a sample's spectra and those of its standards, and by how much.
///
/// Each prior is one standard deviation of a Gaussian about zero. The defaults are those of a room-temperature CdTe detector at a
/// stable beamline; the README of the room has what they are good for.
public struct InstrumentSettings: Sendable, Hashable, Codable {
  public var gain = 5e-4
  /// keV.
  public var offset = 0.03
  /// Degrees.
  public var angle = 0.1
  public var width = 0.05
  public var flatBackground = 0.005
  public var slopedBackground = 0.003
  public var elastic = 0.003
  public var fluorescence = 0.005
  public var pileUp = 0.01
  /// Elements near the detector or the beam whose K lines may be seen.
  public var elements = ["Pb"]
  /// Energies in keV that leave a CdTe crystal with Cd and Te K fluorescence.
  public var escapes = [23.2, 26.1, 27.5, 31.0]
  /// Their share of all escapes.
  public var escapeShares = [0.45, 0.09, 0.38, 0.08]
  /// Part and length in keV of the tail of narrow lines, where the calibration does not tell it.
  public var tailFraction = 0.12
  public var tailLength = 3.0
  /// How exact the shapes are: this part of each correction of x counts as its error.
  public var shapeError = 0.15

  public init() {}

  enum CodingKeys: String, CodingKey {
    case gain, width, elastic, fluorescence, elements
    case offset = "offset_keV"
    case angle = "angle_deg"
    case flatBackground = "flat_background"
    case slopedBackground = "sloped_background"
    case pileUp = "pile_up"
    case escapes = "escape_energies_keV"
    case escapeShares = "escape_shares"
    case tailFraction = "tail_fraction"
    case tailLength = "tail_length_keV"
    case shapeError = "shape_error"
  }

  func prior(_ effect: InstrumentEffect) -> Double {
    switch effect {
    case .gain: gain
    case .offset: offset
    case .angle: angle
    case .width: width
    case .flatBackground: flatBackground
    case .slopedBackground: slopedBackground
    case .elasticTail, .elasticEscapes, .escape: elastic
    case .fluorescence: fluorescence
    case .pileUp: pileUp
    }
  }

  /// Name, unit and likely cause for people.
  func words(_ effect: InstrumentEffect) -> (name: String, unit: String, cause: String) {
    switch effect {
    case .gain: ("gain", "", "the detector's gain drifted; calibrate it with lines in the same spectra")
    case .offset: ("offset", "keV", "the detector's zero or the beam's energy moved")
    case .angle: ("angle", "deg", "the sample or the detector stands at another angle")
    case .width: ("width", "", "the detector's line is wider or narrower than it was with the standards")
    case .flatBackground: ("flat_background", "", "counts that neither sample nor standards scattered")
    case .slopedBackground: ("sloped_background", "", "scatter of air, holder or shielding")
    case .elasticTail: ("elastic_tail", "", "more or less of the elastic line than with the standards")
    case .elasticEscapes:
      ("elastic_escapes", "", "more or less of the elastic line than with the standards: its escape lines")
    case .escape(let index):
      ("escape_\(escapes[index])_keV", "", "more or less of the elastic line than with the standards")
    case .fluorescence(let index):
      ("\(elements[index])_K_lines", "", "fluorescence of \(elements[index]) that the standards did not show")
    case .pileUp: ("pile_up", "", "another count rate than with the standards")
    }
  }
}
