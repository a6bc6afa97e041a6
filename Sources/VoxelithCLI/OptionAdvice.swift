import ArgumentParser
import Voxelith

/// Readers advise options without knowing which command reads. An option that the running command has not is told to be one of
/// those that have it.
enum OptionAdvice {
  static func fitted(_ error: VoxelithError, to command: any ParsableCommand.Type) -> VoxelithError {
    guard let advice = error.advice else { return error }
    let absent = options(in: advice).filter { !has(command, $0) }
    guard !absent.isEmpty else { return error }
    let told = absent.map { option in
      let others = VoxelithCommand.commands.filter { has($0, option) }
        .compactMap { $0.configuration.commandName }
      return others.isEmpty
        ? "\(option) is not an option of this command"
        : "\(option) is an option of \(others.joined(separator: ", "))"
    }
    return VoxelithError(
      error.code, error.message, file: error.file, place: error.place,
      advice: advice + " (" + told.joined(separator: "; ") + ")", cause: error.cause)
  }

  /// The options that a text names, each once.
  static func options(in text: String) -> [String] {
    var found: [String] = []
    for word in text.split(whereSeparator: { !($0.isLetter || $0 == "-") }) where word.hasPrefix("--") {
      var option = String(word)
      while option.hasSuffix("-") { option.removeLast() }
      if option.count > 3, !found.contains(option) { found.append(option) }
    }
    return found
  }

  private static func has(_ command: any ParsableCommand.Type, _ option: String) -> Bool {
    options(in: command.helpMessage()).contains(option)
  }
}
