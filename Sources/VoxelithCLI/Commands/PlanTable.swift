import Foundation
import Voxelith

/// A plan on the terminal.
enum PlanTable {
  static func say(_ plan: MeasurementPlan, console: Console) {
    console.say(
      "x = \(Format.significant(plan.x, 4)), \(Format.significant(plan.rate, 4)) net counts/s in a voxel")
    table(
      [["method", "time", "standards", "σ(x)", "limit", "target", "difference"]]
        + plan.methods.map { method in
          [
            method.precision.method.term,
            Format.significant(method.precision.cost, 3), Format.fixed(method.floor, 5),
            Format.fixed(method.sigma, 4), Format.fixed(method.detectionLimit, 4),
            plan.target == nil ? "-" : method.secondsForTarget.map(duration) ?? "never",
            method.secondsForDifference.map(duration) ?? "-",
          ]
        }, console)
    for method in plan.methods where method.precision.windows != nil {
      console.say("  \(method.precision.method.term): windows \(windows(method.precision.windows)) a.u.")
    }
    console.say("best windows for this background and x, with their beam time over that of the fit:")
    for (name, best) in [(MapMethod.sParameter, plan.bestSWindows), (.valenceCore, plan.bestValenceWindows)] {
      console.say("  \(name.term): \(windows(best.windows)) a.u., \(Format.significant(best.cost, 3))")
    }
    console.say("profile fit on cubes of voxels, times for each voxel:")
    table(
      [["cube", "volume / µm³", "σ(x)", "limit", "target", "difference", "map / h", ""]]
        + plan.binnings.map { binning in
          [
            "\(binning.binning)x\(binning.binning)x\(binning.binning)", Format.significant(binning.volume, 5),
            Format.fixed(binning.sigma, 4), Format.fixed(binning.detectionLimit, 4),
            plan.target == nil ? "-" : binning.secondsForTarget.map(duration) ?? "never",
            binning.secondsForDifference.map(duration) ?? "-", Format.significant(binning.hoursForTarget, 4),
            binning.reachesTarget == true ? "reaches target" : "",
          ]
        }, console)
    if let stability = plan.stability, plan.target != nil { StabilityTable.say(stability, console: console) }
    if plan.target != nil {
      if let factor = plan.standardsFactor {
        if factor > 1 {
          console.say(
            "the standards' counts take more than half of the target: \(Format.significant(factor, 3)) times as many would not"
          )
        }
      } else {
        console.say("the standards' own errors of x alone take more than half of the target")
      }
    }
  }

  /// What theory says of materials.
  static func say(_ theory: TheoryTable, console: Console) {
    let settings = theory.settings
    console.say(
      "by theory (free atoms), without standards: \(Format.significant(settings.incidentEnergy, 4)) keV, "
        + "\(Format.significant(settings.angle, 4))°, \(Format.significant(settings.resolution, 3)) keV (FWHM)"
    )
    let counts = Format.significant(settings.counts, 2)
    table(
      [
        [
          "material", "x", "S per x", "σ at \(counts)", "limit",
          "counts for \(Format.significant(settings.target, 2))", "S: time",
        ]
      ]
        + theory.materials.map { plan in
          let range = plan.material.range
          return [
            plan.material.name ?? plan.material.formula,
            "\(Format.significant(range.lowerBound, 3)) to \(Format.significant(range.upperBound, 3))",
            Format.significant(100 * plan.slope, 3) + " %", Format.fixed(plan.sigma, 4),
            Format.fixed(plan.detectionLimit, 4), Format.significant(plan.countsForTarget, 3),
            Format.significant(plan.costOfRatio, 3),
          ]
        }, console)
    for plan in theory.materials where plan.material.name != nil {
      console.say("\(plan.material.name ?? ""): \(plan.material.formula)")
    }
    console.say("S per x: change of the S-parameter; S: time: its beam time over the profile fit's;")
    console.say("σ, limit: error of x and smallest difference seen, for so many net counts of a")
    console.say("voxel within |pz| < \(Format.significant(settings.reach, 3)) a.u.")
  }

  private static func windows(_ windows: MomentumWindows?) -> String {
    windows.map { "|pz|<\($0.inner) : \($0.outerFrom)-\($0.outerTo)" } ?? "-"
  }

  /// Columns as wide as their widest cell, two spaces apart.
  private static func table(_ rows: [[String]], _ console: Console) {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let line = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }.joined(separator: "  ")
      console.say(String(line.reversed().drop { $0 == " " }.reversed()))
    }
  }

  /// A time with its unit.
  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<120: Format.significant(seconds, 3) + " s"
    case ..<7200: Format.significant(seconds / 60, 3) + " min"
    case ..<172_800: Format.significant(seconds / 3600, 3) + " h"
    default: Format.significant(seconds / 86_400, 3) + " d"
    }
  }
}
