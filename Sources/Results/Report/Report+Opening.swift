import Compton
import Correlation
import Drawing
import Foundation
import Readers
import Registration
import Transport
import Volumetry

/// What the page opens with: the answer, the pictures that carry it, and its doubts.
extension Report {
  /// Material, mean x with its error, and verdict.
  static func answerSection(_ known: KnownResults) -> Section? {
    let leads =
      known.series.flatMap { entry in
        [series(entry.report, formula: known.formula)] + (entry.report.balance.map { [balance($0)] } ?? [])
      }
      + (known.series.isEmpty ? known.mainMaps.map { answer($0.report, name: known.name(of: $0.entry)) } : [])
      + known.diffusions.map { diffusion($0.report) }
    return leads.isEmpty ? nil : Section("Result", leads.map { .lead($0) })
  }

  /// What lithium has to do with the structure, each relation with its interval.
  ///
  /// - Parameter figures: of single relations.
  static func relationsSection(_ known: KnownResults, figures: [Item]) -> Section? {
    let plots = known.correlations.compactMap { entry, correlation -> Item? in
      guard let plot = relations(correlation) else { return nil }
      let counts = correlation.relations.compactMap { $0.pearson?.voxels }
      let voxels = counts.min().map { low in
        counts.max() == low ? "\(low) voxels" : "\(low) to \(counts.max() ?? low) voxels"
      }
      return .drawing(
        plot.scene(width: .millimetres(180)),
        caption: "Pearson's correlation r of each pair of quantities over \(voxels ?? "the voxels"), with "
          + "\(Ticks.number(100 * correlation.confidence, digits: 3)) % intervals from the number of independent "
          + "voxels. Filled markers: significant also after correction for the number of relations (q below "
          + "\(Ticks.number(1 - correlation.confidence, digits: 2))); rings: not significant. (\(entry))",
        narrow: plot.scene(width: .millimetres(95)))
    }
    let tables = correlationTables(known)
    let all =
      (plots.isEmpty ? [] : [Item.beside(plots)])
      + (tables.isEmpty ? [] : [.folded(tables, title: "All coefficients")])
      + (figures.isEmpty
        ? [] : [.folded([.beside(figures)], title: "Figures of the \(figures.count) relations")])
    return all.isEmpty ? nil : Section("Relations", all)
  }

  /// What a reader must know before using a number; nothing where there is no result to doubt.
  static func warningsSection(_ known: KnownResults) -> Section? {
    let mains = known.series.isEmpty ? known.mainMaps : []
    let found = warnings(known, mains)
    guard !mains.isEmpty || !known.series.isEmpty || !known.diffusions.isEmpty || !found.isEmpty else {
      return nil
    }
    return Section(
      found.isEmpty ? "Warnings" : "Warnings (\(found.count))", [.warnings(found.map(noticeSentence))])
  }

  /// A notice as a sentence: with a capital, but for names and signs, and a full stop.
  static func noticeSentence(_ notice: String) -> String {
    let first = notice.prefix { $0 != " " }
    let isWord = first.count > 1 && first.allSatisfy { $0.isLetter && $0.isLowercase }
    let text = isWord ? notice.prefix(1).uppercased() + notice.dropFirst() : notice
    return text + (text.last.map { ".!?".contains($0) } == true ? "" : ".")
  }

  /// Material, mean x with its error, verdict: one sentence.
  ///
  /// - Parameter name: of the map, where there are several.
  private static func answer(_ map: MapReport, name: String?) -> RichText {
    let formula = map.formula.map { RichText(formula: $0) + RichText(plain: ": ") } ?? RichText(runs: [])
    let material = RichText(plain: name.map { $0 + ": " } ?? "") + formula
    guard let meanX = map.meanX else { return material + RichText(plain: "no voxel has a value of x.") }
    let error = map.meanXSigma == nil ? "error unknown" : "standard error, shared errors included"
    return material
      + RichText(
        plain: "mean x = \(ErrorDigits.text(meanX, map.meanXSigma)) (\(error)) over \(map.mapped) of "
          + "\(map.voxels) voxels; \(verdict(map)).")
  }

  /// What changed from the first state to the last: one sentence.
  private static func series(_ report: SeriesReport, formula: String?) -> RichText {
    let material = formula.map { RichText(formula: $0) + RichText(plain: ": ") } ?? RichText(runs: [])
    guard let first = report.states.first, let last = report.states.last, let from = first.meanX,
      let to = last.meanX
    else { return material + RichText(plain: "no state has a mean x.") }
    let change = last.sinceFirst.map {
      ", a change of \(ErrorDigits.text($0.value, $0.sigma))"
    }
    return material
      + RichText(
        plain: "mean x = \(ErrorDigits.text(from, first.meanXSigma)) in \(first.state.name) and "
          + "\(ErrorDigits.text(to, last.meanXSigma)) in \(last.state.name)\(change ?? ""), over the "
          + "\(report.commonVoxels) of \(report.voxels) voxels that are good in all \(report.states.count) states. An error may be smaller than in the state's own map: the spectra of the other states constrain the drift of the instrument."
      )
  }

