import ArgumentParser
import Voxelith

extension OperationSettings {
  /// The help of a key as an option shows it, with the default from the settings.
  static func text(_ key: CodingKeys) -> ArgumentHelp { ArgumentHelp(Self.option(key)) }

  /// The help of a key of a flag, which is off by default.
  static func flag(_ key: CodingKeys) -> ArgumentHelp { ArgumentHelp(Self.help(key)) }

  /// - Throws: `ValidationError` with what ``validate()`` finds, for `validate()` of a command.
  func checkOptions() throws {
    do {
      try validate()
    } catch {
      throw ValidationError(([error.message] + [error.advice].compactMap { $0 }).joined(separator: "; "))
    }
  }
}
