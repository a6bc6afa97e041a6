import Foundation
import Readers
package import Volumetry

/// A map of another quantity as a pipeline opens it.
package struct GivenMap: Sendable {
  package let settings: GivenMapSettings
  package let value: any VolumeSource
  package let sigma: (any VolumeSource)?
  package let unit: String
  /// What the value is: the channel of a folder of `chemistry`, or the file.
  package let meaning: String

  /// - Parameter settings: with paths as the process sees them.
  /// - Throws: `usage` where something is said that this map cannot use, `data` where it does not fit or lacks a unit, and what opening
  ///   throws.
  package init(_ settings: GivenMapSettings, input: VolumeInputSettings) throws(VoxelithError) {
    self.settings = settings
    let report = settings.file + "/" + Self.reportName
    guard FileManager.default.fileExists(atPath: report) else {
      guard settings.quantity == nil else {
        throw VoxelithError(
          .usage, "quantity: names a value of a folder that chemistry wrote", file: settings.file,
          advice: "give the channel of a volume that has several as channel")
      }
      guard let unit = settings.unit else {
        throw VoxelithError(
          .data, "the unit of the map '\(settings.name)' is not known", file: settings.file,
          advice: "give it as unit; 1 for a pure number")
      }
      let value = try input.open(settings.file)
      self.value = value
      self.unit = unit
      meaning = PathName.last(of: settings.file)
      sigma = try settings.sigma.map { (path) throws(VoxelithError) in
        var other = input
        other.channel = nil
        other.dataset = nil
        let sigma = try (input.rawShape == nil ? other : input).open(path)
        try sigma.grid.requireVoxels(
          like: value.grid, within: Self.rounding, own: "the errors of '\(settings.name)'", others: "the map",
          file: path, advice: Self.sizeAdvice)
        return try PlacedVolume(sigma, on: value.grid)
      }
      return
    }
    guard settings.sigma == nil, settings.unit == nil, input == VolumeInputSettings() else {
      throw VoxelithError(
        .usage, "a folder of chemistry brings errors, unit and voxel size along", file: settings.file,
        advice: "leave sigma, unit and the keys of volumes out")
    }
    let chemistry = try ResultFile.read(ChemistryReport.self, report)
    let names = chemistry.channels.map(\.name)
    guard let channel = settings.quantity.map({ names.firstIndex(of: $0) }) ?? (names.count == 1 ? 0 : nil)
    else {
      throw VoxelithError(
        .usage,
        settings.quantity.map { "quantity: there is no value '\($0)'" }
          ?? "quantity: which of \(names.count) values is meant", file: settings.file,
        advice: "values: " + names.joined(separator: ", "))
    }
    let options = VolumeOpenOptions(
      voxelSize: chemistry.voxelSize.map { SIMD3($0[2], $0[1], $0[0]) },
      channel: names.count == 1 ? nil : channel)
    value = try VolumeFile.open(settings.file + "/" + Self.valueName, options: options)
    sigma = try VolumeFile.open(settings.file + "/" + Self.sigmaName, options: options)
    unit = chemistry.unit
    meaning = names[channel]
  }

  /// Share by which voxel sizes of files of one volume may differ.
  static let rounding = 0.01
  static let sizeAdvice = "correct voxel_size_um of one of them"

  /// Files that are read, for a stage's key.
  package static func inputs(_ settings: GivenMapSettings) -> [String] {
    let isFolder = FileManager.default.fileExists(atPath: settings.file + "/" + reportName)
    let own =
      isFolder ? [reportName, valueName, sigmaName].map { settings.file + "/" + $0 } : [settings.file]
    return own + [settings.sigma, settings.transform].compactMap { $0 }
  }

  private static let reportName = "chemistry.json"
  private static let valueName = "value.tif"
  private static let sigmaName = "value_sigma.tif"
}
