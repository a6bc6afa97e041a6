import ArgumentParser

/// Two numbers, `low,high`.
struct NumberPair: ExpressibleByArgument, Sendable {
  let low: Double
  let high: Double

  init(_ low: Double, _ high: Double) {
    self.low = low
    self.high = high
  }

  init?(argument: String) {
    guard let numbers = Self.numbers(argument, count: 2) else { return nil }
    self.init(numbers[0], numbers[1])
  }

  var defaultValueDescription: String { "\(low),\(high)" }

  static func numbers(_ text: String, count: Int) -> [Double]? {
    let values = text.split(separator: ",").compactMap { Double($0) }.filter(\.isFinite)
    return values.count == count && text.split(separator: ",").count == count ? values : nil
  }
}

/// Three numbers, `a,b,c`.
struct NumberTriple: ExpressibleByArgument, Sendable {
  let first: Double
  let second: Double
  let third: Double

  init?(argument: String) {
    guard let numbers = NumberPair.numbers(argument, count: 3) else { return nil }
    first = numbers[0]
    second = numbers[1]
    third = numbers[2]
  }

  /// The numbers as x, y, z.
  var vector: SIMD3<Double> { SIMD3(first, second, third) }
}
