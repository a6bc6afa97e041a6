import Drawing
import Foundation
import Results

extension PipelineSummary {
  /// The numbers of the page: lithium before and after, alignment, fractions, each with its error. Relations have a section of their own.
  var section: Report.Section {
    var items = [lithiumTable]
    if let alignment { items.append(Self.table(of: alignment)) }
    if let fractions { items.append(Self.table(of: fractions)) }
    return Report.Section("Summary", [.beside(items)])
  }

  private var lithiumTable: Report.Item {
    let maps = [withoutFractions, lithium].compactMap { $0 }
    let names = maps.count == 1 ? ["value"] : ["as active material alone", "with fractions"]
    var rows = [["lithium content x"] + names]
    func add(_ name: String, _ value: (Lithium) -> String) { rows.append([name] + maps.map(value)) }
    add("voxels with a value") { "\($0.mapped)" }
    add("mean x") { Self.text($0.meanX, $0.meanXSigma) }
    add("mean standard error of a voxel") { $0.meanSigma.map(ErrorDigits.error) ?? "\u{2013}" }
    if lithium.independentValues != nil {
      add("independent values") { Self.text($0.independentValues ?? Double($0.mapped), digits: 6) }
      add("median resolution (\u{00B5}m)") { map in
        map.resolution.map { Self.text($0, digits: 3) } ?? "one voxel"
      }
    }
    if maps.contains(where: { $0.truth != nil }) {
      add("mean error against the truth") { Self.text($0.truth?.bias, $0.truth?.biasSigma) }
      add("standard deviation of the errors") { Self.text($0.truth?.spread, digits: 2) }
      add("standard deviation of error / \u{03C3} (1 where error bars hold)") {
        Self.text($0.truth?.pullSpread, digits: 3)
      }
      add("voxels with a known truth") { "\($0.truth?.voxels ?? 0)" }
    }
    return .table(rows)
  }

  private static func table(of alignment: Alignment) -> Report.Item {
    var rows = [["alignment of the XCT", "value"]]
    let expected = alignment.expectedErrorUm
    rows.append(["expected error (\u{00B5}m)", text(expected, digits: 2)])
    rows.append(["correlation with the XCS intensity", text(alignment.correlation, digits: 3)])
    if let truth = alignment.truth {
      rows.append(["true error (\u{00B5}m)", text(truth.errorUm, digits: 2)])
      rows.append(["true error (XCS voxels)", text(truth.errorVoxels, digits: 2)])
      func list(_ values: [Double], _ sigma: Double?) -> String {
        values.map { sigma == nil ? text($0) : ErrorDigits.value($0, sigma: sigma) }.joined(separator: ", ")
      }
      rows.append(["rotation about x, y, z (\u{00B0}), found", list(truth.found.rotation, nil)])
      rows.append(["rotation about x, y, z (\u{00B0}), truth", list(truth.truth.rotation, nil)])
      rows.append(["shift along x, y, z (\u{00B5}m), found", list(truth.found.shift, expected)])
      rows.append(["shift along x, y, z (\u{00B5}m), truth", list(truth.truth.shift, expected)])
    }
    for warning in alignment.warnings { rows.append(["warning", warning]) }
    return .table(rows)
  }

  private static func table(of fractions: FractionReport) -> Report.Item {
    var rows = [["phase", "mean fraction", "\u{03C3} by alignment", "\u{03C3} by thresholds"]]
    for phase in fractions.phases {
      rows.append([
        phase.name, text(phase.mean, phase.sigma.total), text(phase.sigma.alignment, digits: 2),
        text(phase.sigma.thresholds, digits: 2),
      ])
    }
    return .table(rows)
  }

  private static func text(_ value: Double?, _ sigma: Double?) -> String {
    value.map { $0.isFinite ? ErrorDigits.text($0, sigma) : "\u{2013}" } ?? "\u{2013}"
  }

  private static func text(_ value: Double?, digits: Int = 4) -> String {
    guard let value, value.isFinite else { return "\u{2013}" }
    return Ticks.number(value, digits: digits)
  }
}
