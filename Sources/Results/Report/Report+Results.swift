import Drawing
import Foundation
import Volumetry

/// Sections of results that are known by what they hold, whatever their files are called.
extension Report {
  /// Results by kind, each with the entry that it came from.
  struct KnownResults {
    var maps: [(entry: String, values: [String: Any])] = []
    var truths: [(entry: String, values: [String: Any])] = []
    var calibrations: [(entry: String, summary: CalibrationSummary)] = []
    var registrations: [(entry: String, values: [String: Any])] = []
    var correlations: [(entry: String, values: [String: Any])] = []
    var provenances: [(entry: String, values: [String: Any])] = []
    var stages: [(entry: String, values: [String: Any])] = []

    /// Takes a result that it knows; false for any other.
    mutating func take(_ entry: String, _ value: Any, _ data: Data) -> Bool {
      guard let values = value as? [String: Any] else { return false }
      if values["inputs_sha256"] != nil {
        provenances.append((entry, values))
      } else if values["outputs"] is [String: Any], values["key"] != nil {
        stages.append((entry, values))
      } else if values["methods"] != nil, values["standards"] != nil,
        let summary = try? JSONDecoder().decode(CalibrationSummary.self, from: data)
      {
        calibrations.append((entry, summary))
      } else if values["matrix"] != nil, values["quality"] is [String: Any] {
        registrations.append((entry, values))
      } else if values["relations"] is [Any] {
        correlations.append((entry, values))
      } else if values["mean_x"] != nil, values["method"] != nil {
        maps.append((entry, values))
      } else if values["error_over_sigma_spread"] != nil {
        truths.append((entry, values))
      } else {
        return false
      }
      return true
    }
  }

  static func summary(_ known: KnownResults) -> Section? {
    var rows: [[String]] = []
    func row(_ name: String, _ value: String?) { if let value { rows.append([name, value]) } }
    let areSeveral = known.maps.count > 1 || known.truths.count > 1
    func place(_ entry: String) -> String {
      areSeveral && entry.contains("/") ? entry.prefix { $0 != "/" } + ": " : ""
    }
    for (entry, map) in known.maps {
      let place = place(entry)
      row(place + "mean x", measured(map["mean_x"], map["mean_x_sigma"]))
      row(place + "standard deviation of x between voxels", number(map["standard_deviation_of_x"]))
      row(place + "standard error of x in a voxel", number(map["mean_sigma_x"]))
      row(place + "of which from the calibration", number(map["mean_sigma_x_of_calibration"]))
      if let mapped = whole(map["mapped"]), let voxels = whole(map["voxels"]) {
        row(place + "voxels with a value", "\(mapped) of \(voxels)")
      }
      row(place + "method", map["method"] as? String)
      row(place + "deviance over the expected one", number(map["deviance_over_expected"]))
    }
    for (entry, truth) in known.truths {
      let place = place(entry)
      row(place + "mean error against the known truth", measured(truth["bias"], truth["bias_sigma"]))
      row(
        place + "spread of error / \u{03C3} (1 where error bars hold)",
        number(truth["error_over_sigma_spread"]))
      row(place + "truth within 1\u{03C3} (68.3 % expected)", percent(truth["coverage_68"]))
      row(place + "truth within 1.96\u{03C3} (95 % expected)", percent(truth["coverage_95"]))
    }
    for (_, registration) in known.registrations {
      row(
        "expected error of the alignment", number(registration["expected_error_um"]).map { $0 + " \u{00B5}m" }
      )
    }
    guard !rows.isEmpty else { return nil }
    return Section("Summary", [.table([["quantity", "value"]] + rows)])
  }

  static func calibrationSection(_ known: KnownResults) -> Section? {
    var items: [Item] = []
    let width = Length.millimetres(110)
    for (entry, calibration) in known.calibrations {
      if let formula = calibration.formula { items.append(.paragraph("\(entry), \(formula)")) }
      for method in ["s-parameter", "valence-core"] {
        if let figure = try? calibration.figure(method: method) {
          items.append(
            .drawing(figure.scene(width: width), caption: "Calibration line with residuals, \(method)"))
        }
      }
      if let figure = calibration.profileFigure {
        items.append(
          .drawing(figure.scene(width: width), caption: "Residuals of the standards in the profile fit"))
      }
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
      items.append(.paragraph(entry))
      var rows: [[String]] = []
      func row(_ name: String, _ value: String?) { if let value { rows.append([name, value]) } }
      let quality = registration["quality"] as? [String: Any] ?? [:]
      row("expected error", number(registration["expected_error_um"]).map { $0 + " \u{00B5}m" })
      row("transform", registration["model"] as? String)
      row("metric", quality["metric"] as? String)
      row("correlation after alignment", number(quality["correlation"]))
      row("overlap", percent(quality["overlap_fraction"]))
      row("significance of the optimum", number(quality["significance"]))
      row("next best optimum, of 1", number(quality["runner_up"]))
      row("independent voxels", number(quality["effective_voxels"]))
      let names = registration["covariance_parameters"] as? [String] ?? []
      let covariance = registration["covariance"] as? [[Any]] ?? []
      for (index, name) in names.enumerated()
      where index < covariance.count && index < covariance[index].count {
        if let variance = (covariance[index][index] as? NSNumber)?.doubleValue, variance >= 0 {
          row("standard error of \(name)", Ticks.number(variance.squareRoot(), digits: 3))
        }
      }
      for (index, line) in (registration["matrix"] as? [[Any]] ?? []).prefix(3).enumerated() {
        row(
          "matrix, row \(index + 1)",
          line.compactMap { ($0 as? NSNumber).map { Ticks.number($0.doubleValue, digits: 6) } }
            .joined(separator: "  "))
      }
      for warning in registration["warnings"] as? [String] ?? [] { row("warning", warning) }
      items.append(.table([["quantity", "value"]] + rows))
    }
    return items.isEmpty ? nil : Section("Registration", items)
  }

