/// Value of an attribute or of a small dataset: text or numbers, one or several.
public enum HDF5Value: Sendable, Hashable {
  case strings([String])
  case numbers([Double])

  /// The first text.
  public var string: String? {
    switch self {
    case .strings(let values): values.first
    case .numbers: nil
    }
  }

  public var strings: [String]? {
    switch self {
    case .strings(let values): values
    case .numbers: nil
    }
  }

  /// The numbers, also where a file spells them as text.
  public var numbers: [Double]? {
    switch self {
    case .numbers(let values): return values
    case .strings(let values):
      let parsed = values.compactMap { Double($0) }
      return parsed.count == values.count ? parsed : nil
    }
  }

  /// The first number.
  public var number: Double? { numbers?.first }
}
