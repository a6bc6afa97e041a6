public import Compton
import Foundation
import Readers
public import Results
import Volumetry

/// How a watch makes its map: with what `map` is told, by the functions that `map` calls.
public struct MapMaker: Sendable {
  public let settings: MapSettings
  public let input: SpectralInputSettings
  public let calibration: Calibration
  public let output: String

  /// - Parameter output: the folder that holds the map; somebody keeps it locked.
  public init(
    _ settings: MapSettings, input: SpectralInputSettings, calibration: Calibration, output: String
  ) {
    self.settings = settings
    self.input = input
    self.calibration = calibration
    self.output = output
  }

  /// Opens files as `map` opens them.
  func open(_ paths: [String], allowsMissing: Bool = false) throws(VoxelithError) -> any SpectralSource {
    var input = input
    if allowsMissing {
      var scan = input.scan ?? ScanSettings()
      scan.allowMissing = true
      input.scan = scan
    }
    return try input.open(paths, angle: calibration.scatteringAngle)
  }

  /// Maps spectra as `map` does, in a folder of its own, and gives the files their names when all are complete.
  ///
  /// - Throws: what `map` throws, and `cannotCreate` where somebody changed a file of the last renewal; the files before are as they were
  ///   then.
  func make(
    _ source: any SpectralSource, memory: MapMemory?, lock: ResultsLock, renewed: RenewedFiles,
    overwrite: Bool,
    resources: Resources
  ) throws(VoxelithError) -> MapReport {
    try renewed.check()
    let work = try lock.makeWorkFolder(for: "map")
    defer { try? FileManager.default.removeItem(atPath: work) }
    let map = try settings.map(
      source, input: input, calibration: calibration, memory: memory, watches: true, resources: resources)
    let report = try settings.write(
      map, calibration: calibration, to: work, overwrite: true, resources: resources)
    try settings.addFormat(in: work, grid: source.grid, overwrite: true)
    try renewed.check()
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: work)) ?? []
    let marks = renewed.marks(of: names.filter { !isFolder($0, in: work) }, from: work, to: output)
    try FolderRenewal.move(from: work, to: output, last: ["map.json"], overwrite: overwrite)
    renewed.note(marks)
    return report
  }

  private func isFolder(_ name: String, in folder: String) -> Bool {
    var isFolder = ObjCBool(false)
    let path = PathName.join(folder, name)
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
