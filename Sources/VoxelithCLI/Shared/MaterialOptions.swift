import ArgumentParser
import Foundation
import Voxelith

/// Several active materials in one map.
struct MaterialOptions: ParsableArguments {
  @Option(
    help: "A material of a cell, as LABEL:CALIBRATION.json; give it for each label in place of --calibration."
  )
  var material: [String] = []

  @Option(help: "Labels on the grid of the spectra, for --material; 0 means none.")
  var materialLabels: String?

  func validate() throws {
    guard material.isEmpty == (materialLabels == nil) else {
      throw ValidationError("--material and --material-labels go together")
    }
    for text in material { _ = try Self.parts(text) }
  }

  private static func parts(_ text: String) throws -> (label: Int, path: String) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, let label = Int(parts[0]), label > 0, label < 256, !parts[1].isEmpty else {
      throw ValidationError("--material \(text): write LABEL:CALIBRATION.json, with a label from 1 to 255")
    }
    return (label, parts[1])
  }

  /// Files that these options name.
  var inputs: [String] {
    material.compactMap { try? Self.parts($0).path } + [materialLabels].compactMap { $0 }
  }

  func open() throws -> any VolumeSource {
    guard let materialLabels else { throw ValidationError("--material needs --material-labels") }
    return try VolumeFile.open(materialLabels)
  }

  /// The materials, named as their calibrations are.
  func load() throws -> [MaterialMaps.Material] {
    try material.map { text in
      let (label, path) = try Self.parts(text)
      let name = PathName.withoutEnding(PathName.last(of: path))
      return MaterialMaps.Material(label: label, name: name, calibration: try CalibrationFile.read(path))
    }
  }
}
