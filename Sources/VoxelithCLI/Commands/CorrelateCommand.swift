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
          --sigma lithium=map/li_sigma.tif --mask lithium=map/mask.tif -o correlation

      Writes voxels.csv (a row per voxel) and correlation.json: Pearson, Spearman, Kendall, partial and weighted
      coefficients and mutual information with p values and intervals that allow for the correlation of neighbouring voxels, errors in
      variables (also errors that both sides share), profiles, and q values over every p value of the report. Beside
      them a figure for every pair (points with the fitted line and its interval, means in bins, joint density) and one
      of the profiles through the depth. The partial coefficients control for depth, lateral position and
      the fields of --control; the report says how many degrees of freedom they use. A constant or empty field gives null with
      the reason. --explain NAME asks which of the other fields explain NAME together, and how much each.
      """)

  @Argument(help: "Fields as NAME=PATH, NAME=PATH@UNIT or NAME=PATH[CHANNEL]@UNIT, all on one grid.")
  var fields: [NamedField]

  @Option(help: "Standard errors of a field, as NAME=PATH; repeat for more.")
  var sigma: [NamedField] = []

  @Option(
    help: ArgumentHelp(
      "mask.tif of the map that a field comes from, as NAME=PATH: voxels that it flags take no part. Repeat for more."
    ))
  var mask: [NamedField] = []

  @Option(help: "The same field of another sample or state to compare with, as NAME=PATH; repeat for more.")
  var compare: [NamedField] = []

  @Option(help: "\(CorrelateSettings.help(.pairs)) Repeat for more.")
  var pair: [String] = []

  @Option(help: "Covariance of the errors of two fields, as X,Y=PATH; repeat for more.")
  var sharedError: [SharedErrorFile] = []

  @Option(help: "\(CorrelateSettings.help(.controls)) Repeat for more.")
  var control: [String] = []

  @Option(help: CorrelateSettings.text(.controlDepth))
  var controlDepth: ControlSettings.Depth?

  @Option(help: CorrelateSettings.text(.controlLateral))
  var controlLateral: ControlSettings.Lateral?

  @Option(help: "\(CorrelateSettings.help(.axial)) Repeat for more.")
  var axial: [String] = []

  @Option(help: CorrelateSettings.text(.explain))
  var explain: String?

  @Option(help: "\(CorrelateSettings.help(.descriptors)) Repeat for more.")
  var descriptor: [String] = []

  @Option(help: CorrelateSettings.text(.depthAxis))
  var depthAxis: Axis?

  @Option(help: CorrelateSettings.text(.confidence))
  var confidence: Double?

  @Option(help: CorrelateSettings.text(.replicates))
  var replicates: Int?

  @Option(help: CorrelateSettings.text(.seed))
  var seed: UInt64?

  @Flag(inversion: .prefixedNo, help: "Draw figures.")
  var figures = true

  @OptionGroup var input: VolumeInput

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the results.")
  var output: String

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  private var settings: CorrelateSettings {
    var settings = CorrelateSettings()
    settings.pairs = pair.isEmpty ? nil : pair.map { $0.split(separator: ",").map(String.init) }
    settings.controls = control
    settings.controlDepth = controlDepth ?? settings.controlDepth
    settings.controlLateral = controlLateral ?? settings.controlLateral
    settings.axial = axial
    settings.explain = explain
    settings.descriptors = descriptor.isEmpty ? nil : descriptor
    settings.depthAxis = depthAxis ?? settings.depthAxis
    settings.confidence = confidence ?? settings.confidence
    settings.replicates = replicates ?? settings.replicates
    settings.seed = seed ?? settings.seed
    return settings
  }

  func validate() throws {
    guard fields.count >= 2 || !compare.isEmpty else {
      throw ValidationError("give at least two fields, or one and --compare")
    }
    let names = fields.map(\.name)
    for name in control + axial + descriptor + [explain].compactMap({ $0 }) + (sigma + mask).map(\.name)
      + sharedError.flatMap({ [$0.x, $0.y] }) + pair.flatMap({ $0.split(separator: ",").map(String.init) })
    where !names.contains(name) {
      throw ValidationError(
        "there is no field '\(name)' (\(NameGuess.advice(for: name, among: names, as: "fields")))")
    }
  }

  func run() throws {
    let settings = settings
    let named = fields + sigma + mask + compare
    let performance = try Performance(
      "correlate", .folder(output, files: CorrelationFolder.names), common,
      overwrite: outputOptions.overwrite,
      settings: [
        "correlate": settings, "fields": input.settings, "figures": figures,
        "names": named.map(\.text) + sharedError.map(\.text),
      ], inputs: named.map(\.path) + sharedError.map(\.path), seeds: ["bootstrap": settings.seed],
      crate: crate)
    let report = try performance.run { resources in
      let sources = try fields.map { try open($0) }
      guard sources[0].grid.hasKnownSpacing else {
        throw VoxelithError(
          .data, "the size of the voxels is not known", file: fields[0].path,
          advice: "give it in µm with --voxel-size")
      }
      var table = try VoxelTable(grid: sources[0].grid)
      for (field, source) in zip(fields, sources) {
        try table.add(
          field.name, unit: field.unit, period: settings.axial.contains(field.name) ? 180 : nil,
          from: try unflagged(source, field.name))
      }
      var sigmas: [String: String] = [:]
      for known in table.columns {
        guard let field = sigma.last(where: { $0.name == known.name }) else { continue }
        let name = field.name + "_sigma"
        try table.add(name, unit: known.unit, from: try unflagged(try open(field), field.name))
        sigmas[field.name] = name
      }
      var analysis = try settings.analysis(sigmas: sigmas)
      for shared in sharedError {
        let column = "\(shared.x)_\(shared.y)_shared_error"
        try table.add(column, unit: "1", from: try input.settings.open(shared.path, threads: common.threads))
        analysis.sharedErrors.append(.init(x: shared.x, y: shared.y, column: column))
      }
      var report = try analysis.run(
        table, pairs: settings.namedPairs, resources: resources)
      if !compare.isEmpty {
        report.comparisons = try compare.map { field in
          let other = try open(field)
          return CorrelationReport.NamedComparison(
            quantity: field.name,
            comparison: try SampleComparison(
              first: try table.column(field.name).values, shape: table.grid.shape,
              second: try other.read(Region(whole: other.grid.shape)).doubles(), shape: other.grid.shape,
              confidence: settings.confidence))
        }
      }
      try CorrelationFolder.write(
        report, table: table, sigmas: sigmas, to: output, figures: figures, overwrite: outputOptions.overwrite
      )
      return report
    }.result
    try common.console.result(report)
    describe(report)
  }

  /// A field; a channel that it names stands above that of the options.
  private func open(_ field: NamedField) throws -> any VolumeSource {
    var how = input.settings
    how.channel = field.channel ?? how.channel
    return try how.open(field.path, threads: common.threads)
  }

  /// The field without the voxels that its mask flags.
  private func unflagged(_ source: any VolumeSource, _ name: String) throws -> any VolumeSource {
    guard let mask = mask.last(where: { $0.name == name }) else { return source }
    return try UnflaggedVolume(source, mask: try open(mask))
  }

  private static func words(_ axial: AxialRelation) -> String {
    let share = axial.interval
    return
      "R2 = \(Format.fixed(share.value, 3)) [\(Format.fixed(share.low, 3)), \(Format.fixed(share.high, 3))] with the direction, p = \(Format.significant(axial.pValue, 2)), q = \(Format.significant(axial.qValue ?? .nan, 2))"
  }

  private func describe(_ report: CorrelationReport) {
    let console = common.console
    for outliers in report.outliers ?? [] {
      let places = outliers.voxels.prefix(4).map { "(" + $0.map { "\($0)" }.joined(separator: ", ") + ")" }
      console.notice(
        "\(outliers.quantity): \(outliers.voxels.count) of its voxels, \(outliers.reason), "
          + "take no part: z, y, x = \(places.joined(separator: ", "))\(outliers.voxels.count > 4 ? ", ..." : "")"
      )
    }
    for relation in report.relations {
      guard let pearson = relation.pearson else {
        if let axial = relation.axial {
          console.say("\(relation.x) - \(relation.y): \(Self.words(axial))")
          if let partial = relation.axialPartial {
            console.say(
              "  without \((relation.controls ?? []).map(\.name).joined(separator: ", ")) (\(partial.spent) degrees of freedom): \(Self.words(partial))"
            )
          }
        } else {
          console.say("\(relation.x) - \(relation.y): none; \(relation.reason ?? "")")
        }
        continue
      }
      let r = pearson.coefficient
      console.say(
        "\(relation.x) - \(relation.y): r = \(Format.fixed(r.value, 3)) [\(Format.fixed(r.low, 3)), \(Format.fixed(r.high, 3))], p = \(Format.significant(pearson.pValue, 2)), q = \(Format.significant(relation.qBenjaminiHochberg ?? .nan, 2)), \(pearson.voxels) voxels, equivalent to \(pearson.independentVoxels) independent ones"
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
