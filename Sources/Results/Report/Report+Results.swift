import Compton
import Correlation
import Drawing
import Foundation
import Registration
import Volumetry

/// Sections of results that are known by what they hold, whatever their files are called.
extension Report {
  static func summary(_ known: KnownResults) -> Section? {
    let areSeveral = known.maps.count > 1 || known.truths.count > 1
    // One column for each map, which lies in a folder of its own.
    var columns: [String] = []
    var names: [String] = []
    var cells: [String: [String: String]] = [:]
    var place = ""
    func row(_ name: String, _ value: String?) {
      guard let value else { return }
      if !columns.contains(place) { columns.append(place) }
      if cells[name] == nil { names.append(name) }
      cells[name, default: [:]][place] = value
    }
    func column(_ entry: String) -> String {
      areSeveral && entry.contains("/") ? String(entry.prefix { $0 != "/" }) : ""
    }
    for (entry, map) in known.maps {
      place = column(entry)
      let part = map.voxelsOfMean.map { " (of \($0) voxels within the calibrated range)" } ?? ""
      row("mean x", measured(map.meanX, map.meanXSigma).map { $0 + part })
      if let parts = map.meanXSigmaParts {
        row("standard error of the mean by counts", number(parts.counts))
        row("by counts of the standards", number(parts.standards))
        row("by x of the standards", number(parts.standardsX))
        row("by the instrument", number(parts.instrument))
        row("by the fractions", number(parts.fractions))
        row("by the alignment", number(parts.alignment))
      }
      row("does the model describe the spectra", map.misfit.map { words($0.verdict) })
      for correction in map.misfit?.corrections ?? [] {
        row(
          "corrected: \(correction.name)",
          measured(correction.value, correction.sigma).map { $0 + (correction.unit.map { " " + $0 } ?? "") })
      }
      row("standard deviation of x between voxels", number(map.standardDeviationOfX))
      row("standard error of x in a voxel", number(map.meanSigma))
      row("of which from the calibration", number(map.meanSharedSigma))
      row("voxels with a value", "\(map.mapped) of \(map.voxels)")
      row("method", MapMethod(rawValue: map.method)?.term ?? map.method)
      row("deviance / expected", number(map.devianceRatio))
    }
    for (entry, truth) in known.truths {
      place = column(entry)
      row(
        "mean error against the known truth",
        measured(truth.bias, truth.biasSigma).map { "\($0) over \(truth.voxels) voxels" })
      row("spread of error / \u{03C3} (1 where error bars hold)", number(truth.pullSpread))
      row("truth within 1\u{03C3} (68.3 % expected)", percent(truth.coverage68))
      row("truth within 1.96\u{03C3} (95 % expected)", percent(truth.coverage95))
    }
    place = columns.first ?? ""
    for (_, registration) in known.registrations {
      row("expected error of the alignment", micrometres(registration.expectedErrorUm))
    }
    guard !names.isEmpty else { return nil }
    let head = ["quantity"] + (columns.count > 1 ? columns : ["value"])
    return Section(
      "Summary", [.table([head] + names.map { name in [name] + columns.map { cells[name]?[$0] ?? "" } })])
  }

  private static func words(_ verdict: Misfit.Verdict) -> String {
    switch verdict {
    case .described: "yes"
    case .corrected: "yes, with corrections"
    case .notDescribed: "no: look at misfit.png"
    }
  }

  static func calibrationSection(_ known: KnownResults) -> Section? {
    var items: [Item] = []
    let width = Length.millimetres(85)
    for (entry, calibration) in known.calibrations {
      var figures: [Item] = []
      items.append(.paragraph("From \(entry)"))
      for method in [MapMethod.sParameter, .valenceCore] {
        if let figure = try? calibration.figure(method: method.rawValue) {
          figures.append(
            .drawing(
              figure.scene(width: width),
              caption:
                "Calibration line with residuals, \(method.term) of \(calibration.standards.count) standards; bars and "
                + "band are \u{00B1}1\u{03C3}"))
        }
      }
      if let figure = calibration.profileFigure {
        figures.append(
          .drawing(
            figure.scene(width: width),
            caption: "Residuals of the standards in the profile fit, with their standard errors"))
      }
      if !figures.isEmpty { items.append(.beside(figures)) }
      let rows = calibration.standards.map { standard -> [String] in
        let pull = standard.fittedX.flatMap { fitted in
          standard.fittedXSigma.map { (fitted - standard.x) / $0 }
        }
        return [
          standard.name ?? "", Ticks.number(standard.x),
          measured(standard.fittedX, standard.fittedXSigma) ?? "",
          pull.map { Ticks.number($0, digits: 2) } ?? "",
        ]
      }
      items.append(.table([["standard", "x", "fitted x", "residual / \u{03C3}"]] + rows))
    }
    return items.isEmpty ? nil : Section("Calibration", items)
  }

