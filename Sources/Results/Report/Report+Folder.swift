import Drawing
import Foundation
import Readers
public import Volumetry

extension Report {
  /// A report of an output folder: numbers of its results, figures, the slice viewer, and every result in full.
  ///
  /// - Parameter notice: told of files that are left out, with the reason.
  /// - Throws: as ``ResultFolder``.
  public init(
    folder: ResultFolder, title: String? = nil, notice: (String) -> Void = { _ in }
  ) throws(VoxelithError) {
    try RichText.check(title, as: "title")
    let name = PathName.last(of: PathName.absolute(folder.path))
    self.init(title: title ?? "Report of \(name)")
    var known = KnownResults()
    var numbers: [Item] = []
    var details: [Item] = []
    for entry in folder.results {
      guard let data = try? WholeFile.read(folder.file(entry)),
        let value = try? JSONDecoder().decode(JSONValue.self, from: data)
      else {
        notice("\(folder.file(entry)): cannot be read as JSON and was left out")
        continue
      }
      let rows = known.take(entry, data) ? [] : Self.numbers(value, limit: 40)
      if !rows.isEmpty {
        numbers.append(.paragraph(entry))
        numbers.append(.table([["quantity", "value"]] + rows))
      }
      if data.count <= 100_000 {
        details.append(.text(String(decoding: data, as: UTF8.self), title: entry))
      } else {
        details.append(.paragraph("\(entry): \(data.count / 1000) kB, too long for the page; open the file"))
      }
    }
    if let opening = Self.opening(known, folder) { sections.append(opening) }
    // The viewer opens with the lithium map, the corrected one where there are two.
    func isFirst(_ entry: String) -> Bool { entry == "li.tif" || entry == "map/li.tif" }
    // The page stays small enough to be sent: many fine volumes are shown in means of voxels, which it says.
    let share = max(20_000, 300_000 / max(1, folder.volumes.count))
    for entry in folder.volumes.filter(isFirst) + folder.volumes.filter({ !isFirst($0) }) {
      do throws(VoxelithError) {
        let source = try VolumeFile.open(folder.file(entry))
        let lower = entry.lowercased()
        let map: ColorMap =
          lower.contains("sigma")
          ? .lajolla : lower.contains("xct") || lower.contains("label") ? .grey : .batlow
        volumes.append(try ReportVolume(source, name: entry, label: Self.stem(entry), map: map, limit: share))
      } catch {
        notice("\(folder.file(entry)): \(error.message); left out of the viewer")
      }
    }
    if !volumes.isEmpty { sections.append(Section("Slices", [.viewer])) }
    if let summary = Self.summary(known) { sections.append(summary) }
    var pictures: [Item] = []
    for entry in folder.figures {
      guard let type = FigureFormat(rawValue: PathName.ending(of: entry).lowercased()),
        let data = try? WholeFile.read(folder.file(entry)), data.count <= 20_000_000
      else {
        notice("\(folder.file(entry)): is too large and was left out")
        continue
      }
      pictures.append(.picture(Self.reduced([UInt8](data), type), type: type, caption: entry))
    }
    if !pictures.isEmpty { sections.append(Section("Figures", pictures)) }
    let results = [
      Self.calibrationSection(known), Self.registrationSection(known), Self.correlationSection(known),
    ]
    sections += results.compactMap { $0 }
    if !numbers.isEmpty { sections.append(Section("Numbers", numbers)) }
    if let provenance = Self.provenanceSection(known) { sections.append(provenance) }
    if !details.isEmpty { sections.append(Section("Results and provenance in full", details)) }
  }

  /// A PNG no wider than a page of the browser needs: of means of 2 x 2 pixels, 3 x 3 and so on.
  private static func reduced(_ bytes: [UInt8], _ type: FigureFormat) -> [UInt8] {
    let most = 1100
    guard type == .png, let raster = try? PNGFile.decode(bytes), raster.width > most,
      let small = try? PNGFile.encode(raster.reduced(by: (raster.width + most - 1) / most)),
      small.count < bytes.count
    else { return bytes }
    return small
  }

  private static func stem(_ entry: String) -> String {
    PathName.withoutEnding(PathName.last(of: entry))
  }

  /// Single values of a result, named by their place.
  static func numbers(_ value: JSONValue, limit: Int) -> [[String]] {
    var rows: [[String]] = []
    func walk(_ value: JSONValue, _ place: String, _ depth: Int) {
      guard rows.count < limit else { return }
      if case .object(let object) = value, depth < 4 {
        for (key, part) in object.sorted(by: { $0.key < $1.key }) {
          walk(part, place.isEmpty ? key : place + " \u{203A} " + key, depth + 1)
        }
      } else if let text = scalar(value), !place.isEmpty {
        rows.append([place, text])
      } else if case .list(let list) = value, list.count <= 6 {
        let texts = list.compactMap(scalar)
        if texts.count == list.count, !texts.isEmpty { rows.append([place, texts.joined(separator: ", ")]) }
      }
    }
    walk(value, "", 0)
    return rows
  }

  private static func scalar(_ value: JSONValue) -> String? {
    switch value {
    case .text(let text): text.count <= 200 ? text : nil
    case .bool(let value): value ? "yes" : "no"
    case .int(let value): "\(value)"
    case .uint(let value): "\(value)"
    case .number(let value):
      value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : Ticks.number(value, digits: 6)
    case .null, .list, .object: nil
    }
  }
}
