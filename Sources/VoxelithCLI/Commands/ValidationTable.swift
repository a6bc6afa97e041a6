import Foundation
import Voxelith

/// The figures of a validation on the terminal.
enum ValidationTable {
  static func say(_ results: [ValidationResult], console: Console) {
    var heading: String?
    for result in results {
      let own =
        "\(result.kind.rawValue), \(Format.significant(result.counts, 3)) counts, x = \(Format.significant(result.x, 4))"
      if own != heading {
        console.say("\(own), \(result.voxels + result.masked) voxels, \(result.repeats) sets of standards")
        console.say(
          "  method                  sigma   bias/sigma       bound   spread/bound     error/sigma      68 %    95 % [interval]"
        )
        heading = own
      }
      console.say("  " + line(result))
    }
    console.say("* outside the limit, ? within two standard deviations of it")
  }

  private static func line(_ result: ValidationResult) -> String {
    let verdict = result.verdict
    let part = result.relativeErrorOfSpread
    func cell(_ text: String, _ width: Int) -> String {
      text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
    }
    func measured(_ value: Double?, _ error: Double?, _ outcome: ValidationVerdict.Outcome) -> String {
      cell(
        Format.fixed(value, 3) + " +- " + Format.fixed(error, 3) + mark(outcome), 17)
    }
    func scaled(_ value: Double?) -> Double? { value.flatMap { value in part.map { value * $0 } } }
    var text =
      cell(result.method.rawValue, 24) + cell(Format.significant(result.meanSigma, 3), 8)
      + measured(
        result.biasOverSigma, result.meanSigma.flatMap { s in result.biasError.map { $0 / s } }, verdict.bias)
      + cell(Format.significant(result.bound, 3), 8)
      + measured(result.spreadOverBound, scaled(result.spreadOverBound), verdict.spread)
      + measured(result.spreadOverSigma, scaled(result.spreadOverSigma), verdict.sigma)
      + cell(Format.fixed(100 * result.coverage68.value, 1), 8)
      + Format.fixed(100 * result.coverage95.value, 1)
      + " [\(Format.fixed(100 * result.coverage95.low, 1)), \(Format.fixed(100 * result.coverage95.high, 1))]"
      + mark(verdict.coverage)
    if let trend = result.trend, let outcome = verdict.trend {
      text += "  trend \(Format.measured(trend, result.trendError))\(mark(outcome)) per detector width"
    }
    if result.masked > 0 { text += "  \(result.masked) masked" }
    return text
  }

  private static func mark(_ outcome: ValidationVerdict.Outcome) -> String {
    switch outcome {
    case .holds: ""
    case .fails: "*"
    case .undecided: "?"
    }
  }
}
