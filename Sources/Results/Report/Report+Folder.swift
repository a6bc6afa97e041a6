import Drawing
import Foundation
import Readers
public import Volumetry

extension Report {
  /// A report of an output folder: numbers of its results, figures, the slice viewer, and every result in full. Where it holds
  /// the results of one pipeline, the page is of these.
  ///
  /// - Parameter notice: told of files that are left out, with the reason.
  /// - Throws: as ``ResultFolder``.
  public init(
    folder: ResultFolder, title: String? = nil, notice: (String) -> Void = { _ in }
  ) throws(VoxelithError) {
    try RichText.check(title, as: "title")
    let name = PathName.last(of: PathName.absolute(folder.path))
    self.init(title: title ?? "Report of \(name)")
    let folder = try folder.forPage(notice: notice)
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
        numbers.append(
          .folded([.table([["quantity", "value"]] + rows)], title: "\(entry): \(rows.count) numbers"))
      }
      // The section of parameters and hashes has all of a stage's record.
      if PathName.last(of: entry) == "stage.json" { continue }
      if data.count <= 100_000 {
        details.append(.text(String(decoding: data, as: UTF8.self), title: entry))
      } else {
        details.append(.paragraph("\(entry): \(data.count / 1000) kB, too long for the page; open the file"))
      }
    }
    if let answer = Self.answerSection(known) { sections.append(answer) }
    volumes = Self.volumes(folder, known, notice: notice)
    let pictures = Self.pictures(folder, known).map { [Item.withoutScript([.beside($0)])] } ?? []
    let slices = volumes.isEmpty ? [] : [Section("Slices", [.viewer] + pictures)]
    let all = Self.figures(folder, known, notice: notice)
    // Of relations the forest plot comes first, and each in full on demand.
    let relations = all.filter { $0.kind == .relation }.map(\.item)
    let figures = all.filter { $0.kind == .result }.map(\.item)
    // Those of all states are many and alike: what they show stands in the verdicts.
    let misfits = all.filter { $0.kind == .misfit }.map(\.item)
    let areFolded = misfits.count > 2
    let shown = figures + (areFolded ? [] : misfits)
    let rest = areFolded ? [Item.folded([.beside(misfits)], title: "Residuals of \(misfits.count) maps")] : []
    let drawn =
      shown.isEmpty && rest.isEmpty
      ? [] : [Section("Figures", (shown.isEmpty ? [] : [Item.beside(shown)]) + rest)]
    // Of changes in time the figure says more than any slice.
    let isOfTime = !known.series.isEmpty || !known.diffusions.isEmpty
    let linked = [Self.relationsSection(known, figures: relations)].compactMap { $0 }
    let warnings = [Self.warningsSection(known)].compactMap { $0 }
    let summary = [Self.summary(known)].compactMap { $0 }
    sections +=
      isOfTime
      ? drawn + linked + warnings + [Self.seriesSection(known)].compactMap { $0 } + slices + summary
      : slices + linked + warnings + summary + drawn
    let results = [
      Self.calibrationSection(known), Self.registrationSection(known), Self.diffusionSection(known),
    ]
    sections += results.compactMap { $0 }
    if !numbers.isEmpty { sections.append(Section("Numbers", numbers)) }
    if let provenance = Self.provenanceSection(known) { sections.append(provenance) }
    if !details.isEmpty { sections.append(Section("Results and provenance in full", details)) }
  }

  /// Figures of the folder, each with its caption.
  private static func figures(
    _ folder: ResultFolder, _ known: KnownResults, notice: (String) -> Void
  ) -> [(item: Item, kind: FigureKind)] {
    var pictures: [(item: Item, kind: FigureKind)] = []
    let correlated = known.correlations.map { PathName.folder(of: $0.entry) }
    // What the section of the calibration draws again.
    let isDrawn = !known.calibrations.isEmpty
    // Figures of the whole come before those of its parts.
    let entries = folder.figures.filter { !$0.contains("/") } + folder.figures.filter { $0.contains("/") }
    for entry in entries where !(isDrawn && PathName.last(of: entry) == "calibration.png") {
      guard let type = FigureFormat(rawValue: PathName.ending(of: entry).lowercased()),
        let data = try? WholeFile.read(folder.file(entry)), data.count <= 20_000_000
      else {
        notice("\(folder.file(entry)): is too large and was left out")
        continue
      }
      let bytes = [UInt8](data)
      let facts = PictureFacts(bytes)
      let item = Item.picture(
        reduced(bytes, type), type: type, caption: caption(entry, known, facts.title),
        millimetres: facts.millimetres)
      let isRelation =
        PathName.last(of: entry).hasPrefix("relation_") && correlated.contains(PathName.folder(of: entry))
      let isMisfit = PathName.last(of: entry) == "misfit.png"
      pictures.append((item, isRelation ? .relation : isMisfit ? .misfit : .result))
    }
    return pictures
  }

  /// Where a figure belongs on the page.
  private enum FigureKind {
    case result, relation, misfit
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

  /// Single values of a result, named by their place.
  ///
  /// - Parameter named: how a key is read.
  static func numbers(
    _ value: JSONValue, limit: Int, named: (String) -> String = QuantityName.words
  ) -> [[String]] {
    var rows: [[String]] = []
    func walk(_ value: JSONValue, _ place: String, _ depth: Int) {
      guard rows.count < limit else { return }
      if case .object(let object) = value, depth < 4 {
        for (key, part) in object.sorted(by: { $0.key < $1.key }) {
          let name = named(key)
          walk(part, place.isEmpty ? name : place + " \u{203A} " + name, depth + 1)
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
