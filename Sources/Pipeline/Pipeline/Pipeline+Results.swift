import Compton
import Drawing
import Foundation
import Readers
import Registration
import Results
import Volumetry

/// The stages that show what the others found.
extension Pipeline {
  func figureStage(_ folder: String) throws(VoxelithError) -> Stage {
    let plan = plan
    let calibration = folder + "/calibrate/calibration.json"
    let truth = file.inputs.truth.map(resolve)
    let (axis, colors) = try figureStyle()
    let name = file.figures?.colorMap ?? "batlow"
    let fractions = fractionPath(folder)
    let hasPlain = plan.has(.mapPlain)
    let hasAlignment = plan.has(.register) && hasPlain
    let spread = try pointSpread
    var inputs = [folder + "/map/li.tif", folder + "/map/li_sigma.tif", calibration]
    if hasPlain { inputs += [folder + "/map-plain/li.tif", folder + "/map-plain/intensity.tif"] }
    if hasAlignment { inputs.append(folder + "/register/transform.json") }
    inputs += [fractions, truth, hasAlignment ? finePath : nil].compactMap { $0 }
    return Stage(
      "figures", inputs: inputs,
      parameters: [
        "axis": axis.rawValue, "color_map": name, "plain": "\(hasPlain)", "alignment": "\(hasAlignment)",
        "fractions": "\(fractions != nil)", "has_truth": "\(truth != nil)",
      ]
    ) { (work, resources) throws(VoxelithError) in
      let loaded = try CalibrationFile.read(calibration)
      try MapFigures.write(
        map: folder + "/map", calibration: loaded, truth: truth, axis: axis, colorMap: name, to: work)
      if hasPlain, fractions != nil {
        try AlignmentFigures.before(
          plain: try openCoarse(folder + "/map-plain/li.tif"),
          corrected: try openCoarse(folder + "/map/li.tif"),
          truth: try truth.map { (path) throws(VoxelithError) in try openCoarse(path) }, axis: axis,
          colors: colors,
          range: loaded.range[0]...loaded.range[1]
        ).write(to: work + "/fractions_and_lithium.png")
      }
      if let fractions {
        let names = ["active"] + loaded.methods.profile.components.map(\.name)
        try AlignmentFigures.fractions(
          try FractionFile.open(fractions), names: names, axis: axis, colors: colors
        ).write(to: work + "/fractions.png")
      }
      if hasAlignment {
        let fine = try openMoving(folder)
        try AlignmentFigures.alignment(
          intensity: try openCoarse(folder + "/map-plain/intensity.tif"), xct: fine,
          through: try SpatialTransform.read(path: folder + "/register/transform.json"), spread: spread,
          axis: axis, resources: resources
        ).write(to: work + "/alignment.png")
      }
    }
  }

  /// The numbers of all stages in one file, and the page.
  func reportStage(_ folder: String) throws(VoxelithError) -> Stage {
    let plan = plan
    var records: [String] = []
    for stage in plan.stages where stage != .report {
      records.append(folder + "/\(stage.rawValue)/stage.json")
    }
    let truth = file.inputs.truth.map(resolve)
    let title = file.report?.title ?? "Lithium and microstructure"
    return Stage(
      "report", inputs: records.filter { FileManager.default.fileExists(atPath: $0) },
      parameters: ["title": title, "has_truth": "\(truth != nil)"]
    ) { (work, _) throws(VoxelithError) in
      let summary = try PipelineSummary(folder, stages: plan.names, truth: truth)
      try JSONOutput.write(summary, to: work + "/summary.json", overwrite: true)
      var page = try Report(folder: try ResultFolder(folder).keeping(Self.isShown), title: title)
      // The pipeline's own summary tells more than that of any folder.
      page.sections.removeAll { $0.heading == "Summary" }
      page.sections.insert(summary.section, at: 0)
      page.sections.append(try Self.origins(folder, stages: plan.names))
      page.footer = "Voxelith \(PackageVersion.current)"
      try page.write(to: work + "/report.html", overwrite: true)
    }
  }

  /// Parameters of every stage and checksums of what it read: the part of its provenance that is the same each time.
  private static func origins(_ folder: String, stages: [String]) throws(VoxelithError) -> Report.Section {
    var rows = [["stage", "parameters", "inputs (SHA-256)"]]
    for stage in stages {
      let path = folder + "/\(stage)/provenance.json"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let provenance = try ResultFile.read(Provenance.self, path)
      let parameters = provenance.parameters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      let inputs = provenance.inputs.map { (path, hash) in
        "\((path as NSString).lastPathComponent) \(hash.prefix(16))"
      }.sorted()
      rows.append([stage, parameters.joined(separator: "; "), inputs.joined(separator: "; ")])
    }
    return Report.Section("Provenance", [.table(rows)])
  }

  /// What belongs on the page: results and figures of all stages but the page itself, and volumes on the coarse grid.
  /// Provenance in full, with its times, stays in the folders.
  private static func isShown(_ entry: String) -> Bool {
    let parts = entry.split(separator: "/").map(String.init)
    guard let stage = parts.first, stage != "report" else { return false }
    let isVolume = entry.hasSuffix(".tif")
    if !isVolume { return !entry.hasSuffix("stage.json") && !entry.hasSuffix("provenance.json") }
    if stage == "map-plain" { return entry.hasSuffix("/li.tif") || entry.hasSuffix("/intensity.tif") }
    return ["map", "fractions", "fields", "register"].contains(stage)
  }
}
