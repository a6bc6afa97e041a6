import Foundation
import Volumetry

/// The log that Bruker's Skyscan programs (NRecon) write beside the slices of a reconstruction.
enum SkyscanLog {
  struct Found {
    /// Micrometres along x, y, z.
    var size: SIMD3<Double>
    var log: String
    /// What to tell of it, one sentence each.
    var notes: [String]
  }

  /// The voxel size and the log that says it; nil where no log lies beside the slices.
  ///
  /// Of several that whose name is that of the slices (`NAME__rec.log` beside `NAME__rec0001.bmp`), then the only one of a
  /// reconstruction is taken.
  ///
  /// - Throws: `data` where several logs give unlike sizes and nothing tells which one is meant, or a unit is not understood.
  static func spacing(beside slices: [String]) throws(VoxelithError) -> Found? {
    guard let first = slices.first else { return nil }
    let folder = PathName.folder(of: first)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    let logs = names.filter { $0.lowercased().hasSuffix(".log") && !$0.hasPrefix(".") }.sorted()
    let stem = Self.stem(first)
    var found: [(name: String, size: SIMD3<Double>, isReconstruction: Bool, key: String)] = []
    for name in logs.prefix(64) {
      let path = folder.isEmpty ? name : folder + "/" + name
      guard let text = SettingsText.read(path) else { continue }
      if let size = try size(text, path) {
        found.append((path, size.size, text.values["reconstruction"] != nil, size.key))
      }
    }
    var fitting = found.filter { Self.stem($0.name) == stem }
    if fitting.isEmpty {
      fitting = found.filter { !stem.isEmpty && stem.hasPrefix(Self.stem($0.name)) && $0.isReconstruction }
    }
    if fitting.isEmpty { fitting = found.filter(\.isReconstruction) }
    if fitting.isEmpty { fitting = found }
    guard let chosen = fitting.first else { return nil }
    guard fitting.allSatisfy({ $0.size == chosen.size }) else {
      let shown = fitting.prefix(4).map {
        "\(PathName.last(of: $0.name)) (\(GeometryOrigin.text($0.size.x)) µm)"
      }
      throw VoxelithError(
        .data,
        "several logs lie beside the slices and give unlike voxel sizes: \(shown.joined(separator: ", "))",
        file: folder.isEmpty ? first : folder,
        advice: "give the voxel size with --voxel-size, or move away the logs of other scans")
    }
    var notes = ["the voxel size is that of \(chosen.name) (\(chosen.key))"]
    if found.count > fitting.count || found.count > 1 {
      let others = found.map(\.name).filter { $0 != chosen.name }.map { PathName.last(of: $0) }
      notes.append(
        "of \(found.count) logs it was chosen by its name; not taken: \(others.joined(separator: ", "))")
    }
    return Found(size: chosen.size, log: chosen.name, notes: notes)
  }

  /// The name without its folder, its ending, and the number of a slice.
  private static func stem(_ path: String) -> String {
    var name = PathName.withoutEnding(PathName.last(of: path)).lowercased()
    while let last = name.last, last.isNumber { name.removeLast() }
    return name
  }

  private static func size(
    _ text: SettingsText, _ path: String
  ) throws(VoxelithError) -> (size: SIMD3<Double>, key: String)? {
    let reconstruction = text.values["reconstruction"] ?? [:]
    let places: [(section: String, key: String)] = [
      ("reconstruction", "pixel size"), ("acquisition", "image pixel size"), ("acquisition", "pixel size"),
    ]
    for place in places {
      for (key, value) in (text.values[place.section] ?? [:]).sorted(by: { $0.key < $1.key })
      where key == place.key || key.hasPrefix(place.key + " (") {
        guard let number = number(value), number > 0, number.isFinite else { continue }
        let unit = key.dropFirst(place.key.count)
        let factor = try Units.factor(
          of: unit.isEmpty ? nil : String(unit.trimmed), .length, assumed: 1, what: "the voxel size",
          option: "--voxel-size",
          file: path, place: "\(place.section), \(key)")
        let size = number * factor
        let step = reconstruction["section to section step"].flatMap { Self.number($0) } ?? 1
        return (SIMD3(size, size, size * (step > 0 ? step : 1)), key)
      }
    }
    return nil
  }

  /// A number with a point, or with the comma of other languages.
  private static func number(_ text: String) -> Double? {
    Double(text) ?? (text.contains(".") ? nil : Double(text.replacing(",", with: ".")))
  }
}
