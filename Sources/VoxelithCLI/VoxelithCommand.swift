import ArgumentParser
import Foundation
import Voxelith

/// The root of the command line.
@main
struct VoxelithCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "voxelith",
    abstract:
      "3-D maps of lithium stoichiometry from X-ray Compton scattering, related to XCT microstructure.",
    discussion: """
      Example:
        voxelith demo -o demo-out

      Exit codes: 0 done; 64 wrong usage; 65 bad data; 66 an input is missing; 70 a bug in voxelith; 73 an output cannot be
      created; 74 reading or writing failed; 130 stopped by Ctrl-C or another signal.

      With --json, results go to standard output and errors to standard error, each as one JSON document; notes
      stand in it, or are a document of their own, {"notes": [...]}, where all went well.
      """,
    version: PackageVersion.current,
    subcommands: commands)

  /// Parses, runs, and turns every failure into one or two lines and an exit code.
  static func main() {
    // A limit on the size of files, and a reader that has gone, are errors of writing and not the end of the process.
    for number in [SIGXFSZ, SIGPIPE] { _ = signal(number, SIG_IGN) }
    var running: (any ParsableCommand.Type) = VoxelithCommand.self
    do {
      try OpenFileLimit.raise()
      Interrupt.install()
      let arguments = try PathBytes.arguments()
      if arguments.first == "help", let named = arguments.dropFirst().first { try known(named) }
      var command = try parseAsRoot(arguments)
      running = type(of: command)
      try Interrupt.watch { try command.run() }
      ProgressBar.clear()
      Console.tellNotes()
      try StandardStreams.checkOutput()
    } catch let error as VoxelithError {
      OutputFile.removeEmptyFolders()
      PathBytes.removeEmptyFolders()
      Console.fail(OptionAdvice.fitted(error, to: running))
    } catch {
      OutputFile.removeEmptyFolders()
      PathBytes.removeEmptyFolders()
      ProgressBar.clear()
      finish(error)
    }
  }

  /// - Throws: `usage` for a command that `help` is asked of and that there is not.
  private static func known(_ name: String) throws {
    let names = commands.compactMap { $0.configuration.commandName }
    guard names.contains(name) || name.hasPrefix("-") || name == "help" else {
      throw VoxelithError(
        .usage, "there is no command '\(name)'",
        advice: NameGuess.advice(for: name, among: names, as: "commands"))
    }
  }

  /// Prints the help that was asked for, or what is wrong with the command line, and ends.
  private static func finish(_ error: any Error) -> Never {
    let status = exitCode(for: error)
    guard !status.isSuccess else {
      var text = fullMessage(for: error, columns: 100_000)
      // Completions and the version come this way, too.
      if text.hasPrefix("OVERVIEW: ") { text = HelpText.fitted(text, width: HelpText.width) }
      if !text.isEmpty { StandardStreams.write([UInt8]((text + "\n").utf8)) }
      do throws(VoxelithError) {
        try StandardStreams.checkOutput()
      } catch {
        Console.fail(error)
      }
      Foundation.exit(0)
    }
    let arguments = (try? PathBytes.arguments()) ?? []
    let full = fullMessage(for: error, columns: 100_000)
    let (problem, guess) = OptionAdvice.told(message(for: error), full, arguments: arguments)
    let isNegative = arguments.contains { $0.count > 1 && $0.hasPrefix("-") && Double($0) != nil }
    let hint = isNegative ? "write a negative value with an equals sign, as in --x=-1" : nil
    if Console.speaksJSON {
      let advice = [guess, hint, "see --help"].compactMap { $0 }.joined(separator: "; ")
      Console.fail(VoxelithError(.usage, problem, advice: advice))
    }
    Console.error([problem, guess.map { "(\($0))" }].compactMap { $0 }.joined(separator: " "))
    var rest = full.components(separatedBy: "\n").drop { !$0.hasPrefix("Usage: ") }.flatMap {
      $0.hasPrefix("Usage: ") ? HelpText.filled($0, width: HelpText.width, first: "", next: "       ") : [$0]
    }
    if let hint { rest.append(hint) }
    if !rest.isEmpty { StandardStreams.complain([UInt8]((rest.joined(separator: "\n") + "\n").utf8)) }
    Foundation.exit(status.rawValue)
  }
}
