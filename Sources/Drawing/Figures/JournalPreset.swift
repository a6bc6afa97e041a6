public import Volumetry

/// Widths and letter sizes that journals ask for.
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

  public var style: FigureStyle {
    switch self {
    case .nature: FigureStyle().scaled(6.5 / 7)
    case .iucr, .aps, .wiley: FigureStyle().scaled(8.0 / 7)
    default: .standard
    }
  }

  /// - Throws: `usage` that lists the names.
  public static func named(_ name: String) throws(VoxelithError) -> JournalPreset {
    guard let preset = JournalPreset(rawValue: name.lowercased()) else {
      throw VoxelithError(
        .usage, "there is no journal preset '\(name)'",
        advice: "known: " + allCases.map(\.rawValue).joined(separator: ", "))
    }
    return preset
  }
}
