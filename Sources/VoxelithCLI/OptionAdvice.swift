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

  /// What is wrong with a command line, and what was meant where a word is near one that is known.
  ///
  /// - Parameters:
  ///   - message: the parser's own words.
  ///   - full: these with the help of the option and the usage.
  static func told(
    _ message: String, _ full: String, arguments: [String]
  ) -> (problem: String, guess: String?) {
    let quoted = message.components(separatedBy: "'").enumerated().filter { $0.offset % 2 == 1 }.map(
      \.element)
    let commands = VoxelithCommand.commands.compactMap { $0.configuration.commandName }
    let named = arguments.first { !$0.hasPrefix("-") }
    if let named, !commands.contains(named), named != "help", !message.hasPrefix("Missing value") {
      return ("there is no command '\(named)'", NameGuess.advice(for: named, among: commands, as: "commands"))
    }
    if message.hasPrefix("Unknown option"), let value = quoted.first {
      if let first = arguments.first, first.hasPrefix("-"), first == value, let named {
        return ("the option \(value) stands before the command", "write it after '\(named)'")
      }
      let running = VoxelithCommand.commands.first { $0.configuration.commandName == named }
      let known = options(in: (running ?? VoxelithCommand.self).helpMessage())
      if running == nil, known.contains(value) {
        return (
          "\(value) needs a command", "write it after a command, as in 'voxelith inspect FILE \(value)'"
        )
      }
      return ("unknown option '\(value)'", NameGuess.closest(to: value, among: known).map(asked))
    }
    if message.hasPrefix("The value '"), quoted.count > 1 {
      return invalid(quoted[0], option: quoted[1], message, full)
    }
    let first = message.prefix { $0 != "\n" }
    return (first.prefix(1).lowercased() + first.dropFirst(), nil)
  }

  /// A value that an option does not take, with those that it does where they are words.
  private static func invalid(
    _ value: String, option: String, _ message: String, _ full: String
  ) -> (problem: String, guess: String?) {
    let name = option.prefix { $0 != " " }
    let listed = message.components(separatedBy: "\n").filter { $0.hasPrefix("  - ") }.map {
      String($0.dropFirst(4))
    }
    if !listed.isEmpty {
      return ("\(name) does not take '\(value)'", NameGuess.advice(for: value, among: listed))
    }
    let help = full.components(separatedBy: "\n").first { $0.hasPrefix("Help:") } ?? ""
    let words = help.components(separatedBy: ">").last.map { text in
      text.split { !($0.isLetter || $0 == "-" || $0 == "_") }.map(String.init).filter { $0.count > 2 }
    }
    let wrong = value.split(separator: ",").map(String.init).first { !(words ?? []).contains($0) }
    let meant = wrong.flatMap { NameGuess.closest(to: $0, among: words ?? []) }
    return ("\(name) does not take '\(value)'", meant.map(asked) ?? taken(help))
  }

  /// What an option takes, of the line of its help: the list at its end, or what the line says where it ends in none.
  private static func taken(_ help: String) -> String? {
    var told = help.components(separatedBy: ">").last?.trimmingCharacters(in: .whitespaces) ?? ""
    if let standard = told.range(of: "(default:", options: .backwards) {
      told = told[..<standard.lowerBound].trimmingCharacters(in: .whitespaces)
    }
    guard let colon = told.range(of: ": ", options: .backwards) else {
      return told.isEmpty ? nil : "its help: " + (told.hasSuffix(".") ? String(told.dropLast()) : told)
    }
    var list = String(told[colon.upperBound...])
    // A sentence may follow the list.
    if let end = list.range(of: ". ") { list = String(list[..<end.lowerBound]) }
    if list.hasSuffix(".") { list.removeLast() }
    return list.isEmpty ? nil : "it takes: " + list
  }

  private static func asked(_ name: String) -> String { "did you mean '\(name)'?" }

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