  /// What every descriptor explains, and all of them.
  private static func shares(of model: [String: Any]) -> [[String]] {
    var rows: [[String]] = []
    for case let part as [String: Any] in model["descriptors"] as? [Any] ?? [] {
      rows.append([part["name"] as? String ?? "", interval(part["share"])])
    }
    rows.append(["all together", interval(model["explained"])])
    rows.append(["all together, of blocks left out", number(model["predicted"]) ?? ""])
    return rows
  }

  static func correlationSection(_ known: KnownResults) -> Section? {
    var items: [Item] = []
    for (entry, correlation) in known.correlations {
      var rows: [[String]] = []
      for case let relation as [String: Any] in correlation["relations"] as? [Any] ?? [] {
        let pearson = relation["pearson"] as? [String: Any] ?? [:]
        let spearman = relation["spearman"] as? [String: Any] ?? [:]
        let partial = relation["partial"] as? [String: Any] ?? [:]
        let errors = relation["errors_in_variables"] as? [String: Any] ?? [:]
        let own =
          pearson.isEmpty ? relation["reason"] as? String ?? "" : interval(pearson["coefficient"])
        rows.append([
          relation["x"] as? String ?? "", relation["y"] as? String ?? "", own,
          interval(errors["corrected_correlation"]), interval(partial["coefficient"]),
          interval(spearman["coefficient"]), number(pearson["effective_voxels"]) ?? "",
          number(pearson["p_value"]) ?? "", number(relation["q_benjamini_hochberg"]) ?? "",
        ])
      }
      guard !rows.isEmpty else { continue }
      let level = percent(correlation["confidence"]) ?? "95 %"
      items.append(
        .paragraph("\(entry): coefficients with \(level) intervals from the effective number of voxels"))
      items.append(
        .table(
          [["x", "y", "Pearson", "without errors", "partial", "Spearman", "effective voxels", "p", "q"]]
            + rows))
      if let model = correlation["descriptors"] as? [String: Any] {
        items.append(.table([["descriptor", "share of the variance"]] + shares(of: model)))
      }
    }
    return items.isEmpty ? nil : Section("Lithium against microstructure", items)
  }

  static func provenanceSection(_ known: KnownResults) -> Section? {
    var items: [Item] = []
    for (entry, provenance) in known.provenances {
      items.append(.paragraph(entry))
      var rows: [[String]] = []
      if let command = provenance["command"] as? [String] {
        rows.append(["command", command.joined(separator: " ")])
      }
      for key in ["program", "version", "started"] {
        if let text = provenance[key] as? String { rows.append([key, text]) }
      }
      for (name, group) in [("parameter", "parameters"), ("seed", "seeds"), ("seconds", "seconds_per_stage")]
      {
        // Settings lie below the word that tells whose they are.
        for row in numbers(provenance[group] ?? [:], limit: 400) {
          rows.append(["\(name) \(row[0])", row[1]])
        }
      }
      let inputs = provenance["inputs_sha256"] as? [String: Any] ?? [:]
      for key in inputs.keys.sorted() { rows.append(["SHA-256 of \(key)", inputs[key] as? String ?? ""]) }
      items.append(.table([["quantity", "value"]] + rows))
    }
    for (entry, stage) in known.stages {
      let outputs = stage["outputs"] as? [String: Any] ?? [:]
      guard !outputs.isEmpty else { continue }
      items.append(.paragraph("\(entry): outputs"))
      items.append(
        .table(
          [["file", "SHA-256"]] + outputs.keys.sorted().map { [$0, outputs[$0] as? String ?? ""] }))
    }
    return items.isEmpty ? nil : Section("Parameters and hashes", items)
  }

  // MARK: Numbers as text

  private static func double(_ value: Any?) -> Double? {
    (value as? Double) ?? (value as? NSNumber)?.doubleValue
  }
  private static func whole(_ value: Any?) -> Int? { double(value).flatMap { Int(exactly: $0) } }
  private static func number(_ value: Any?) -> String? { double(value).map { Ticks.number($0, digits: 3) } }
  private static func percent(_ value: Any?) -> String? {
    double(value).map { Ticks.number(100 * $0, digits: 3) + " %" }
  }

  /// A value and its standard error, to two digits of the error.
  static func measured(_ value: Any?, _ sigma: Any?) -> String? {
    guard let value = double(value) else { return nil }
    guard let sigma = double(sigma), sigma > 0, sigma.isFinite else { return Ticks.number(value, digits: 4) }
    let decimals = min(9, max(0, 1 - Int(log10(sigma).rounded(.down))))
    func text(_ number: Double) -> String { Ticks.minus(String(format: "%.\(decimals)f", number)) }
    return text(value) + " \u{00B1} " + text(sigma)
  }

  private static func interval(_ value: Any?) -> String {
    guard let parts = value as? [String: Any], let middle = number(parts["value"]) else { return "" }
    guard let low = number(parts["low"]), let high = number(parts["high"]) else { return middle }
    return "\(middle) (\(low) to \(high))"
  }
}
