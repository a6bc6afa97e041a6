import Foundation
import Volumetry

/// The log that Bruker's Skyscan programs (NRecon) write beside the slices of a reconstruction.
enum SkyscanLog {
  /// The voxel size along x, y, z in micrometres and the log that says it; nil where no log lies beside the slices.
  static func spacing(beside slices: [String]) -> (size: SIMD3<Double>, log: String)? {
    guard let first = slices.first else { return nil }
    let folder = PathName.folder(of: first)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    let logs = names.filter { $0.lowercased().hasSuffix(".log") }.sorted()
    for name in logs.prefix(16) {
      let path = folder.isEmpty ? name : folder + "/" + name
      guard let text = SettingsText.read(path), let size = size(text) else { continue }
      return (size, path)
    }
    return nil
  }

  private static func size(_ text: SettingsText) -> SIMD3<Double>? {
    let reconstruction = text.values["reconstruction"] ?? [:]
    guard let pixel = reconstruction["pixel size (um)"] ?? text["acquisition", "image pixel size (um)"],
      let size = Double(pixel), size > 0, size.isFinite
    else { return nil }
    let step = reconstruction["section to section step"].flatMap(Double.init) ?? 1
    return SIMD3(size, size, size * (step > 0 ? step : 1))
  }
}
