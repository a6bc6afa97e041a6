public import ArgumentParser
import Foundation
public import Voxelith

/// Statistics of fields on one grid.
struct CorrelateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "correlate", abstract: "Relate lithium to microstructure on the coarse grid.",
    discussion: """
      Example:
        voxelith correlate lithium=map/li.tif porosity=fields/porosity.tif pore_angle=fields/angle.tif@deg \\
          --sigma lithium=map/li_sigma.tif -o correlation

      Writes voxels.csv (a row per voxel) and correlation.json: Pearson, Spearman, Kendall, partial and weighted
      coefficients and mutual information with p values and intervals that know that voxels are neighbours, errors in
      variables (also errors that both sides share), profiles, and q values over every p value of the report. Beside
      them a figure for every pair (points with the fitted line and its interval, means in bins, joint density) and one
      of the profiles through the depth. The partial coefficients are free of the depth, of the place across it and of
      the fields of --control; how many degrees of freedom that took is told. A constant or empty field gives null with
      the reason. --explain NAME asks which of the other fields explain NAME together, and how much each.
      """)

  @Argument(help: "Fields as NAME=PATH or NAME=PATH@UNIT, all on one grid.")
  var fields: [NamedField]

  @Option(help: "Standard errors of a field, as NAME=PATH; repeat for more.")
  var sigma: [NamedField] = []

  @Option(help: "The same field of another sample or state to compare with, as NAME=PATH; repeat for more.")
  var compare: [NamedField] = []

  @Option(help: "Pairs to relate, as X,Y; repeat for more; all pairs if none is given.")
  var pair: [String] = []

  @Option(help: "Covariance of the errors of two fields, as X,Y=PATH; repeat for more.")
  var sharedError: [String] = []

  @Option(
    help:
      "Field to remove from both sides, as a smooth function of it, beside depth and place; repeat for more.")
  var control: [String] = []

  @Option(help: "What to remove of the depth: layers (the mean of every layer), spline, line or none.")
  var controlDepth: ControlSettings.Depth = .layers

  @Option(help: "What to remove of the place across the depth: smooth, plane or none.")
  var controlLateral: ControlSettings.Lateral = .smooth

  @Option(help: "Field of directions in degrees that repeat after 180; repeat for more.")
  var axial: [String] = []

  @Option(help: "Field that the others together are to explain.")
  var explain: String?

  @Option(help: "Field that may explain it; repeat for more; all others if none is given.")
  var descriptor: [String] = []

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
    let names = fields.map(\.name)
    for name in control + axial + descriptor + [explain].compactMap({ $0 }) where !names.contains(name) {
      throw ValidationError("there is no field \(name); the fields are \(names.joined(separator: ", "))")
    }
    guard descriptor.isEmpty || explain != nil else {
      throw ValidationError("--descriptor needs --explain NAME, the field that is to be explained")
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
    for (field, source) in zip(fields, sources) {
      try table.add(
        field.name, unit: field.unit, period: axial.contains(field.name) ? 180 : nil, from: source)
    }
    var analysis = CorrelationAnalysis()
    for field in sigma {
      let known = try table.column(field.name)
      let name = field.name + "_sigma"
      try table.add(name, unit: known.unit, from: try VolumeFile.open(field.path, options: options))
      analysis.sigmas[field.name] = name
    }
    for text in sharedError {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw VoxelithError(
          .usage, "\"\(text)\" is not a covariance of errors", advice: "write it as X,Y=PATH")
      }
      let names = try Self.split(parts[0])
      _ = try table.column(names.x)
      _ = try table.column(names.y)
      let column = "\(names.x)_\(names.y)_shared_error"
      try table.add(column, unit: "1", from: try VolumeFile.open(parts[1], options: options))
      analysis.sharedErrors.append(.init(x: names.x, y: names.y, column: column))
    }
    analysis.confidence = confidence
    analysis.controls = ControlSettings(depth: controlDepth, lateral: controlLateral, fields: control)
    analysis.explained = explain
    analysis.descriptors = descriptor.isEmpty ? nil : descriptor
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
      guard let pearson = relation.pearson else {
        if let axial = relation.axial {
          console.say(
            "\(relation.x) - \(relation.y): R2 = \(Format.fixed(axial.squaredCorrelation, 3)) with the direction, p = \(Format.significant(axial.pValue, 2))"
          )
        } else {
          console.say("\(relation.x) - \(relation.y): none; \(relation.reason ?? "")")
        }
        continue
      }
      let r = pearson.coefficient
      console.say(
        "\(relation.x) - \(relation.y): r = \(Format.fixed(r.value, 3)) [\(Format.fixed(r.low, 3)), \(Format.fixed(r.high, 3))], p = \(Format.significant(pearson.pValue, 2)), q = \(Format.significant(relation.qBenjaminiHochberg ?? .nan, 2)), \(Format.fixed(pearson.effectiveVoxels, 0)) independent of \(pearson.voxels) voxels"
      )
      if let partial = relation.partial {
        let r = partial.coefficient
        console.say(
          "  partial r = \(Format.fixed(r.value, 3)) [\(Format.fixed(r.low, 3)), \(Format.fixed(r.high, 3))], p = \(Format.significant(partial.pValue, 2)), \(partial.spent) degrees of freedom spent on \((relation.controls ?? []).map(\.name).joined(separator: ", "))"
        )
      }
      if let errors = relation.errorsInVariables, let r = errors.correctedCorrelation {
        console.say(
          "  without errors r = \(Format.fixed(r.value, 3)) [\(Format.fixed(r.low, 3)), \(Format.fixed(r.high, 3))], reliability \(Format.fixed(errors.reliabilityX, 2)) and \(Format.fixed(errors.reliabilityY, 2))"
        )
      }
    }
    if let model = report.descriptors {
      console.say(
        "\(model.quantity): \(Format.fixed(100 * model.explained.value, 1)) % explained"
          + (model.predicted.map { ", \(Format.fixed(100 * $0, 1)) % predicted of unseen blocks" } ?? "")
      )
      for part in model.descriptors {
        console.say(
          "  \(part.name): \(Format.fixed(100 * part.share.value, 1)) % [\(Format.fixed(100 * part.share.low, 1)), \(Format.fixed(100 * part.share.high, 1))]"
        )
      }
      for note in model.notes { console.say("  \(note)") }
    } else if let reason = report.descriptorsReason {
      console.say("no model of all descriptors: \(reason)")
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

extension ControlSettings.Depth: ExpressibleByArgument {}
extension ControlSettings.Lateral: ExpressibleByArgument {}
