public import Volumetry

/// Widths, letters and lines that journals ask for.
public enum JournalPreset: String, Sendable, Hashable, Codable, CaseIterable {
  case nature, elsevier, acs, wiley, rsc, iucr, aps

  /// Width of one column.
  public var singleColumn: Length {
    switch self {
    case .nature: .millimetres(89)
    case .elsevier: .millimetres(90)
    case .acs: .points(240)
    case .wiley: .millimetres(85)
    case .rsc: .millimetres(83)
    case .iucr: .millimetres(88)
    case .aps: .millimetres(86)
    }
  }

  /// Width of the page of text.
  public var doubleColumn: Length {
    switch self {
    case .nature: .millimetres(183)
    case .elsevier: .millimetres(190)
    case .acs: .points(504)
    case .wiley: .millimetres(178)
    case .rsc: .millimetres(171)
    case .iucr: .millimetres(180)
    case .aps: .millimetres(178)
    }
  }

  /// What figures of the journal keep within.
  public var limits: JournalLimits {
    var limits = JournalLimits()
    switch self {
    case .nature:
      (limits.height, limits.text, limits.script) = (.millimetres(170), 5, 5)
      limits.lines = 0.25...1
    case .elsevier:
      (limits.height, limits.text, limits.script) = (.millimetres(240), 7, 6)
      (limits.lines, limits.resolution) = (0.25...3, 500)
    case .acs:
      (limits.height, limits.text, limits.script) = (.points(660), 4.5, 4.5)
      (limits.lines, limits.resolution) = (0.5...3, 600)
    case .wiley: (limits.text, limits.script) = (7, 6)
    case .rsc:
      (limits.height, limits.text, limits.script) = (.millimetres(233), 7, 5)
      (limits.lines, limits.resolution) = (0.5...3, 600)
    case .iucr:
      (limits.text, limits.script, limits.lines) = (7, 5.5, 0.35...1.5)
    case .aps:
      // Capitals and digits at least 2 mm high.
      (limits.text, limits.script) = (7.8, 5.5)
      (limits.lines, limits.resolution) = (0.5...3, 600)
    }
    return limits
  }

  /// Sizes of letters and lines, in the family that the journal asks for or the one nearest to it.
  public var style: FigureStyle {
    var style = FigureStyle()
    switch self {
    case .nature:
      style = style.scaled(6.5 / 7)
      style.letterSize = 8
    case .elsevier, .rsc: style = style.scaled(7 / style.tickSize)
    case .acs: break
    case .wiley, .iucr: style = style.scaled(8 / style.labelSize)
    case .aps: style = style.scaled(7.8 / style.tickSize)
    }
    let limits = limits
    style.family = FontChoice(limits.families).family
    (style.leastText, style.leastLine) = (limits.script, limits.lines.lowerBound)
    style.axisWidth = max(style.axisWidth, style.leastLine)
    style.lineWidth = min(style.lineWidth, limits.lines.upperBound)
    return style
  }

  /// - Throws: `usage` that lists the names.
  public static func named(_ name: String) throws(VoxelithError) -> JournalPreset {
    guard let preset = JournalPreset(rawValue: name.lowercased()) else {
      throw VoxelithError(
        .usage, "there is no journal preset '\(name)'",
        advice: NameGuess.advice(for: name, among: allCases.map(\.rawValue)))
    }
    return preset
  }
}
