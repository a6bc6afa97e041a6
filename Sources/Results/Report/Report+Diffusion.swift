import Drawing
import Foundation
import Transport
import Volumetry

extension Report {
  /// Diffusivities with their intervals, beside what the pore structure predicts.
  static func diffusionSection(_ known: KnownResults) -> Section? {
    var items: [Item] = []
    for (entry, report) in known.diffusions {
      items.append(
        .paragraph(
          "From \(entry): effective diffusivity of lithium from \(report.states.count) states, 95 % intervals"
        ))
      var rows = [["quantity", "value", "interval", "by voxels", "from shared errors"]]
      func row(_ name: String, _ value: UncertainValue?) {
        guard let value else { return }
        guard let number = value.value, let ends = value.interval else {
          rows.append([name, "not determined: " + (value.reason ?? ""), "", "", ""])
          return
        }
        let range = ErrorDigits.ends(number, low: ends[0], high: ends[1])
        rows.append([
          name, measured(number, value.sigma) ?? "", range.map { "\($0.low) to \($0.high)" } ?? "",
          value.ownSigma.map(ErrorDigits.error) ?? "", value.commonSigma.map(ErrorDigits.error) ?? "",
        ])
      }
      let unit = " (\u{00B5}m\u{00B2}/s)"
      for region in report.regions {
        let place = report.regions.count > 1 ? "region \(region.number): " : ""
        for name in report.order {
          row(
            place + (name == "all" ? "diffusivity" : "diffusivity, \(name)") + unit, region.diffusivity[name])
        }
        row(place + "plane over depth", region.planeOverDepth)
        guard let prediction = region.prediction else { continue }
        if let ratio = prediction.planeOverDepth {
          rows.append([place + "ratio predicted from the pores", Ticks.number(ratio, digits: 3), "", "", ""])
        }
        row(place + "plane over depth, measured over predicted", prediction.anisotropyOverPredicted)
        for (name, value) in prediction.free.sorted(by: { $0.key < $1.key })
        where ["depth", "plane"].contains(name) {
          row(place + "free diffusivity by the \(name)" + unit, value)
        }
        for (name, value) in (prediction.overPredicted ?? [:]).sorted(by: { $0.key < $1.key }) {
          row(place + "\(name), measured over predicted", value)
        }
      }
      row("exchange at the separator (\u{00B5}m/s)", report.exchange)
      for x in report.boundaryX ?? [] { row("x outside", x) }
      for rate in report.rate ?? [] { row("change of the mean x per hour", rate) }
      rows.append([
        "does diffusion describe the maps", report.test.verdict == .described ? "yes" : "no", "", "", "",
      ])
      rows.append([
        "\u{03C7}\u{00B2} per degree of freedom; of the depth profiles",
        Ticks.number(report.test.chiSquaredPerDof, digits: 3) + "; "
          + Ticks.number(report.test.depthChiSquaredPerDof, digits: 3), "", "", "",
      ])
      items.append(.table(rows))
      for notice in report.notices { items.append(.paragraph(notice)) }
    }
    return items.isEmpty ? nil : Section("Diffusion of lithium", items)
  }
}