  static func registrationSection(_ known: KnownResults) -> Section? {
    var items: [Item] = []
    for (entry, registration) in known.registrations {
      guard let quality = registration.quality else { continue }
      items.append(.paragraph("From \(entry)"))
      var rows: [[String]] = []
      func row(_ name: String, _ value: String?) { if let value { rows.append([name, value]) } }
      row("expected error", micrometres(registration.expectedErrorUm))
      row("transform", registration.model.rawValue)
      row("metric", quality.metric.rawValue)
      row("correlation after alignment", number(quality.correlation))
      row("overlap", percent(quality.overlapFraction))
      row("significance of the optimum", number(quality.significance))
      row("required significance", number(quality.neededSignificance))
      row("next best optimum, of 1", number(quality.runnerUp))
      row("voxels that took part", "\(quality.voxels)")
      if let rival = quality.bestRival {
        row("next best alignment", "\(rival.name), score \(number(rival.agreement) ?? "") (best = 1)")
      }
      let covariance = registration.covariance ?? []
      for (index, name) in (registration.covarianceParameters ?? []).enumerated()
      where index < covariance.count && index < covariance[index].count && covariance[index][index] >= 0 {
        row(
          "standard error of \(words(name))",
          Ticks.number(covariance[index][index].squareRoot(), digits: 2))
      }
      for (index, line) in registration.matrix.prefix(3).enumerated() {
        row(
          "matrix, row \(index + 1) (\u{00B5}m)",
          line.map { Ticks.number($0, digits: 6) }.joined(separator: "\u{2003}"))
      }
      for warning in registration.warnings ?? [] { row("warning", warning) }
      items.append(.table([["quantity", "value"]] + rows))
    }
    return items.isEmpty ? nil : Section("Registration", items)
  }

  /// What every descriptor explains, and all of them.
  private static func shares(of model: DescriptorRegression) -> [[String]] {
    model.descriptors.map { [words($0.name), interval($0.share)] } + [
      ["all together", interval(model.explained)],
      ["all together, cross-validated", number(model.predicted) ?? ""],
    ]
  }

  /// Every state in numbers.
  static func seriesSection(_ known: KnownResults) -> Section? {
    var items: [Item] = []
    for (entry, report) in known.series {
      items.append(
        .paragraph(
          "From \(entry), over the \(report.commonVoxels) voxels that are good in all states. An error may be smaller than in the state's own map: the spectra of the other states constrain the drift of the instrument"
        ))
      let rows = report.states.map { one in
        [
          one.state.name, one.state.seconds.map { Ticks.number($0, digits: 4) } ?? "",
          measured(one.meanX, one.meanXSigma) ?? "",
          measured(one.sinceFirst?.value, one.sinceFirst?.sigma) ?? "",
          measured(one.sincePrevious?.value, one.sincePrevious?.sigma) ?? "", "\(one.mapped)",
          one.misfit.map { words($0.verdict) } ?? "not tested",
        ]
      }
      items.append(
        .table(
          [
            [
              "state", "time (s)", "mean x", "change since the first", "since the one before",
              "voxels with a value", "spectra described",
            ]
          ] + rows))
      if let balance = report.balance {
        items += balanceItems(balance, names: report.states.map(\.state.name))
      }
    }
    return items.isEmpty ? nil : Section("States", items)
  }

