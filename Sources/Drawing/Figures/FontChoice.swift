public import Volumetry

/// The family that a figure is set in, of those that were asked for.
public struct FontChoice: Sendable, Hashable {
  /// Name of the family that is drawn.
  public let family: String
  /// What a reader should know where none of the wanted families is installed; nil where one is.
  public let note: String?
  /// Whether one of them is installed, or one whose letters are as wide.
  let isFound: Bool

  /// Families whose letters are as wide as those of another, so that nothing moves when an editor replaces them.
  private static let equals: [String: [String]] = [
    "arial": ["Liberation Sans", "Arimo"], "helvetica": ["Liberation Sans", "Arimo", "Nimbus Sans"],
    "times new roman": ["Liberation Serif", "Tinos"], "times": ["Liberation Serif", "Tinos"],
    "courier new": ["Liberation Mono", "Cousine"], "courier": ["Liberation Mono", "Cousine"],
  ]

  /// Asks fontconfig for the families in their order, then for those of equal metrics, then for the standard one.
  public init(_ wanted: [String]) {
    for name in wanted {
      if let drawn = TextMetrics.family(drawnFor: name), drawn.lowercased() == name.lowercased() {
        (family, note, isFound) = (drawn, nil, true)
        return
      }
    }
    for name in wanted {
      for other in Self.equals[name.lowercased()] ?? [] where TextMetrics.family(drawnFor: other) == other {
        family = other
        note = "\(name) is not installed; \(other) is used instead; its letters have the same widths"
        isFound = true
        return
      }
    }
    family = Font.standard
    isFound = false
    note =
      wanted.isEmpty
      ? nil
      : "\(wanted.joined(separator: " or ")) is not installed, nor a font as wide; the letters are those of "
        + "\(Font.standard). Install the package fonts-liberation for letters as wide as Arial's"
  }

  /// The family that somebody named.
  ///
  /// - Throws: `usage` where neither it is installed nor one whose letters are as wide.
  public init(named name: String) throws(VoxelithError) {
    self = FontChoice([name])
    guard isFound else {
      let known =
        ["Arial", "Helvetica", "Times New Roman", "Times", "Courier New", "Courier", Font.standard]
        + Self.equals.values.joined()
      let meant = NameGuess.closest(to: name, among: known)
      throw VoxelithError(
        .usage, "there is no font '\(name)', nor one whose letters are as wide",
        advice: meant.map { $0.lowercased() == name.lowercased() ? nil : "did you mean '\($0)'?" }
          ?? "install it, or give one of those that fc-list names; the package fonts-liberation stands for Arial and Helvetica"
      )
    }
  }
}
