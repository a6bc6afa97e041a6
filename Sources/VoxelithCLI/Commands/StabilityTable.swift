import Foundation
import Voxelith

/// What the instrument's differences do to x, for people.
enum StabilityTable {
  static func say(_ table: InstrumentStability, console: Console) {
    console.say(
      "instrument of the sample against that of the standards (x = \(Format.significant(table.x, 3)), a map of \(Format.significant(table.mapCounts, 2)) counts):"
    )
    console.say(
      row(["differs in", "by", "bias of x", "corrected +-", "for \(Format.significant(table.target, 2))"]))
    for entry in table.entries {
      let unit = entry.unit.map { " " + $0 } ?? ""
      console.say(
        row([
          entry.name, Format.significant(entry.size, 2) + unit, Format.fixed(entry.biasOfX, 3),
          Format.fixed(entry.sigmaWhenCorrected, 4),
          entry.stability.map { "below " + Format.significant($0, 2) + unit } ?? "-",
        ]))
    }
    console.say("fitting all of them at once leaves an error of \(Format.fixed(table.sigmaOfAll, 4))")
  }

  private static func row(_ cells: [String]) -> String {
    cells.enumerated().map { index, cell in
      cell.padding(toLength: max(cell.count, index == 0 ? 20 : 14), withPad: " ", startingAt: 0)
    }.joined(separator: " ")
  }
}
