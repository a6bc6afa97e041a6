import Correlation
import Foundation
import Results

extension PipelineSummary {
  /// The first section of the page: alignment, fractions, lithium before and after, relations.
  var section: Report.Section {
    var items: [Report.Item] = []
    func text(_ value: Double?, _ digits: Int = 4) -> String {
      guard let value, value.isFinite else { return "-" }
      return String(format: "%.\(digits)g", value)
    }
    if let plain = withoutFractions {
      var rows = [["lithium content x", "without fractions", "with fractions"]]
      func add(_ name: String, _ value: (Lithium) -> String) {
        rows.append([name, value(plain), value(lithium)])
      }
      add("voxels") { "\($0.mapped)" }
      add("mean") { text($0.meanX) }
      add("mean error bar") { text($0.meanSigma, 3) }
      if let values = lithium.independentValues {
        rows.append(["independent values", "\(plain.mapped)", text(values)])
        rows.append(["resolution (\u{00B5}m)", "voxel", text(lithium.resolution, 3)])
      }
      if plain.truth != nil || lithium.truth != nil {
        add("bias against the truth") {
          "\(text($0.truth?.bias, 3)) \u{00B1} \(text($0.truth?.biasSigma, 2))"
        }
        add("standard deviation of the errors") { text($0.truth?.spread, 3) }
        add("error / error bar, spread (1 where error bars hold)") { text($0.truth?.pullSpread, 3) }
        add("voxels with a known truth") { "\($0.truth?.voxels ?? 0)" }
      }
      items.append(.table(rows))
    }
    if let alignment {
      var rows = [["alignment of the XCT", "value"]]
      rows.append(["expected error (\u{00B5}m)", text(alignment.expectedErrorUm)])
      rows.append(["correlation with the XCS intensity", text(alignment.correlation)])
      if let truth = alignment.truth {
        rows.append(["true error (\u{00B5}m)", text(truth.errorUm)])
        rows.append(["true error (XCS voxels)", text(truth.errorVoxels)])
        func list(_ values: [Double]) -> String { values.map { text($0) }.joined(separator: ", ") }
        rows.append(["rotation found (deg about x, y, z)", list(truth.found.rotation)])
        rows.append(["rotation in truth", list(truth.truth.rotation)])
        rows.append(["shift found (\u{00B5}m along x, y, z)", list(truth.found.shift)])
        rows.append(["shift in truth", list(truth.truth.shift)])
      }
      for warning in alignment.warnings { rows.append(["warning", warning]) }
      items.append(.table(rows))
    }
    if let fractions {
      var rows = [["phase", "mean fraction", "error: alignment", "error: thresholds", "error: all"]]
      for phase in fractions.phases {
        rows.append([
          phase.name, text(phase.mean), text(phase.sigma.alignment, 2), text(phase.sigma.thresholds, 2),
          text(phase.sigma.total, 2),
        ])
      }
      items.append(.table(rows))
    }
    if !relations.isEmpty {
      var rows = [["relation", "r", "interval", "p", "independent voxels"]]
      for relation in relations {
        rows.append([
          "\(relation.y) and \(relation.x)", text(relation.pearson.value, 3),
          "\(text(relation.pearson.low, 3)) to \(text(relation.pearson.high, 3))",
          text(relation.pValue, 2), String(format: "%.0f", relation.effectiveVoxels),
        ])
      }
      items.append(.table(rows))
    }
    if items.isEmpty {
      items.append(
        .table(
          [
            ["lithium content x", "value"], ["voxels", "\(lithium.mapped)"], ["mean", text(lithium.meanX)],
            ["mean error bar", text(lithium.meanSigma, 3)],
          ]
            + (lithium.independentValues.map {
              [["independent values", text($0)], ["resolution (\u{00B5}m)", text(lithium.resolution, 3)]]
            } ?? [])))
    }
    return Report.Section("Summary", items)
  }
}
