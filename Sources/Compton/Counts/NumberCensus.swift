import Foundation

/// What kind of numbers a spectrum is made of: whole, negative, multiples of something.
struct NumberCensus {
  private var seen = 0
  private var whole = 0
  private var negatives = 0
  private var divisor: Int64 = 0
  /// A few of the numbers, to try units on.
  private var some: [Float] = []

  /// Adds spectra of `bins` numbers that lie one after another.
  mutating func add(_ numbers: [Float], bins: Int) {
    for number in numbers where number.isFinite {
      seen += 1
      if number < 0 { negatives += 1 }
      if number == number.rounded() {
        whole += 1
        if abs(number) < 1e9 { divisor = Self.commonDivisor(divisor, Int64(abs(number))) }
      }
      if some.count < 4096, number > 0 { some.append(number) }
    }
  }

  var negativePart: Double { seen > 0 ? Double(negatives) / Double(seen) : 0 }
  var areWhole: Bool { seen > 0 && whole == seen }

  /// The number of which all others are multiples, where it is one second's share of the live time or a whole number.
  func unit(liveTime: Double?) -> Double? {
    if areWhole { return divisor > 1 ? Double(divisor) : nil }
    guard let liveTime, !some.isEmpty else { return nil }
    let fits = some.count { number in
      let counts = Double(number) * liveTime
      // Single precision keeps 24 bits.
      return abs(counts - counts.rounded()) < max(1e-3, 3e-7 * counts) && counts < 3e6
    }
    return Double(fits) > 0.99 * Double(some.count) ? 1 / liveTime : nil
  }

  private static func commonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
