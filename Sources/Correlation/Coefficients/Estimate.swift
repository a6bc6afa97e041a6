/// A number with its interval.
public struct Estimate: Sendable, Codable, Equatable {
  public let value: Double
  /// Ends of the interval at the nominal level of the analysis.
  public let low: Double
  public let high: Double

  public init(value: Double, low: Double, high: Double) {
    self.value = value
    self.low = low
    self.high = high
  }

  enum CodingKeys: String, CodingKey { case value, low, high }

  /// A number that JSON has as null was not known.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ key: CodingKeys) throws -> Double {
      try container.decodeIfPresent(Double.self, forKey: key) ?? .nan
    }
    self.init(value: try number(.value), low: try number(.low), high: try number(.high))
  }
}
