/// Whether positions are those of a grid.
enum EvenSteps {
  /// Whether numbers go in one direction in steps that differ by no more than a tenth.
  static func areIn(_ numbers: [Double]) -> Bool {
    guard numbers.count > 1 else { return true }
    let step = (numbers[numbers.count - 1] - numbers[0]) / Double(numbers.count - 1)
    return zip(numbers, numbers.dropFirst()).allSatisfy { abs($1 - $0 - step) <= 0.1 * abs(step) }
      && step != 0
  }
}
