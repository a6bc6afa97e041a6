import Compton
import Drawing
import Foundation
import Readers
import Volumetry

extension Report {
  /// Volumes of the slice viewer, channel by channel. The lithium map comes first, the corrected one where there are two.
  static func volumes(
    _ folder: ResultFolder, _ known: KnownResults, notice: (String) -> Void
  ) -> [ReportVolume] {
    let main = PathName.join(known.mainMap.map { PathName.folder(of: $0.entry) } ?? "", "li.tif")
    func isFirst(_ entry: String) -> Bool {
      entry == main
        || (!known.series.isEmpty && PathName.last(of: entry) == "li.tif")
    }
    // The page stays small enough to be sent: many fine volumes are shown in means of voxels, which it says.
    let share = max(20_000, 300_000 / max(1, folder.volumes.count))
    var volumes: [ReportVolume] = []
    for entry in folder.volumes.filter(isFirst) + folder.volumes.filter({ !isFirst($0) }) {
      do throws(VoxelithError) {
        let path = folder.file(entry)
        let channels = try VolumeChannels(of: path).channels
        let sigma = KnownQuantity.sigma(besideFile: path).map { file in
          PathName.join(PathName.folder(of: entry), PathName.last(of: file))
        }
        for channel in channels {
          var options = VolumeOpenOptions()
          options.channel = channel.index
          func named(_ entry: String) -> String {
            channel.name.isEmpty
              ? entry : entry + ", " + channel.name.replacing("_", with: " ")
          }
          let label = KnownQuantity.label(ofFile: path, hasUnit: false)
          let unit = KnownQuantity.unit(ofFile: path)
          var volume = try ReportVolume(
            KnownQuantity.shown(try VolumeFile.open(path, options: options), ofFile: path),
            name: named(entry),
            label: (label ?? RichText(plain: stem(entry)))
              + RichText(plain: unit.isEmpty ? "" : " (\(unit))"),
            short: short(entry, label?.plain),
            unit: unit, map: map(of: entry), meanings: meanings(of: entry, known), limit: share)
          if let sigma, folder.volumes.contains(sigma) { volume.sigma = named(sigma) }
          volumes.append(volume)
        }
      } catch {
        notice("\(folder.file(entry)): \(error.message); left out of the viewer")
      }
    }
    return volumes
  }

  private static func stem(_ entry: String) -> String {
    PathName.withoutEnding(PathName.last(of: entry))
  }

  /// What stands before a value under the cursor.
  private static func short(_ entry: String, _ label: String?) -> String {
    switch stem(entry) {
    case "li", "li_measured": "x"
    case "li_sigma": "standard error of x"
    case let stem: label ?? stem.replacing("_", with: " ")
    }
  }

  private static func map(of entry: String) -> ColorMap {
    let lower = entry.lowercased()
    if lower.contains("sigma") { return .lajolla }
    return lower.contains("xct") ? .grey : .batlow
  }

  /// Names of the numbers of a mask or of labels; nil for a file of values.
  private static func meanings(of entry: String, _ known: KnownResults) -> [Double: String]? {
    switch stem(entry) {
    case "mask":
      let folder = PathName.folder(of: entry)
      let report = known.maps.first { PathName.folder(of: $0.entry) == folder }?.report
      let pairs = report?.mask.map { (Double($0.value.value), QuantityName.words($0.key)) } ?? []
      return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    case "labels": return [:]
    default: return nil
    }
  }
}
