import ArgumentParser
import Foundation
import Voxelith

/// Statistics of fields on one grid.
struct CorrelateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "correlate", abstract: "Relate lithium to microstructure on the coarse grid.",
    discussion: """
      Example:
        voxelith correlate lithium=map/li.tif porosity=fields/porosity.tif pore_angle=fields/angle.tif@deg \\
          --sigma lithium=map/li_sigma.tif -o correlation

      Writes voxels.csv (a row per voxel) and correlation.json: Pearson, Spearman, Kendall, partial and weighted
      coefficients, p values and intervals from the effective number of voxels and a block bootstrap, errors in
      variables, mutual information, profiles, and q values over all pairs. Beside them a figure for every pair (points
      with the fitted line and its interval, means in bins, joint density) and one of the profiles through the depth.
      """)

  @Argument(help: "Fields as NAME=PATH or NAME=PATH@UNIT, all on one grid.")
  var fields: [NamedField]

  @Option(help: "Standard errors of a field, as NAME=PATH; repeat for more.")
  var sigma: [NamedField] = []

  @Option(help: "The same field of another sample or state to compare with, as NAME=PATH; repeat for more.")
  var compare: [NamedField] = []

  @Option(help: "Pairs to relate, as X,Y; repeat for more; all pairs if none is given.")
  var pair: [String] = []

  @Option(help: "Field to remove from both sides beside depth; repeat for more.")
  var control: [String] = []

  @Option(help: "Axis of the depth: z, y or x.")
  var depthAxis: Axis = .z

  @Option(help: "Level of the intervals.")
  var confidence: Double = 0.95

  @Option(help: "Replicates of the block bootstrap.")
  var replicates: Int = 1000

  @Option(help: "Seed of the block bootstrap.")
  var seed: UInt64 = 1

  @Flag(inversion: .prefixedNo, help: "Draw figures.")
  var figures = true

  @Option(help: "Voxel size in um where the files lack it: one number, or z,y,x.")
  var voxelSize: VoxelSize?

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the results.")
  var output: String

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard fields.count >= 2 || !compare.isEmpty else {
      throw ValidationError("give at least two fields, or one and --compare")
    }
    guard confidence > 0, confidence < 1, replicates >= 10 else {
      throw ValidationError("--confidence must lie between 0 and 1 and --replicates be 10 or more")
    }
  }

  func run() throws {
    let resources = common.resources()
    for name in CorrelationFolder.names {
      try OutputFile.check(output + "/" + name, overwrite: outputOptions.overwrite)
    }
    let options = VolumeOpenOptions(voxelSize: voxelSize?.spacing, threads: common.threads)
    let sources = try fields.map { try VolumeFile.open($0.path, options: options) }
    guard sources[0].grid.hasKnownSpacing else {
      throw VoxelithError(
        .data, "the size of the voxels is not known", file: fields[0].path,
        advice: "give it in um with --voxel-size")
    }
    var table = try VoxelTable(grid: sources[0].grid)
    for (field, source) in zip(fields, sources) { try table.add(field.name, unit: field.unit, from: source) }
    var analysis = CorrelationAnalysis()
    for field in sigma {
      let known = try table.column(field.name)
      let name = field.name + "_sigma"
      try table.add(name, unit: known.unit, from: try VolumeFile.open(field.path, options: options))
      analysis.sigmas[field.name] = name
    }
    analysis.confidence = confidence
    analysis.controls = control
    analysis.depthAxis = depthAxis
    analysis.replicates = replicates
    analysis.seed = seed
    var report = try analysis.run(
      table, pairs: pair.isEmpty ? nil : try pair.map(Self.split), resources: resources)
    if !compare.isEmpty {
      report.comparisons = try compare.map { field in
        let other = try VolumeFile.open(field.path, options: options)
        return CorrelationReport.NamedComparison(
          quantity: field.name,
          comparison: try SampleComparison(
            first: try table.column(field.name).values, shape: table.grid.shape,
            second: try other.read(Region(whole: other.grid.shape)).doubles(), shape: other.grid.shape,
            confidence: confidence))
      }
    }
    try CorrelationFolder.write(
      report, table: table, sigmas: analysis.sigmas, to: output, figures: figures,
      overwrite: outputOptions.overwrite)
    try common.console.result(report)
    describe(report)
  }

  private static func split(_ pair: String) throws -> (x: String, y: String) {
    let names = pair.split(separator: ",").map(String.init)
    guard names.count == 2 else {
      throw VoxelithError(.usage, "\"\(pair)\" is not a pair of quantities", advice: "write it as X,Y")
    }
    return (names[0], names[1])
  }

  private func describe(_ report: CorrelationReport) {
    let console = common.console
    for relation in report.relations {
      let r = relation.pearson.coefficient
      console.say(
        "\(relation.x) - \(relation.y): r = \(Format.fixed(r.value, 3)) [\(Format.fixed(r.low, 3)), \(Format.fixed(r.high, 3))], p = \(Format.significant(relation.pearson.pValue, 2)), q = \(Format.significant(relation.qBenjaminiHochberg, 2)), \(Format.fixed(relation.pearson.effectiveVoxels, 0)) independent of \(relation.pearson.voxels) voxels"
      )
    }
    for entry in report.comparisons ?? [] {
      let gap = entry.comparison.difference
      let g = entry.comparison.hedgesG
      console.say(
        "\(entry.quantity): difference \(Format.significant(gap.value, 4)) [\(Format.significant(gap.low, 4)), \(Format.significant(gap.high, 4))], g = \(Format.fixed(g.value, 3))"
      )
    }
    console.say("wrote \(output)/voxels.csv and \(output)/correlation.json")
  }
}
