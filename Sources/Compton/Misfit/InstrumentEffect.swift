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
  /// The line is wider by this part more at the last bin, and less at the first; fitted with ``width``.
  case widthSlope
  /// Counts alike in all energies, as a part of the counts.
  case flatBackground
  /// Counts that grow with energy from minus the value at the first bin to the value at the last.
  case slopedBackground
  /// The elastic line by its escape lines and its tail, as parts of the counts.
  case elastic(ElasticPart)
  /// K fluorescence of an element, by its place in ``InstrumentSettings/elements``, as a part of the counts.
  case fluorescence(Int, LinePart)
  /// Two photons counted as one, as a part of the counts.
  case pileUp
  /// More of a supplied shape, as a part of the counts.
  case shape
  /// More of the detector's tail, and of charge that pixels share, as parts of the counts.
  case tail, sharing
  /// A phase that no setting names, by the profiles of `ForeignPhases`, as parts of the counts. They are fitted together.
  case phase(Int)

  /// What the elastic line brings into the window. The parts belong together: all are fitted, or none.
  public enum ElasticPart: Sendable, Hashable {
    /// The escape lines in the usual ratio.
    case escapes
    /// More of one escape line, by its place in ``InstrumentSettings/escapes``.
    case escape(Int)
    /// The tail of the elastic line itself, of several lengths.
    case tail(LineTail)
    /// How the escape lines differ from what is known of lines.
    case shape(LineShape)
  }

  /// What fluorescence of an element looks like. The parts belong together: all are fitted, or none.
  public enum LinePart: Sendable, Hashable {
    /// All K lines in the ratio of free atoms.
    case lines
    /// More K beta and less K alpha, more K alpha 2 and less K alpha 1, more K beta 2 and less K beta 1.
    case beta, alpha2, beta2
    /// How the lines differ from what is known of lines.
    case shape(LineShape)
  }

  /// Forms of a line's tail: exponentials of half, one and three times the usual length, and a shelf down to half of the energy.
  public enum LineTail: Sendable, Hashable, CaseIterable {
    case short, usual, long, shelf
  }

  /// Change of a line's width, and more of a tail.
  public enum LineShape: Sendable, Hashable {
    case width
    case tail(LineTail)

    static let all: [LineShape] = [.width] + LineTail.allCases.map { .tail($0) }
  }

  /// The effect that stands for all that is fitted together.
  var family: InstrumentEffect {
    switch self {
    case .widthSlope: .width
    case .elastic: .elastic(.escapes)
    case .fluorescence(let element, _): .fluorescence(element, .lines)
    case .phase: .phase(0)
    default: self
    }
  }

  /// Whether the effect looks so much like lithium that it is never corrected: it only tells how far causes that cannot be
  /// told apart lie from each other.
  var isRival: Bool {
    switch self {
    case .tail, .sharing, .phase: true
    default: false
    }
  }

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
  public var shape = 0.01
  public var tail = 0.005
  public var sharing = 0.005
  /// Each part of the profile of a phase that no setting names.
  public var phases = 0.01
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
  /// What may change from one state of a series to the next, as a part of what may differ from the standards: 1 where each state
  /// was measured in a beam time of its own.
  public var betweenStates = 0.3

  /// A spectrum that the sample may show more or less of; nil for none.
  public var supplied: SuppliedShape?

  public init() {}

  enum CodingKeys: String, CodingKey {
    case gain, width, elastic, fluorescence, elements
    case offset = "offset_keV"
    case angle = "angle_deg"
    case flatBackground = "flat_background"
    case slopedBackground = "sloped_background"
    case pileUp = "pile_up"
    case shape, tail, sharing, phases
    case escapes = "escape_energies_keV"
    case escapeShares = "escape_shares"
    case tailFraction = "tail_fraction"
    case tailLength = "tail_length_keV"
    case shapeError = "shape_error"
    case betweenStates = "between_states"
  }

  func prior(_ effect: InstrumentEffect) -> Double {
    switch effect {
    case .gain: gain
    case .offset: offset
    case .angle: angle
    case .width: width
    case .widthSlope: 0.3 * width
    case .flatBackground: flatBackground
    case .slopedBackground: slopedBackground
    case .elastic(.escapes), .elastic(.tail): elastic
    case .elastic(.escape): 0.3 * elastic
    case .elastic(.shape(let shape)): elastic * prior(shape)
    case .fluorescence(_, .lines): fluorescence
    case .fluorescence(_, .beta): 0.5 * fluorescence
    case .fluorescence(_, .alpha2), .fluorescence(_, .beta2): 0.1 * fluorescence
    case .fluorescence(_, .shape(let shape)): fluorescence * prior(shape)
    case .pileUp: pileUp
    case .shape: shape
    case .tail: tail
    case .sharing: sharing
    case .phase: phases
    }
  }

  /// Part of a line by which its shape may differ.
  private func prior(_ shape: InstrumentEffect.LineShape) -> Double { shape == .width ? 0.1 : 0.2 }

  /// Name, unit and likely cause for people.
  func words(_ effect: InstrumentEffect) -> (name: String, unit: String, cause: String) {
    switch effect {
    case .gain: ("gain", "", "the detector's gain drifted; calibrate it with lines in the same spectra")
    case .offset: ("offset", "keV", "the detector's zero or the beam's energy moved")
    case .angle: ("angle", "deg", "the sample or the detector stands at another angle")
    case .width, .widthSlope:
      ("width", "", "the detector's line is wider or narrower than it was with the standards")
    case .flatBackground: ("flat_background", "", "counts that neither sample nor standards scattered")
    case .slopedBackground: ("sloped_background", "", "scatter of air, holder or shielding")
    case .elastic:
      (
        "elastic_line", "",
        "more or less of the elastic line than with the standards: its escape lines and tail"
      )
    case .fluorescence(let index, _):
      ("\(elements[index])_K_lines", "", "fluorescence of \(elements[index]) that the standards did not show")
    case .pileUp: ("pile_up", "", "another count rate than with the standards")
    case .shape: ("shape", "", "more or less of the supplied shape than with the standards")
    case .tail: ("tail", "", "the detector's tail is longer or shorter than with the standards")
    case .sharing: ("sharing", "", "pixels share more or less charge than with the standards")
    case .phase:
      (
        "unnamed_phase", "",
        "a phase that no setting names, in the sample or the standards alone: carbon, polymer, electrolyte, aluminium, "
          + "iron or copper"
      )
    }
  }
}
