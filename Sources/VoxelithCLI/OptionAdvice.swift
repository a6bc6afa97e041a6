import ArgumentParser
import Foundation
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

  /// What was meant by a command or a value that nobody knows, from the parser's own words; nil where nothing is near.
  static func guess(_ message: String, arguments: [String]) -> String? {
    let quoted = message.components(separatedBy: "'").enumerated().filter { $0.offset % 2 == 1 }.map(
      \.element)
    var meant: String?
    if message.hasPrefix("The value '"), let value = quoted.first {
      let listed = message.components(separatedBy: "\n").filter { $0.hasPrefix("  - ") }.map {
        String($0.dropFirst(4))
      }
      meant = NameGuess.closest(
        to: value, among: listed + quoted.dropFirst().filter { !$0.hasPrefix("-") })
    } else if message.contains("nexpected argument"), let value = quoted.first, value == arguments.first {
      meant = NameGuess.closest(
        to: value, among: VoxelithCommand.commands.compactMap { $0.configuration.commandName })
    } else if message.hasPrefix("Unknown option"), !message.contains("Did you mean"), let value = quoted.first
    {
      let running = VoxelithCommand.commands.first { $0.configuration.commandName == arguments.first }
      let known = options(in: (running ?? VoxelithCommand.self).helpMessage())
      meant = NameGuess.closest(to: value, among: known)
    }
    return meant.map { "Did you mean '\($0)'?" }
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
