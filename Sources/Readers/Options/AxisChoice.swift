/// What a voxel's spectrum is made of along an axis that is neither space nor energy: the elements of a detector, or the
/// frames of an exposure.
public enum AxisChoice: Sendable, Hashable {
  /// All of them added up.
  case sum
  /// One of them, counted from 0.
  case element(Int)
  /// Some of them, counted from 0, added up.
  case elements([Int])

  /// As a command line spells it: `sum`, `3`, `0,2,5` or `0-3`.
  public init?(_ text: String) {
    if text == "sum" {
      self = .sum
      return
    }
    var chosen: [Int] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 0,
        first <= last,
        last < 1 << 20
      else { return nil }
      chosen += first...last
    }
    guard !chosen.isEmpty, Set(chosen).count == chosen.count else { return nil }
    self = chosen.count == 1 ? .element(chosen[0]) : .elements(chosen)
  }

  /// The spelling that ``init(_:)`` reads.
  public var text: String {
    switch self {
    case .sum: "sum"
    case .element(let element): "\(element)"
    case .elements(let elements): elements.map(String.init).joined(separator: ",")
    }
  }

  /// The elements of an axis of `count`; nil where one is not there.
  func chosen(of count: Int) -> [Int]? {
    let chosen =
      switch self {
      case .sum: Array(0..<count)
      case .element(let element): [element]
      case .elements(let elements): elements
      }
    return chosen.allSatisfy { (0..<count).contains($0) } ? chosen : nil
  }
}

extension AxisChoice: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    var text = (try? container.decode(Int.self)).map { "\($0)" } ?? ""
    if text.isEmpty { text = try container.decode(String.self) }
    guard let choice = AxisChoice(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is neither sum nor numbers such as 0, 0-3 or 0,2")
    }
    self = choice
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
