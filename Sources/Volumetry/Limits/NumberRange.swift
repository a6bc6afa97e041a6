/// What a number that a person or a file gives may be.
///
/// A number beyond its range is a slip of the pen (eV for keV, um for m) or an attack, and is refused at the door with
/// what is possible. The ranges stand in one table, ``table``.
public struct NumberRange: Sendable, Hashable {
  /// As files spell it, with its unit.
  public let name: String
  public let lower: Double
  public let upper: Double
  /// Whether `lower` itself is possible.
  public let includesLower: Bool
  public let isWhole: Bool
  /// What to do.
  public let advice: String?

  init(
    _ name: String, _ range: ClosedRange<Double>, above: Bool = false, isWhole: Bool = false,
    advice: String? = nil
  ) {
    self.name = name
    lower = range.lowerBound
    upper = range.upperBound
    includesLower = !above
    self.isWhole = isWhole
    self.advice = advice
  }

  public func contains(_ value: Double) -> Bool {
    (includesLower ? value >= lower : value > lower) && value <= upper
      && (!isWhole || value == value.rounded(.towardZero))
  }

  /// Passes on a number that is possible.
  ///
  /// - Parameters:
  ///   - name: what the number is called where it stands, if not ``name``.
  ///   - code: `data` for files, `usage` for options.
  /// - Throws: an error of `code` with what is possible; NaN and infinity are never.
  @discardableResult
  public func check(
    _ value: Double, as name: String? = nil, code: VoxelithError.Code = .data, file: String? = nil,
    place: String? = nil
  ) throws(VoxelithError) -> Double {
    guard contains(value) else {
      throw VoxelithError(
        code, "\(name ?? self.name) is \(value); possible is \(words)", file: file, place: place,
        advice: advice)
    }
    return value
  }

  /// Passes on a whole number that is possible.
  @discardableResult
  public func check(
    _ value: Int, as name: String? = nil, code: VoxelithError.Code = .data, file: String? = nil,
    place: String? = nil
  ) throws(VoxelithError) -> Int {
    try check(Double(value), as: name, code: code, file: file, place: place)
    return value
  }

  /// The same for a number that may be left out.
  public func check(
    _ value: Double?, as name: String? = nil, code: VoxelithError.Code = .data, file: String? = nil,
    place: String? = nil
  ) throws(VoxelithError) {
    if let value { _ = try check(value, as: name, code: code, file: file, place: place) }
  }

  /// "0 to 100", "more than 0, up to 180".
  public var words: String {
    func text(_ value: Double) -> String {
      abs(value) < 1e7 && value == value.rounded(.towardZero) ? "\(Int(value))" : "\(value)"
    }
    let kind = isWhole ? "a whole number, " : ""
    return includesLower
      ? "\(kind)\(text(lower)) to \(text(upper))" : "\(kind)more than \(text(lower)), up to \(text(upper))"
  }
}
