import ArgumentParser
import Foundation
import Voxelith

/// Results for Python.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Export a folder of results as NPY, NPZ, CSV and JSON, with a notebook that opens them.",
    discussion: """
      Example:
        voxelith export demo-out -o Notebooks-exports/demo
      """)

  @Argument(help: "Output folder of another command.")
  var folder: String

  @Option(name: .shortAndLong, help: "Where to write; Notebooks-exports/NAME of the folder without it.")
  var output: String?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let source = try ResultFolder(folder)
    let name = PathName.last(of: PathName.absolute(folder))
    let target = output ?? "Notebooks-exports/\(name)"
    var export = NotebookExport()
    export.overwrite = outputOptions.overwrite
    let ready = export
    let performance = try Performance(
      "export", .folder(target, files: []), common, overwrite: outputOptions.overwrite,
      // What an earlier export left below the folder itself is written anew, and not read.
      inputs: source.entries.map(source.file).filter {
        !PathName.real($0).hasPrefix(PathName.real(target) + "/")
      })
    let record = try performance.run { resources in
      try ready.write(source, to: target, resources: resources, notice: { common.console.notice($0) })
    }.result
    common.console.say(
      "\(target): \(record.volumes.count) volumes\(record.table.map { ", table \($0)" } ?? ""), notebook \(record.notebook)"
    )
    try common.console.result(record)
  }
}
