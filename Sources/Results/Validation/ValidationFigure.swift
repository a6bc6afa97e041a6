import Compton
import Drawing
import Phantoms

/// Spread over the bound, bias and coverage against counts, one row of panels for each kind of voxels.
enum ValidationFigure {
  static func figure(_ report: ValidationReport) -> PanelFigure {
    let kinds = ValidationSettings.Kind.allCases.filter { kind in
      report.results.contains { $0.kind == kind }
    }
    let x = report.results.first?.x ?? 0
    let panels: [any Panel] = kinds.flatMap { kind -> [any Panel] in
      let results = report.results.filter { $0.kind == kind && $0.x == x }
      return [spread(results, kind), bias(results), coverage(results)]
    }
    return PanelFigure(
      panels, columns: 3,
      title: RichText(formula: report.instrument.formula) + RichText(plain: " at x = \(x)"))
  }

  private static func counts(_ results: [ValidationResult]) -> PlotAxis {
    let all = results.map(\.counts)
    let low = all.min() ?? 1
    let high = all.max() ?? 1
    return PlotAxis("counts in a filled voxel", range: (low / 2)...(high * 2), logarithmic: true)
  }

  /// The points of every method; places are moved apart a little so that bars do not hide each other.
  private static func series(
    _ results: [ValidationResult], _ value: (ValidationResult) -> (Double?, Double?)
  ) -> [Series] {
    let methods = ValidationMethod.allCases.filter { method in results.contains { $0.method == method } }
    return methods.enumerated().map { index, method in
      let own = results.filter { $0.method == method }
      let shift = 1 + 0.08 * (Double(index) - 0.5 * Double(methods.count - 1))
      let values = own.map(value)
      return .points(
        own.map { $0.counts * shift }, values.map { $0.0 ?? .nan }, yErrors: values.map { $0.1 ?? .nan },
        label: label(method), color: FigureStyle.color(ValidationMethod.allCases.firstIndex(of: method) ?? 0),
        marker: method.map == .profile ? .circle : method.usesFractions ? .triangle : .square)
    }
  }

  private static func label(_ method: ValidationMethod) -> RichText {
    let term = method.map.term
    let treatment: String =
      switch method {
      case .profile, .sParameter, .valenceCore: ""
      case .profileBlind: ", phases ignored"
      case .profileFree: ", phases free"
      case .sParameterCorrected, .valenceCoreCorrected: ", subtracted"
      }
    return RichText(plain: term + treatment)
  }

  private static func spread(_ results: [ValidationResult], _ kind: ValidationSettings.Kind) -> Plot {
    var plot = Plot(
      x: counts(results), y: PlotAxis("spread / Cram\u{E9}r\u{2013}Rao bound", logarithmic: true),
      title: kind == .clean ? "active material alone" : "with other phases",
      series(results) { result in
        (
          result.spreadOverBound,
          result.relativeErrorOfSpread.flatMap { part in result.spreadOverBound.map { part * $0 } }
        )
      } + [.horizontalRule(1)])
    plot.legend = .none
    return plot
  }

  private static func bias(_ results: [ValidationResult]) -> Plot {
    Plot(
      x: counts(results), y: PlotAxis("bias / \u{03C3}(x)"),
      series(results) { result in
        (result.biasOverSigma, result.meanSigma.flatMap { s in result.biasError.map { $0 / s } })
      } + [.horizontalRule(0)])
  }

  private static func coverage(_ results: [ValidationResult]) -> Plot {
    var plot = Plot(
      x: counts(results), y: PlotAxis("coverage of 95 % intervals", range: -0.03...1.03),
      series(results) { result in
        (result.coverage95.value, (result.coverage95.high - result.coverage95.low) / 3.92)
      } + [.horizontalRule(0.95)])
    plot.legend = .none
    return plot
  }
}
