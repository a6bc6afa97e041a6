package import Compton
import Drawing
import Foundation
import Readers
package import Volumetry

/// Judges the sum of a map that lies in a folder, and puts x of its voxels right.
package enum MapCorrection {
  package static let figure = "misfit.png"

  /// - Parameters:
  ///   - sums: spectra of the mapped voxels.
  ///   - values: volumes that hold x, the map first.
  /// - Returns: nil where no voxel was mapped.
  package static func apply(
    _ map: LithiumMap, sums: CountSums, summary: inout MapSummary, values: [String], in folder: String,
    resources: Resources
  ) throws(VoxelithError) -> Misfit? {
    guard
      let judged = try map.judge(
        sums, meanIntensity: summary.intensity.mean, mapped: summary.mapped)
    else { return nil }
    if let correction = judged.correction {
      for (index, name) in values.enumerated() {
        let found = try rewrite(name, correction, in: folder, resources: resources)
        if index == 0 { summary.correct(x: found.x, outside: found.outside, statuses: found.statuses) }
      }
    }
    if let error = MeanError(
      summary, calibration: map.calibration, method: map.options.method, misfit: judged.misfit)
    {
      summary.takeMean(judged.sum, error: error.total)
    }
    try plot(judged.misfit).write(
      to: folder + "/" + figure, options: FigureOptions(overwrite: true))
    return judged.misfit
  }

  /// Replaces a volume of x, and the mask beside it.
  private static func rewrite(
    _ name: String, _ correction: LithiumCorrection, in folder: String, resources: Resources
  ) throws(VoxelithError) -> (x: Moments, outside: Moments, statuses: [VoxelStatus: Int]) {
    let value = try VolumeFile.open(folder + "/" + name)
    let mask = try VolumeFile.open(folder + "/mask.tif")
    let sigma = try VolumeFile.open(folder + "/li_sigma.tif")
    let intensity = try VolumeFile.open(folder + "/intensity.tif")
    let grid = value.grid
    let writer = try TIFFVolumeWriter(path: folder + "/" + name, grid: grid, type: .float32, overwrite: true)
    let masks = try TIFFVolumeWriter(path: folder + "/mask.tif", grid: grid, type: .uint8, overwrite: true)
    var x = Moments()
    var outside = Moments()
    var statuses: [VoxelStatus: Int] = [:]
    let plane = 32 * grid.shape.y * grid.shape.x
    let step = max(1, min(grid.shape.z, resources.memory / 8 / max(1, plane)))
    for first in stride(from: 0, to: grid.shape.z, by: step) {
      try resources.cancellation.check()
      let region = Region(slices: first..<min(first + step, grid.shape.z), of: grid.shape)
      let result = correction.corrected(
        x: try value.readFloats(region), sigma: try sigma.readFloats(region),
        intensity: try intensity.readFloats(region),
        mask: try mask.readFloats(region).map { UInt8(max(0, min(255, $0))) }, in: region)
      for voxel in result.mask.indices {
        let status = VoxelStatus(rawValue: result.mask[voxel]) ?? .empty
        statuses[status, default: 0] += 1
        if status.takesPart {
          x.add(Double(result.x[voxel]))
        } else if status.hasValue {
          outside.add(Double(result.x[voxel]))
        }
      }
      try writer.write(.float32(result.x), to: region)
      try masks.write(.uint8(result.mask), to: region)
    }
    try writer.finish()
    try masks.finish()
    return (x, outside, statuses)
  }

  /// What is left of the summed spectrum, bin by bin, in standard deviations.
  private static func plot(_ misfit: Misfit) -> Plot {
    let energies = misfit.energies
    return Plot(
      x: PlotAxis("energy (keV)"), y: PlotAxis("(summed counts \u{2212} model) / \u{03C3}"),
      title: RichText(
        plain: "\(misfit.verdict.rawValue.replacingOccurrences(of: "_", with: " ")), "
          + "chi-squared per degree of freedom \(rounded(misfit.chiSquaredPerDOF, digits: 3))"),
      [
        .band(
          energies, lower: energies.map { _ in -1 }, upper: energies.map { _ in 1 },
          color: FigureStyle.color(0)),
        .line(energies, misfit.residuals, color: FigureStyle.color(1)), .horizontalRule(0),
      ])
  }
}
