import ArgumentParser
import Voxelith

/// What killed runs left.
struct CleanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean", abstract: "Remove the unfinished files that killed runs left in a folder.",
    discussion: """
      Example:
        voxelith clean results

      Only files and folders whose names show that a voxelith process was still writing them are removed, here and in the
      folders below, and only if that process has ended. Those of other machines stay unless --other-machines says
      that nothing runs there any more.
      """)

  @Argument(help: "The folder.")
  var folder: String

  @Flag(help: "Also remove what processes on other machines left; make sure that they have ended.")
  var otherMachines = false

  @Flag(help: "Name what would be removed and remove nothing.")
  var dryRun = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    let console = common.console.answering
    let left = try Leftovers(in: folder)
    let removed =
      dryRun
      ? left.dead + (otherMachines ? left.elsewhere : []) : try left.remove(otherMachines: otherMachines)
    struct Outcome: Encodable {
      let removed: [String]
      let alive: [String]
      let otherMachines: [String]
      enum CodingKeys: String, CodingKey {
        case removed, alive
        case otherMachines = "other_machines"
      }
    }
    let kept = otherMachines ? [] : left.elsewhere
    try console.result(Outcome(removed: removed, alive: left.alive, otherMachines: kept))
    for path in removed { console.say((dryRun ? "would remove " : "removed ") + path) }
    for path in left.alive { console.say("kept, is being written: \(path)") }
    for path in kept { console.say("kept, of another machine: \(path)") }
    if removed.isEmpty { console.say("nothing to remove") }
  }
}
