import Volumetry

/// The family that a figure is set in, of those that were asked for.
public struct FontChoice: Sendable, Hashable {
  /// Name of the family that is drawn.
  public let family: String
  /// What a reader should know where none of the wanted families is installed; nil where one is.
  public let note: String?

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
        (family, note) = (drawn, nil)
        return
      }
    }
    for name in wanted {
      for other in Self.equals[name.lowercased()] ?? [] where TextMetrics.family(drawnFor: other) == other {
        family = other
        note = "\(name) is not installed; \(other) is used instead; its letters have the same widths"
        return
      }
    }
    family = Font.standard
    let known =
      ["Arial", "Helvetica", "Times New Roman", "Times", "Courier New", "Courier", Font.standard]
      + Self.equals.values.joined()
    let meant = wanted.first.flatMap { NameGuess.closest(to: $0, among: known) }
    note =
      wanted.isEmpty
      ? nil
      : "\(wanted.joined(separator: " or ")) is not installed, nor a font as wide; the letters are those of "
        + "\(Font.standard). Install the package fonts-liberation for letters as wide as Arial's"
        + (meant.map { ", if you meant '\($0)', correct the name" } ?? "")
  }
}