  /// Charge and x by charge of every state.
  private static func balanceItems(_ balance: SeriesBalance, names: [String]) -> [Item] {
    let amount = ErrorDigits.text(balance.amount, balance.amountSigma)
    let rows = zip(names, balance.states).map { name, state in
      [
        name, Ticks.number(state.charge, digits: 4),
        state.voltage.map { Ticks.number($0, digits: 4) } ?? "",
        measured(state.x, state.xSigma) ?? "",
        measured(state.difference.value, state.difference.sigma) ?? "",
      ]
    }
    return [
      .paragraph(
        "Lithium balance against the cycler's record \(balance.cycler) (\(balance.maker)), \(amount) mmol of active material. "
          + balance.notes.map(noticeSentence).joined(separator: " ")),
      .table(
        [["state", "charge (mAh)", "voltage (V)", "x by charge", "x by the map minus x by charge"]] + rows),
    ]
  }

  /// All coefficients, folded below the forest plot.
  static func correlationTables(_ known: KnownResults) -> [Item] {
    var items: [Item] = []
    for (entry, correlation) in known.correlations {
      let rows = correlation.relations.map { relation -> [String] in
        [
          words(relation.x), words(relation.y),
          relation.pearson.map { interval($0.coefficient) }
            ?? relation.reason.map { words($0, of: relation) } ?? "",
          interval(relation.errorsInVariables?.correctedCorrelation),
          interval(relation.partial?.coefficient), interval(relation.spearman?.coefficient),
          relation.pearson.map { "\($0.independentVoxels)" } ?? "", number(relation.pearson?.pValue) ?? "",
          number(relation.qBenjaminiHochberg) ?? "",
        ]
      }
      guard !rows.isEmpty else { continue }
      let level = percent(correlation.confidence) ?? ""
      items.append(
        .paragraph(
          "From \(entry): coefficients with \(level) intervals from the number of independent voxels"))
      items.append(
        .table(
          [["x", "y", "Pearson", "without errors", "partial", "Spearman", "independent voxels", "p", "q"]]
            + rows))
      if let model = correlation.descriptors {
        items.append(.table([["descriptor", "share of the variance"]] + shares(of: model)))
      }
    }
    return items
  }

  static func provenanceSection(_ known: KnownResults) -> Section? {
    var items: [Item] = []
    for (entry, provenance) in known.provenances {
      var rows = [
        ["command", provenance.command.joined(separator: " ")], ["program", provenance.program],
        ["version", provenance.version], ["started", provenance.started],
      ]
      // Settings lie below the word that tells whose they are.
      rows += numbers(provenance.parameters, limit: 400, named: { $0 }).map { ["parameter \($0[0])", $0[1]] }
      rows += provenance.seeds.sorted { $0.key < $1.key }.map { ["seed \($0.key)", "\($0.value)"] }
      rows += provenance.seconds.sorted { $0.key < $1.key }.map {
        ["seconds \($0.key)", Ticks.number($0.value, digits: 6)]
      }
      rows += provenance.inputs.sorted { $0.key < $1.key }.map { ["SHA-256 of \($0.key)", $0.value] }
      items.append(.folded([.table([["quantity", "value"]] + rows)], title: entry))
    }
    for (entry, stage) in known.stages where !stage.outputs.isEmpty {
      let rows = stage.outputs.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
      items.append(.folded([.table([["file", "SHA-256"]] + rows)], title: "\(entry): outputs"))
    }
    return items.isEmpty ? nil : Section("Parameters and hashes", items)
  }

  // MARK: Numbers as text

  private static func number(_ value: Double?) -> String? { value.map { Ticks.number($0, digits: 3) } }

  private static func percent(_ value: Double?) -> String? {
    number(value.map { 100 * $0 }).map { $0 + " %" }
  }

  private static func micrometres(_ value: Double?) -> String? { number(value).map { $0 + " \u{00B5}m" } }

  /// A value and its standard error, to two digits of the error.
  static func measured(_ value: Double?, _ sigma: Double?) -> String? {
    value.map { ErrorDigits.text($0, sigma) }
  }

  private static func interval(_ value: Estimate?) -> String {
    guard let value, value.value.isFinite else { return "" }
    return ErrorDigits.text(value)
  }
}
