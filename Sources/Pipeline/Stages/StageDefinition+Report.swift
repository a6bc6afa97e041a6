import Foundation
import Readers
import Results
import Volumetry

extension StageDefinition {
  /// The numbers of all stages in one file, and the page.
  static let report = StageDefinition(
    name: "report",
    reads: [
      "inspect", "calibrate", "segment", "orient", "pores", "transport", "particles", "interfaces", "paths",
      "diffuse", "map-plain", "register", "fractions", "fields", "maps", "map", "materials", "correlate",
      "figures",
    ], absence: { _, _ in nil }, cost: { StageCost(1 + 0.05 * $0.million, 1 << 27) },
    prepare: { (pipeline, folder) throws(VoxelithError) in try pipeline.reportStage(folder) })
}

extension Pipeline {
  fileprivate func reportStage(_ folder: String) throws(VoxelithError) -> Stage {
    let names = plan.names
    let records = names.filter { $0 != "report" }.map { folder + "/\($0)/stage.json" }
    let truth = file.inputs.files.truth.map(resolve)
    let title = file.report.title ?? "Lithium and microstructure"
    return try Stage(
      "report", inputs: records.filter { FileManager.default.fileExists(atPath: $0) },
      settings: ["title": title, "has_truth": truth != nil, "stages": names]
    ) { (work, _) throws(VoxelithError) in
      let summary = try PipelineSummary(folder, stages: names, truth: truth)
      try JSONOutput.write(summary, to: work + "/summary.json", overwrite: true)
      var page = try Report(
        folder: try ResultFolder(folder).keeping { Self.isShown($0, of: names) }, title: title)
      // The pipeline's own summary tells more than that of any folder.
      let place =
        page.sections.firstIndex { $0.heading == "Summary" } ?? page.sections.firstIndex {
          $0.heading == "Figures"
        } ?? page.sections.count
      page.sections.removeAll { $0.heading == "Summary" }
      page.sections.insert(summary.section, at: place)
      page.sections.append(try Self.origins(folder, stages: names))
      page.footer = "Voxelith \(PackageVersion.current)"
      try page.write(to: work + "/report.html", overwrite: true)
    }
  }

  /// Settings of every stage and checksums of what it read: the part of its provenance that is the same each time.
  private static func origins(_ folder: String, stages: [String]) throws(VoxelithError) -> Report.Section {
    var rows = [["stage", "settings", "inputs (start of SHA-256)"]]
    for stage in stages {
      let path = folder + "/\(stage)/provenance.json"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let provenance = try ResultFile.read(Provenance.self, path)
      var settings: [String] = []
      if case .object(let object) = provenance.parameters {
        settings = object.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }
      }
      let inputs = provenance.inputs.map { (path, hash) in
        "\(PathName.last(of: path)) \(hash.prefix(16))"
      }.sorted()
      rows.append([stage, settings.joined(separator: "; "), inputs.joined(separator: "; ")])
    }
    return Report.Section(
      "Provenance", [.folded([.table(rows)], title: "Parameters and inputs of \(rows.count - 1) stages")])
  }

  /// What belongs on the page. Provenance in full, with its times, stays in the folders.
  private static func isShown(_ entry: String, of stages: [String]) -> Bool {
    guard let stage = entry.split(separator: "/").first, stages.contains(String(stage)) else { return false }
    return ResultFolder.isOnPage(entry) && !entry.hasSuffix("stage.json")
      && !entry.hasSuffix("provenance.json")
  }
}
