import ArgumentParser
import Foundation
import Voxelith

/// One web page from an output folder.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Make one self-contained web page from an output folder.",
    discussion: """
      Example:
        voxelith report demo-out -o report.html

      The page needs no network: numbers, figures, a viewer of slices with the value under the cursor, parameters and hashes. Of
      a folder around the results of one pipeline, such as that of demo, it shows these results.
      """)

  @Argument(help: "Output folder of another command.")
  var folder: String

  @Option(name: .shortAndLong, help: "The page, .html.")
  var output: String

  @Option(name: .long, help: "Heading of the page.")
  var title: String?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    guard output.lowercased().hasSuffix(".html") || output.lowercased().hasSuffix(".htm") else {
      throw VoxelithError(.usage, "a report is a web page", file: output, advice: "end the name in .html")
    }
    let source = try ResultFolder(folder)
    let performance = try Performance(
      "report", .file(output), common, overwrite: outputOptions.overwrite, settings: ["title": title],
      inputs: source.entries.map(source.file))
    let report = try performance.run { _ in
      var report = try Report(folder: source, title: title, notice: { common.console.notice($0) })
      report.footer = "Voxelith \(PackageVersion.current)"
      try report.write(to: output, overwrite: outputOptions.overwrite)
      return report
    }.result
    common.console.say("\(output): \(report.sections.map(\.heading).joined(separator: ", "))")
    try common.console.result(["report": output])
  }
}
