/// The name that somebody meant who mistyped it.
public enum NameGuess {
  /// The nearest of the known names; nil where none is near.
  ///
  /// Near is a third of the letters wrong at most, by the distance of F. J. Damerau, Commun. ACM 7 (1964) 171: letters
  /// that are missing, too many, wrong or exchanged with their neighbour. Case, underscores and hyphens do not count.
  public static func closest(to name: String, among known: some Sequence<String>) -> String? {
    let wanted = plain(name)
    var best: (name: String, distance: Int)?
    for candidate in known {
      let distance = distance(wanted, plain(candidate))
      if distance < best?.distance ?? Int.max { best = (candidate, distance) }
    }
    guard let best, best.distance <= max(1, wanted.count / 3), best.distance < wanted.count else {
      return nil
    }
    return best.name
  }

  /// `did you mean 'slice'? Known: histogram, slice`.
  public static func advice(for name: String, among known: [String], as word: String = "known") -> String {
    let list = known.joined(separator: ", ")
    guard let meant = closest(to: name, among: known) else { return "\(word): \(list)" }
    return "did you mean '\(meant)'? \(word): \(list)"
  }

  private static func plain(_ text: String) -> [Character] {
    text.prefix(64).lowercased().filter { $0 != "_" && $0 != "-" }
  }

  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        row.append(cost)
      }
      (before, last) = (last, row)
    }
    return last[b.count]
  }
}
