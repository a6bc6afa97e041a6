public import Drawing
import Readers
public import Volumetry

/// A figure as written in YAML or JSON: its size and its panels.
///
/// ```yaml
/// preset: nature
/// double_column: true
/// shared_range: true
/// panels:
///   - {kind: slice, file: charged/li.tif, axis: z, map: batlow, label: x in Li_xNiO_2, title: charged}
///   - {kind: slice, file: discharged/li.tif, axis: z, title: discharged}
/// ```
public struct FigureSpec: Sendable, Codable {
  /// A journal whose widths and letter sizes are used: nature, elsevier, acs, wiley, rsc, iucr, aps.
  public var preset: String?
  public var doubleColumn: Bool?
  /// Stands above the preset.
  public var widthMm: Double?
  public var dpi: Double?
  public var fontSizePt: Double?
  /// Family of the letters; without it that of the journal.
  public var font: String?
  public var title: String?
  /// Panels side by side.
  public var columns: Int?
  public var letters: Bool?
  /// One range of colours, one colour bar and one scale bar for all slices.
  public var sharedRange: Bool?
  public var panels: [PanelSpec]
  /// Panels that belong together, of a figure whose columns the page decides; not of the file.
  package var group: Int?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case preset, dpi, title, columns, letters, panels, font
    case doubleColumn = "double_column"
    case widthMm = "width_mm"
    case fontSizePt = "font_size_pt"
    case sharedRange = "shared_range"
  }

  /// Names of everything that a figure may have.
  public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

  public init(panels: [PanelSpec]) { self.panels = panels }

  /// Width, resolution and letters of the file.
  ///
  /// - Throws: `usage` for an unknown preset.
  public func options(overwrite: Bool = false) throws(VoxelithError) -> FigureOptions {
    var options = FigureOptions(overwrite: overwrite)
    if let preset {
      options = FigureOptions(
        preset: try .named(preset), doubleColumn: doubleColumn ?? false, overwrite: overwrite)
    } else if doubleColumn == true {
      options.width = JournalPreset.elsevier.doubleColumn
    }
    if let widthMm { options.width = .millimetres(widthMm) }
    if let dpi { options.dpi = dpi }
    if let fontSizePt {
      guard fontSizePt.isFinite, fontSizePt >= 3, fontSizePt <= 40 else {
        throw VoxelithError(.usage, "font_size_pt \(fontSizePt) is not between 3 and 40")
      }
      options.style = options.style.scaled(fontSizePt / options.style.labelSize)
    }
    if let font { options.style.family = try FontChoice(named: font).family }
    return options
  }

  /// Opens the files and makes the figure.
  ///
  /// - Parameter folder: where relative names of files start.
  /// - Throws: `usage` for what makes no sense, and what opening and reading throws.
  public func figure(
    in folder: String = ".", resources: Resources = Resources()
  ) throws(VoxelithError) -> any Panel {
    guard !panels.isEmpty else {
      throw VoxelithError(.usage, "the figure has no panels", advice: "list them under 'panels:'")
    }
    try checkTexts()
    if let columns, columns < 1 {
      throw VoxelithError(
        .usage, "columns is \(columns)", advice: "give a number of panels side by side, from 1")
    }
    for (index, panel) in panels.enumerated() {
      do throws(VoxelithError) {
        try panel.validate()
      } catch {
        throw error.located(place: "panel \(PanelFigure.letter(index))")
      }
    }
    let loader = PanelLoader(folder: folder, resources: resources)
    if sharedRange == true {
      return try arranged(hasSolids ? sharedSolids(loader) : sharedFigure(loader))
    }
    var made: [any Panel] = []
    for (index, panel) in panels.enumerated() {
      try resources.cancellation.check()
      do throws(VoxelithError) {
        made.append(try loader.panel(panel))
      } catch {
        throw error.located(place: "panel \(PanelFigure.letter(index))")
      }
    }
    if made.count == 1, title == nil || columns != nil {
      // A value and its error are two panels of one.
      if let columns, var pair = made[0] as? PanelFigure {
        pair.columns = min(columns, pair.panels.count)
        pair.title = title.map { RichText($0) } ?? pair.title
        return pair
      }
      guard columns == nil else {
        throw VoxelithError(
          .usage, "columns are of several panels, and the figure has one", advice: "leave them out")
      }
      return made[0]
    }
    made = Self.matched(made)
    return try arranged(
      PanelFigure(
        made, columns: columns, letters: letters ?? (made.count > 1), title: title.map { RichText($0) }))
  }

  /// Slices with colour bars keep room for the widest of them, so that their pictures are equal.
  private static func matched(_ panels: [any Panel]) -> [any Panel] {
    let bars = panels.compactMap { ($0 as? SliceFigure).flatMap { $0.showsColorBar ? $0.colorBar : nil } }
    return panels.map { panel in
      guard var slice = panel as? SliceFigure, slice.showsColorBar else { return panel }
      slice.companions = bars
      return slice
    }
  }

  private func checkTexts() throws(VoxelithError) {
    try RichText.check(title, as: "title")
    for panel in panels {
      for key in [PanelSpec.Key.title, .label, .label2, .units] {
        try RichText.check(panel.text(key), as: key.rawValue)
      }
    }
  }
}

extension FigureSpec {
  /// Every file that the figure reads, once each.
  ///
  /// - Parameter folder: where relative names start.
  public func files(in folder: String = ".") -> [String] {
    let loader = PanelLoader(folder: folder)
    var seen: Set<String> = []
    return panels.flatMap { panel in
      let named = panel.allFiles.map(loader.path)
      let shown: PanelFile
      switch panel {
      case .slice(let slice) where slice.sigma == nil: shown = slice.volume.file
      case .volume(let volume): shown = volume.volume.file
      default: return named
      }
      return named + [loader.besideFile(shown)].compactMap { $0 }
    }.filter { seen.insert($0).inserted }
  }
}
