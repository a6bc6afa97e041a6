/// How the values of a spectrum scatter.
public enum NoiseModel: Sendable, Hashable, Codable {
  /// They are counts: the variance of a value is the value.
  case counts
  /// The same standard deviation in all bins of a voxel, found from the scatter about the fitted ranges of that voxel.
  case scatter
  /// A known standard deviation, in the unit of the values.
  case known(Double)

  /// From `counts`, `scatter` or a number above zero; nil from anything else.
  public init?(_ text: String) {
    switch text {
    case "counts": self = .counts
    case "scatter": self = .scatter
    default:
      guard let sigma = Double(text), sigma > 0, sigma.isFinite else { return nil }
      self = .known(sigma)
    }
  }

  public var text: String {
    switch self {
    case .counts: "counts"
    case .scatter: "scatter"
    case .known(let sigma): "\(sigma)"
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number = try? container.decode(Double.self)
    let text = try number.map { "\($0)" } ?? container.decode(String.self)
    guard let value = NoiseModel(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "noise is counts, scatter or a number above zero")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if case .known(let sigma) = self { try container.encode(sigma) } else { try container.encode(text) }
  }
}
