public import Compton
import Foundation
import Readers
public import Volumetry

/// Writes a lithium map: one TIFF per quantity and `map.json`.
public enum MapFolder {
  public static let floatFiles = [
    "li.tif", "li_sigma.tif", "intensity.tif", "ratio.tif", "deviance.tif", "deviance_expected.tif",
  ]

  /// Files that a map with a request against noise is known to have before it is made.
  public static func files(for request: DenoisingRequest) -> [String] {
    let added =
      request.keepsMeasured ? MapDenoising.priorFiles : request.isWanted ? MapDenoising.binningFiles : []
    return floatFiles + ["mask.tif", "map.json"] + added.map(\.name)
  }

  /// Files that tell for each component by how much x changes for one standard deviation of its fraction.
  /// What voxels have in common by the fractions is told of single voxels alone.
  static func shiftFiles(_ map: LithiumMap, _ denoising: MapDenoising) -> [String] {
    guard case .none = denoising else { return [] }
    return (0..<map.fractionPulls).map { "li_shift_\($0 + 1).tif" }
  }

  /// Names of all volumes of a map.
  static func volumes(of map: LithiumMap, denoising: MapDenoising) -> [String] {
    floatFiles + ["mask.tif"] + denoising.files.map(\.name) + shiftFiles(map, denoising)
  }

  /// Maps a source into a folder. Files get their names when all are complete.
  ///
  /// - Parameters:
  ///   - denoising: what is done against noise; the map must have been made with
  ///     `MapOptions/wantsInformation` unless it is ``MapDenoising/none``.
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the map.
  /// - Returns: what `map.json` holds.
  @discardableResult
  public static func write(
    _ map: LithiumMap, method: MapMethod, calibration: Calibration, to folder: String, overwrite: Bool,
    denoising: MapDenoising = .none, resources: Resources
  ) throws(VoxelithError) -> MapReport {
    try OutputFile.prepareFolder(folder)
    let shifts = shiftFiles(map, denoising)
    let names = volumes(of: map, denoising: denoising)
    for name in names + ["map.json", MapCorrection.figure] {
      try OutputFile.check(folder + "/" + name, overwrite: overwrite)
    }
    let grid = map.source.grid
    let types =
      floatFiles.map { ($0, VoxelType.float32) } + [("mask.tif", .uint8)]
      + denoising.files.map { ($0.name, $0.type) } + shifts.map { ($0, .float32) }
    let writers = try MapWriters(folder, files: types, grid: grid, overwrite: overwrite)
    var binning: BinningReport?
    var prior: PriorReport?
    var summary: MapSummary
    var sums = map.emptySums
    var values = ["li.tif"]
    switch denoising {
    case .none:
      summary = try map.run(resources: resources, sums: &sums) { (block, result) throws(VoxelithError) in
        try writers.write(result, to: block.core)
        try writers.write(result.fractionPulls.map { .float32($0) }, to: block.core)
      }
      if let again = try map.screening?.withoutOutliers() {
        return try write(
          again, method: method, calibration: calibration, to: folder, overwrite: overwrite,
          resources: resources)
      }
    case .binning(let options):
      let made = try writeBinned(map, options: options, writers: writers, resources: resources)
      (summary, binning) = (made.0, made.1)
      sums = try map.summed(resources: resources)
    case .prior(let strength, let guide):
      let made = try writeWithPrior(
        map, strength: strength, guide: guide, calibration: calibration, writers: writers, sums: &sums,
        resources: resources)
      (summary, prior) = (made.0, made.1)
      values.append("li_measured.tif")
    }
    try check(summary, name: map.source.name)
    try writers.finish()
    let misfit = try MapCorrection.apply(
      map, sums: sums, summary: &summary, values: values, in: folder, resources: resources)
    var report = MapReport(
      summary, method: method, calibration: calibration, grid: grid, misfit: misfit, counts: map.counts)
    report.screening = map.screening?.notice
    report.binning = binning
    report.prior = prior
    try JSONOutput.write(report, to: folder + "/map.json", overwrite: overwrite)
    return report
  }
}

extension MapFolder {
  /// - Throws: `data` where no voxel has a value.
  private static func check(_ summary: MapSummary, name: String) throws(VoxelithError) {
    guard summary.mapped == 0, summary.voxels > 0 else { return }
    let reasons = summary.statuses.sorted { $0.value > $1.value }.map {
      "\($0.value) \($0.key.key.replacingOccurrences(of: "_", with: " "))"
    }.joined(separator: ", ")
    let isBad = (summary.statuses[.badCounts] ?? 0) > 0
    throw VoxelithError(
      .data, "no voxel has a value: \(reasons)", file: name,
      advice: isBad
        ? "negative bins and bins that are not numbers are not counts: map the raw spectra, and give a background in standards.yaml"
        : "check that the file holds spectra of the calibrated material with enough counts (--minimum-counts)"
    )
  }
}

/// The TIFFs of a map while they are written.
struct MapWriters {
  private let writers: [TIFFVolumeWriter]

  init(
    _ folder: String, files: [(String, VoxelType)], grid: Grid, overwrite: Bool
  ) throws(VoxelithError) {
    writers = try files.map { (name, type) throws(VoxelithError) in
      try TIFFVolumeWriter(path: folder + "/" + name, grid: grid, type: type, overwrite: overwrite)
    }
  }

  /// The quantities of every map.
  func write(_ result: LithiumMap.BlockResult, to region: Region) throws(VoxelithError) {
    try write(
      [
        .float32(result.x), .float32(result.sigma), .float32(result.intensity), .float32(result.ratio),
        .float32(result.deviance), .float32(result.expectedDeviance), .uint8(result.mask),
      ], to: region, from: 0)
  }

  /// Buffers for the files from one on; by default those that denoising adds.
  func write(
    _ buffers: [VoxelBuffer], to region: Region, from first: Int = MapFolder.floatFiles.count + 1
  ) throws(VoxelithError) {
    for (index, buffer) in buffers.enumerated() { try writers[first + index].write(buffer, to: region) }
  }

  func finish() throws(VoxelithError) {
    for writer in writers { try writer.finish() }
  }
}
