/// What the numbers of a file stand for: `slope * number + offset`, and which number is none.
struct ValueScale: Sendable, Equatable {
  var slope = 1.0
  var offset = 0.0
  /// The number that marks places without a value.
  var missing: Double?
  /// What of the file says it.
  var source = ""

  var isNone: Bool { slope == 1 && offset == 0 && missing == nil }

  func callAsFunction(_ value: Double) -> Double {
    if let missing, value == missing { return .nan }
    return slope * value + offset
  }

  /// What was done to the numbers; nil where nothing was.
  var note: String? {
    if isNone { return nil }
    let text = GeometryOrigin.text
    var parts: [String] = []
    if slope != 1 || offset != 0 {
      parts.append(
        "the values are those of the file"
          + (slope == 1 ? "" : " times \(text(slope))")
          + (offset == 0 ? "" : offset < 0 ? " less \(text(-offset))" : " plus \(text(offset))"))
    }
    if let missing { parts.append("\(text(missing)) marks missing values, which are NaN") }
    return parts.joined(separator: "; ") + " (\(source))"
  }
}
