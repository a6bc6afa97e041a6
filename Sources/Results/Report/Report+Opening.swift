import Compton
import Correlation
import Drawing
import Foundation
import Readers
import Registration
import Volumetry

/// What the page opens with: the answer, the pictures that carry it, and its doubts.
extension Report {
  /// Material, mean x with its error, and verdict.
  static func answerSection(_ known: KnownResults) -> Section? {
    known.mainMap.map { Section("Result", [.lead(answer($0.report))]) }
  }

  /// What lithium has to do with the structure, each relation with its interval.
  static func relationsSection(_ known: KnownResults) -> Section? {
    let plots = known.correlations.compactMap { entry, correlation -> Item? in
      guard let plot = relations(correlation) else { return nil }
      let counts = correlation.relations.compactMap { $0.pearson?.voxels }
      let voxels = counts.min().map { low in
        counts.max() == low ? "\(low) voxels" : "\(low) to \(counts.max() ?? low) voxels"
      }
      return .drawing(
        plot.scene(width: .millimetres(110)),
        caption: "Pearson's correlation r of each pair of quantities over \(voxels ?? "the voxels"), with "
          + "\(Ticks.number(100 * correlation.confidence, digits: 3)) % intervals from the number of independent "
          + "voxels. Filled markers: significant also after correction for the number of relations (q below "
          + "\(Ticks.number(1 - correlation.confidence, digits: 2))); rings: not significant. (\(entry))")
    }
    return plots.isEmpty ? nil : Section("Relations", [.beside(plots)])
  }

  /// What a reader must know before using a number; nothing where there is no result to doubt.
  static func warningsSection(_ known: KnownResults) -> Section? {
    let main = known.mainMap?.report
    let found = warnings(known, main)
    guard main != nil || !found.isEmpty else { return nil }
    return Section(found.isEmpty ? "Warnings" : "Warnings (\(found.count))", [.warnings(found)])
  }

  /// Material, mean x with its error, verdict: one sentence.
  private static func answer(_ map: MapReport) -> RichText {
    let material = map.formula.map { RichText(formula: $0) + RichText(plain: ": ") } ?? RichText(runs: [])
    guard let meanX = map.meanX else { return material + RichText(plain: "no voxel has a value of x.") }
    let error = map.meanXSigma == nil ? "error unknown" : "standard error, shared errors included"
    return material
      + RichText(
        plain: "mean x = \(ErrorDigits.text(meanX, map.meanXSigma)) (\(error)) over \(map.mapped) of "
          + "\(map.voxels) voxels; \(verdict(map)).")
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
          .map { "\($0.value.voxels) (\(QuantityName.words($0.key)))" }
        let count = "\(main.voxels - main.mapped) of \(main.voxels) voxels have no value"
        found.append(count + (reasons.isEmpty ? "." : ": " + reasons.joined(separator: ", ") + "."))
      }
    }
    for (_, registration) in known.registrations {
      found += (registration.warnings ?? []).map { "Alignment: \($0)" }
    }
    for (_, correlation) in known.correlations {
      for relation in correlation.relations {
        let name = "\(words(relation.y)) against \(words(relation.x))"
        if relation.pearson == nil, let reason = relation.reason {
          found.append("\(name): \(words(reason, of: relation)).")
        }
        if let few = relation.pearson?.effectiveVoxels, few < 10 {
          found.append(
            "\(name): only \(Ticks.number(few, digits: 2)) independent voxels, so the interval is wide.")
        }
      }
    }
    return found
  }

  static func words(_ name: String) -> String { QuantityName.words(name) }

  /// A sentence in which quantities have the names of their columns.
  private static func words(_ sentence: String, of relation: Relation) -> String {
    [relation.x, relation.y].reduce(sentence) { $0.replacing($1, with: words($1)) }
  }

  /// The map beside its standard error, in the slice with most values.
  static func pictures(_ folder: ResultFolder, _ known: KnownResults) -> [Item]? {
    guard let main = known.mainMap else { return nil }
    let place = PathName.folder(of: main.entry)
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
      let figure = try PanelFigure.valueAndSigma(value: x, sigma: sigma, plane: .middle(axis), label: label)
      return [
        .drawing(
          figure.scene(width: .millimetres(180)),
          caption: "Lithium content x (a) and its standard error by counts (b) in the same slice, "
            + "\(main.report.mapped) of \(main.report.voxels) voxels. Hatched: no value.")
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
