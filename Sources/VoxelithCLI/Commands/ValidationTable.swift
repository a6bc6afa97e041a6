import Foundation
import Voxelith

/// The figures of a validation on the terminal.
enum ValidationTable {
  static func say(_ results: [ValidationResult], console: Console) {
    var heading: String?
    let names = results.map { term($0.method).count }.max() ?? 0
    for result in results {
      let own =
        "\(result.kind.rawValue), \(Format.significant(result.counts, 3)) counts, x = \(Format.significant(result.x, 4))"
      if own != heading {
        console.say("\(own), \(result.voxels + result.masked) voxels, \(result.repeats) sets of standards")
        console.say(row(["method", "σ(x)", "bias/σ", "spread/bound", "error/σ", "68 %", "95 %"], names))
        heading = own
      }
      console.say(row(cells(result), names))
      for line in notes(result) { console.say("    " + line) }
    }
    console.say("(15): the error of the last digits; * outside the limit, ? within two errors of it")
  }

  private static func row(_ cells: [String], _ names: Int) -> String {
    let widths = [names + 1, 7, 12, 13, 11, 5, 0]
    let line = zip(cells, widths).map { cell, width in
      cell + String(repeating: " ", count: max(width == 0 ? 0 : 1, width - cell.count))
    }.joined()
    return "  " + line.trimmingCharacters(in: .whitespaces)
  }

  private static func cells(_ result: ValidationResult) -> [String] {
    let verdict = result.verdict
    let part = result.relativeErrorOfSpread
    func scaled(_ value: Double?) -> Double? { value.flatMap { value in part.map { value * $0 } } }
    let bias = result.meanSigma.flatMap { s in result.biasError.map { $0 / s } }
    let outer = result.coverage95
    return [
      term(result.method), Format.significant(result.meanSigma, 3),
      Format.concise(result.biasOverSigma, bias) + mark(verdict.bias),
      Format.concise(result.spreadOverBound, scaled(result.spreadOverBound)) + mark(verdict.spread),
      Format.concise(result.spreadOverSigma, scaled(result.spreadOverSigma)) + mark(verdict.sigma),
      Format.fixed(100 * result.coverage68.value, 1),
      Format.concise(100 * outer.value, 100 * (outer.high - outer.low) / (2 * 1.96), digits: 1)
        + mark(verdict.coverage),
    ]
  }

  /// What the field calls a method, as short as a column of a terminal has room for.
  private static func term(_ method: ValidationMethod) -> String {
    switch method {
    case .profile, .sParameter: method.map.term
    case .profileBlind: "profile, no phases"
    case .profileFree: "profile, phases free"
    case .sParameterCorrected: "S-parameter subtr."
    case .valenceCore: "valence-to-core"
    case .valenceCoreCorrected: "valence-to-core subtr."
    }
  }

  private static func notes(_ result: ValidationResult) -> [String] {
    var lines: [String] = []
    if let trend = result.trend, let outcome = result.verdict.trend {
      lines.append("trend \(Format.measured(trend, result.trendError))\(mark(outcome)) per detector width")
    }
    if result.masked > 0 { lines.append("\(result.masked) voxels masked") }
    return lines
  }

  private static func mark(_ outcome: ValidationVerdict.Outcome) -> String {
    switch outcome {
    case .holds: ""
    case .fails: "*"
    case .undecided: "?"
    }
  }
}
