import ArgumentParser
import Voxelith

extension NumberRange {
  /// Checks the number of an option.
  ///
  /// - Throws: an error of usage with what is possible.
  func checkOption(_ value: Double?, _ option: String) throws {
    guard let value, !contains(value) else { return }
    let hint = advice.map { " (\($0))" } ?? ""
    throw ValidationError("\(option) is \(value); possible is \(words)\(hint)")
  }

  func checkOption(_ value: Int, _ option: String) throws { try checkOption(Double(value), option) }
}
