import ArgumentParser
import Foundation
import Voxelith

/// The root of the command line.
@main
struct VoxelithCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "voxelith",
    abstract: "3-D lithium stoichiometry maps from X-ray Compton scattering, put on XCT microstructure.",
    discussion: """
      Example:
        voxelith demo -o demo-out

      Exit codes: 0 done, 64 wrong usage, 65 bad data, 66 input missing, 70 a defect of voxelith,
      73 cannot create an output, 74 input or output failed.
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
      var command = try parseAsRoot(PathBytes.arguments())
      running = type(of: command)
      try command.run()
      ProgressBar.clear()
      try StandardStreams.checkOutput()
    } catch let error as VoxelithError {
      OutputFile.removeEmptyFolders()
      PathBytes.removeEmptyFolders()
      Console.error(OptionAdvice.fitted(error, to: running).description)
      Foundation.exit(error.code.exitStatus)
    } catch {
      OutputFile.removeEmptyFolders()
      PathBytes.removeEmptyFolders()
      ProgressBar.clear()
      finish(error)
    }
  }

  /// Prints the help that was asked for, or what is wrong with the command line, and ends.
  private static func finish(_ error: any Error) -> Never {
    let status = exitCode(for: error)
    var text = fullMessage(for: error)
    let isNegative = ((try? PathBytes.arguments()) ?? []).contains {
      $0.count > 1 && $0.hasPrefix("-") && Double($0) != nil
    }
    if isNegative, !exitCode(for: error).isSuccess {
      text += "\nWrite a negative value with an equals sign, as in --x=-1"
    }
    guard status.isSuccess else {
      StandardStreams.complain([UInt8]((text + "\n").utf8))
      Foundation.exit(status.rawValue)
    }
    if !text.isEmpty { StandardStreams.write([UInt8]((text + "\n").utf8)) }
    do throws(VoxelithError) {
      try StandardStreams.checkOutput()
    } catch {
      Console.error(error.description)
      Foundation.exit(error.code.exitStatus)
    }
    Foundation.exit(0)
  }
}