  /// x by the maps against x by the charge that passed, and the verdict: one sentence.
  private static func balance(_ balance: SeriesBalance) -> RichText {
    var parts: [String] = []
    if let ratio = balance.result.ratio, let ends = balance.result.ratioInterval {
      let range = ErrorDigits.ends(ratio.value, low: ends[0], high: ends[1])
      parts.append(
        "the change of x by the maps is \(ErrorDigits.text(ratio.value, ratio.sigma)) times that by charge"
          + (range.map { " (95 % interval \($0.low) to \($0.high))" } ?? ""))
    }
    if let offset = balance.result.offset {
      parts.append(
        "x by the maps minus x by charge is \(ErrorDigits.text(offset.value, offset.sigma)) in the mean")
    }
    return RichText(plain: "Lithium balance: " + (parts + [balance.verdict]).joined(separator: "; ") + ".")
  }

  /// Diffusivities of the whole sample with their intervals, and the verdict: one sentence.
  private static func diffusion(_ report: DiffusivityReport) -> RichText {
    var parts: [String] = []
    for region in report.regions.prefix(1) {
      for name in report.order {
        guard let found = region.diffusivity[name] else { continue }
        let place =
          name == "all"
          ? "" : name == "plane" ? " in the plane" : " along \(name.count > 1 ? "the " : "")\(name)"
        if let value = found.value, let ends = found.interval {
          let range = ErrorDigits.ends(value, low: ends[0], high: ends[1])
          parts.append(
            "\(range?.value ?? Ticks.number(value, digits: 3))"
              + (range.map { " (\($0.low) to \($0.high))" } ?? "") + " \u{00B5}m\u{00B2}/s\(place)")
        } else {
          parts.append("not determined\(place)")
        }
      }
    }
    let isGood = report.test.verdict == .described
    return RichText(
      plain: "Effective diffusivity of lithium, with 95 % intervals: " + parts.joined(separator: "; ")
        + (report.regions.count > 1 ? " (region 1 of \(report.regions.count))" : "")
        + (isGood
          ? ". Diffusion describes the maps of the \(report.states.count) states."
          : ". Diffusion does not describe the maps, so these values may be wrong by more than their intervals.")
    )
  }

  private static func verdict(_ map: MapReport) -> String {
    guard let misfit = map.misfit else { return "whether the model describes the spectra was not tested" }
    switch misfit.verdict {
    case .described: return "the model describes the measured spectra"
    case .corrected:
      let names = misfit.corrections.map(\.name)
      let prefix = "amplitude of "
      var told = names.filter { !$0.hasPrefix(prefix) }
      let standards = names.count { $0.hasPrefix(prefix) }
      if standards > 0 {
        told.append(standards == 1 ? "amplitude of one standard" : "amplitudes of \(standards) standards")
      }
      return
        "the model describes the measured spectra once these are corrected: \(told.joined(separator: ", ")) "
        + "(see Summary)"
    case .notDescribed:
      return "the model does not describe the measured spectra, so x may be wrong by more than its error"
    }
  }

  private static func warnings(
    _ known: KnownResults, _ mains: [(entry: String, report: MapReport)]
  ) -> [String] {
    var found: [String] = []
    for (_, series) in known.series {
      for state in series.states where state.misfit?.verdict == .notDescribed {
        found.append("\(state.state.name): the model does not describe the summed spectrum.")
      }
      if let balance = series.balance {
        found += (balance.result.verdict == .differs ? [balance.verdict] : [])
        found += balance.result.note.map { [$0] } ?? []
      }
    }
    found += known.diffusions.flatMap(\.report.notices)
    for (entry, main) in mains {
      let name = known.name(of: entry).map { $0 + ": " } ?? ""
      if main.misfit?.verdict == .notDescribed {
        found.append(
          name + "the model does not describe the summed spectrum: look at misfit.png before using x.")
      }
      let notices = [main.meanNotice, main.exposures?.notice, main.screening]
      found += notices.compactMap { $0 }.map { name + $0 }
      if main.mapped < main.voxels {
        let hasValue = VoxelStatus.allCases.filter(\.hasValue).map(\.key)
        let reasons = main.mask.filter { !hasValue.contains($0.key) && $0.value.voxels > 0 }
          .sorted { ($1.value.voxels, $0.key) < ($0.value.voxels, $1.key) }
        let count = "\(main.voxels - main.mapped) of \(main.voxels) voxels have no value"
        let told = reasons.map { reason in
          (reasons.count > 1 ? "\(reason.value.voxels) " : "") + QuantityName.words(reason.key)
        }
        found.append(name + count + (told.isEmpty ? "." : ": " + told.joined(separator: ", ") + "."))
      }
    }
    for (entry, map) in known.maps {
      let outside = map.mask[VoxelStatus.outsideRange.key]?.voxels ?? 0
      guard 20 * outside > map.voxels else { continue }
      let name = known.maps.count > 1 && entry.contains("/") ? "\(PathName.folder(of: entry)): " : ""
      found.append(
        "\(name)x of \(outside) of \(map.voxels) voxels lies outside the range of the standards; the mean x leaves these out."
      )
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
            "\(name): the voxels are equivalent to only \(Ticks.number(few, digits: 2)) independent ones, so the interval is wide."
          )
        }
      }
    }
    return found
  }

  static func words(_ name: String) -> String { QuantityName.words(name) }

  /// A sentence in which quantities have the names of their columns.
  static func words(_ sentence: String, of relation: Relation) -> String {
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
          caption: (known.name(of: main.entry).map { $0 + ": lithium" } ?? "Lithium")
            + " content x (a) and its standard error by counts (b) in the same slice, "
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
