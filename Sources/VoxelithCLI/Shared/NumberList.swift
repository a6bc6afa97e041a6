import ArgumentParser

/// Numbers that commas separate.
struct NumberList: ExpressibleByArgument, Sendable {
  let values: [Double]

  init(_ values: [Double]) { self.values = values }

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.compactMap { Double($0) }.filter(\.isFinite)
    guard !numbers.isEmpty, numbers.count == words.count else { return nil }
    values = numbers
  }

  var defaultValueDescription: String { values.map { Format.significant($0, 6) }.joined(separator: ",") }
}
