import Compton
import Correlation
import Drawing
import Foundation
import Readers
import Registration
import Volumetry

/// What the page opens with: the answer, its doubts, and the pictures that carry it.
extension Report {
  /// - Parameter folder: of the results, for the map and its errors.
  static func opening(_ known: KnownResults, _ folder: ResultFolder) -> Section? {
    // The corrected map where there are two.
    let main =
      known.maps.first { $0.entry == "map/map.json" || $0.entry == "map.json" } ?? known.maps.first
    var items: [Item] = []
    if let main { items.append(.lead(answer(main.report))) }
    let warnings = warnings(known, main?.report)
    if main != nil || !warnings.isEmpty { items.append(.warnings(warnings)) }
    if let main { items += pictures(folder, beside: main.entry).map { [.beside($0)] } ?? [] }
    for (entry, correlation) in known.correlations {
      if let plot = relations(correlation) {
        items.append(
          .beside([
            .drawing(
              plot.scene(width: .millimetres(100)),
              caption: "Relations in \(entry), with "
                + "\(Ticks.number(100 * correlation.confidence, digits: 3)) % intervals. Filled markers: found also "
                + "after correction for the number of relations (q below "
                + "\(Ticks.number(1 - correlation.confidence, digits: 2))); rings: not found.")
          ]))
      }
    }
    return items.isEmpty ? nil : Section("Result", items)
  }

  /// Material, mean x with its error, verdict: one sentence each.
  private static func answer(_ map: MapReport) -> RichText {
    let material = map.formula.map { RichText(formula: $0) + RichText(plain: ": ") } ?? RichText(runs: [])
    guard let mean = measured(map.meanX, map.meanXSigma) else {
      return material + RichText(plain: "no voxel has a value of x.")
    }
    let error = map.meanXSigma == nil ? " (error unknown)" : ""
    return material
      + RichText(
        plain: "mean x = \(mean)\(error) over \(map.mapped) of \(map.voxels) voxels; \(verdict(map)).")
  }

  private static func verdict(_ map: MapReport) -> String {
    guard let misfit = map.misfit else { return "whether the model describes the spectra was not tested" }
    switch misfit.verdict {
    case .described: return "the model describes the measured spectra"
    case .corrected:
      let names = misfit.corrections.map(\.name).joined(separator: ", ")
      return "the model describes the measured spectra after corrections (\(names))"
    case .notDescribed:
      return "the model does not describe the measured spectra, so x may be wrong by more than its error"
    }
  }

  private static func warnings(_ known: KnownResults, _ main: MapReport?) -> [String] {
    var found: [String] = []
    if let main {
      if main.misfit?.verdict == .notDescribed {
        found.append("The model does not describe the summed spectrum: look at misfit.png before using x.")
      }
      if let notice = main.meanNotice { found.append(notice) }
      if let screening = main.screening { found.append(screening) }
      if main.mapped < main.voxels {
        let reasons = main.mask.filter { $0.key != "good" && $0.value.voxels > 0 }
          .sorted { $0.value.voxels > $1.value.voxels }
          .map { "\($0.value.voxels) \($0.key.replacing("_", with: " "))" }
        found.append("Voxels without a value: " + reasons.joined(separator: ", ") + ".")
      }
    }
    for (_, registration) in known.registrations {
      found += (registration.warnings ?? []).map { "Alignment: \($0)" }
    }
    for (_, correlation) in known.correlations {
      for relation in correlation.relations {
        let name = "\(words(relation.y)) against \(words(relation.x))"
        if relation.pearson == nil, let reason = relation.reason { found.append("\(name): \(reason)") }
        if let few = relation.pearson?.effectiveVoxels, few < 10 {
          found.append(
            "\(name): only \(Ticks.number(few, digits: 2)) independent voxels, so a wide interval.")
        }
      }
    }
    return found
  }

  private static func words(_ name: String) -> String { name.replacing("_", with: " ") }

  /// The map beside its standard error, in the slice with most values.
  private static func pictures(_ folder: ResultFolder, beside report: String) -> [Item]? {
    let place = PathName.folder(of: report)
    func open(_ name: String) -> (any VolumeSource)? {
      let entry = PathName.join(place, name)
      return folder.volumes.contains(entry) ? try? VolumeFile.open(folder.file(entry)) : nil
    }
    guard let x = open("li.tif"), let sigma = open("li_sigma.tif") else { return nil }
    let planes = [Axis.z, .y, .x].compactMap { try? SliceImage(x, .middle($0)) }
    let shares = planes.map { plane in
      Double(plane.values.count { $0.isFinite }) / Double(plane.values.count)
    }
    guard let best = shares.indices.max(by: { shares[$0] < shares[$1] }), shares[best] > 0 else { return nil }
    let axis = [Axis.z, .y, .x][best]
    do throws(VoxelithError) {
      let label = KnownQuantity.label(ofFile: folder.file(PathName.join(place, "li.tif"))) ?? "x"
      let value = try SliceFigure(x, plane: .middle(axis), label: label, title: "Lithium")
      let error = try SliceFigure(
        sigma, plane: .middle(axis), map: .lajolla, label: "standard error of x", title: "Its standard error")
      let width = Length.millimetres(85)
      return [
        .drawing(value.scene(width: width), caption: "Lithium content x, \(value.slice.place)"),
        .drawing(error.scene(width: width), caption: "Standard error of x by counts, in the same slice"),
      ]
    } catch {
      return nil
    }
  }

  private static func relations(_ report: CorrelationReport) -> ForestPlot? {
    let rows = report.relations.compactMap { relation -> ForestPlot.Row? in
      guard let r = relation.pearson?.coefficient, r.value.isFinite else { return nil }
      return ForestPlot.Row(
        RichText(plain: "\(words(relation.y)) against \(words(relation.x))"), value: r.value, low: r.low,
        high: r.high, isMarked: relation.pearson?.qValue.map { $0 < 1 - report.confidence })
    }
    guard !rows.isEmpty else { return nil }
    let reach = rows.flatMap { [abs($0.low), abs($0.high), abs($0.value)] }.filter(\.isFinite).max() ?? 1
    let end = min(1, 1.05 * reach)
    return ForestPlot(
      rows, label: "Pearson correlation r", title: "Lithium against microstructure", range: (-end)...end)
  }
}
