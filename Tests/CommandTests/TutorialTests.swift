import Foundation
import TestSupport
import Testing

/// Runs the commands of the tutorial, one after another, as a reader would.
@Suite struct TutorialTests {
  private struct Step {
    var commands: String
    /// What the page shows below the commands.
    var shown: [String] = []
  }

  private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/Voxelith/Voxelith.docc/Tutorial.md")

  /// Fenced blocks: `sh` to run, `text` for what they print.
  private static func steps() throws -> [Step] {
    var steps: [Step] = []
    var fence: String?
    for line in try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        fence = fence == nil ? String(line.dropFirst(3)) : nil
        if fence == "sh" { steps.append(Step(commands: "")) }
      } else if fence == "sh" {
        steps[steps.count - 1].commands += line + "\n"
      } else if fence == "text" {
        steps[steps.count - 1].shown.append(line)
      }
    }
    return steps
  }

  @Test func everyCommandRunsAndPrintsWhatIsShown() throws {
    let folder = try TemporaryFolder()
    let tools = (Program.path as NSString).deletingLastPathComponent
    let steps = try Self.steps()
    #expect(steps.count >= 10)
    for step in steps {
      let script = "set -eu\nPATH=\"\(tools):$PATH\"\n" + step.commands
      let result = try ExternalTools.run("/bin/sh", ["-c", script], in: folder.path)
      try #require(result.status == 0, "\(step.commands)\(result.log)")
      for line in step.shown { #expect(result.output.contains(line), "\(step.commands)\(result.output)") }
    }
    for name in [
      "lithium.png", "lithium-on-xct.png", "depth.pdf", "slices/stack.json", "export/explore.ipynb",
    ] {
      #expect(FileManager.default.fileExists(atPath: folder.file(name)), "\(name)")
    }
  }
}
