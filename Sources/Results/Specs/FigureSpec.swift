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
    if let font { options.style.family = FontChoice([font]).family }
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
    for (index, panel) in panels.enumerated() {
      do throws(VoxelithError) {
        try panel.checkKeys()
      } catch {
        throw error.located(place: "panel \(PanelFigure.letter(index))")
      }
    }
    let loader = PanelLoader(folder: folder, resources: resources)
    if sharedRange == true {
      return panels.contains { $0.kind == .volume || $0.kind == .surface }
        ? try sharedSolids(loader) : try sharedFigure(loader)
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
    if made.count == 1, title == nil { return made[0] }
    return PanelFigure(
      made, columns: columns, letters: letters ?? (made.count > 1), title: title.map { RichText($0) })
  }

  private func checkTexts() throws(VoxelithError) {
    try RichText.check(title, as: "title")
    for panel in panels {
      for (name, text) in [
        ("title", panel.title), ("label", panel.label), ("label2", panel.label2), ("units", panel.units),
      ] { try RichText.check(text, as: name) }
    }
  }

  /// Slices on one scale of colours. A panel that names its own map or range is drawn in these, with a colour bar of its
  /// own: a tomogram beside maps of lithium is no map of lithium.
  private func sharedFigure(_ loader: PanelLoader) throws(VoxelithError) -> PanelFigure {
    for (index, panel) in panels.enumerated() where panel.kind != .slice {
      throw VoxelithError(
        .usage, "shared_range is for slices, not for '\(panel.kind.rawValue)'",
        place: "panel \(PanelFigure.letter(index))")
    }
    let first = panels[0]
    func isShared(_ panel: PanelSpec) -> Bool {
      (panel.map == nil || panel.map == first.map) && (panel.range == nil || panel.range == first.range)
    }
    let isPlain = panels.allSatisfy {
      isShared($0) && $0.over == nil && $0.sigma == nil && $0.gradient != true
        && KnownQuantity.sigma(besideFile: loader.path($0.file), dataset: $0.dataset) == nil
    }
    guard isPlain else { return try mixedFigure(loader, isShared) }
    if let figure = try labelFigure(loader) { return figure }
    var slices: [(slice: SliceImage, title: RichText?)] = []
    for panel in panels { slices.append((try loader.slice(panel), try loader.title(panel))) }
    var figure = try PanelFigure.slices(
      slices, columns: columns, map: try loader.map(first.map, .batlow), range: try loader.range(first.range),
      center: first.center, label: loader.bareLabel(first), units: first.units,
      title: title.map { RichText($0) })
    figure.showsLetters = letters ?? true
    return figure
  }

  /// Slices of labels in the steps of colour of all their numbers; nil where one is no slice of labels.
  private func labelFigure(_ loader: PanelLoader) throws(VoxelithError) -> PanelFigure? {
    var images: [SliceImage] = []
    var all: Set<Float> = []
    for panel in panels {
      let image = try loader.slice(panel)
      guard let classes = try loader.classes(of: image, panel) else { return nil }
      images.append(image)
      all.formUnion(classes)
    }
    guard all.count <= 12 else { return nil }
    var made: [SliceFigure] = []
    for (image, panel) in zip(images, panels) {
      var figure = try SliceFigure(
        image, classes: all.sorted(), meanings: KnownQuantity.meanings(ofFile: loader.path(panels[0].file)),
        map: try loader.map(panels[0].map, .batlow), label: loader.bareLabel(panels[0]),
        title: try loader.title(panel))
      figure.showsColorBar = false
      made.append(figure)
    }
    var figure = PanelFigure(
      made, columns: columns, letters: letters ?? true, title: title.map { RichText($0) })
    var bar = made[0].colorBar
    bar.showsMissing = made.contains { $0.slice.hasMissing }
    figure.sharedColorBar = bar
    return figure
  }

  private func mixedFigure(
    _ loader: PanelLoader, _ isShared: (PanelSpec) -> Bool
  ) throws(VoxelithError) -> PanelFigure {
    let first = panels[0]
    var values: [Float] = []
    for panel in panels where isShared(panel) { values += try loader.slice(panel).values }
    let (lower, upper) = try loader.range(first.range).resolve(values)
    var made: [any Panel] = []
    var bars: [ColorBar] = []
    for (index, panel) in panels.enumerated() {
      do throws(VoxelithError) {
        guard isShared(panel) else {
          made.append(try loader.panel(panel))
          continue
        }
        var shared = panel
        shared.range = [lower, upper]
        shared.map = first.map
        shared.center = first.center
        var figure = try loader.slicePanel(shared)
        bars.append(figure.colorBar)
        figure.showsColorBar = false
        made.append(figure)
      } catch {
        throw error.located(place: "panel \(PanelFigure.letter(index))")
      }
    }
    var figure = PanelFigure(
      made, columns: columns, letters: letters ?? true, title: title.map { RichText($0) })
    let scale = try ColorScale(
      map: try loader.map(first.map, .batlow), lower: lower, upper: upper, center: first.center)
    var bar = ColorBar(
      scale, label: loader.bareLabel(first) + .inBrackets(unit: first.units))
    bar.extendsBelow = bars.contains { $0.extendsBelow }
    bar.extendsAbove = bars.contains { $0.extendsAbove }
    bar.showsMissing = bars.contains { $0.showsMissing }
    figure.sharedColorBar = bar
    return figure
  }

  /// Volumes and slices on one scale of colours, surfaces among them in their own.
  private func sharedSolids(_ loader: PanelLoader) throws(VoxelithError) -> PanelFigure {
    // As with slices alone: a panel that names its own map or range keeps it.
    let all = panels.filter { $0.kind == .volume || $0.kind == .slice }
    let colored = all.filter {
      ($0.map == nil || $0.map == all[0].map) && ($0.range == nil || $0.range == all[0].range)
    }
    guard !colored.isEmpty else {
      throw VoxelithError(.usage, "shared_range needs slices or volumes, which surfaces are not")
    }
    var (lower, upper) = (Double.infinity, -Double.infinity)
    for panel in colored {
      let source = try loader.open(panel.file, panel)
      let ends = try ValueSummary(source, resources: loader.resources).resolve(
        try loader.range(colored[0].range), name: source.name)
      lower = min(lower, ends.0)
      upper = max(upper, ends.1)
    }
    var made: [any Panel] = []
    var bars: [ColorBar] = []
    for (index, panel) in panels.enumerated() {
      var shared = panel
      let isOwn =
        (panel.map != nil && panel.map != colored[0].map)
        || (panel.range != nil && panel.range != colored[0].range)
      do throws(VoxelithError) {
        switch panel.kind {
        case .volume where !isOwn:
          shared.range = [lower, upper]
          shared.map = colored[0].map
          made.append(try loader.volume(shared, showsColorBar: false))
        case .slice where !isOwn:
          shared.range = [lower, upper]
          shared.map = colored[0].map
          var figure = try loader.slicePanel(shared)
          bars.append(figure.colorBar)
          figure.showsColorBar = false
          made.append(figure)
        default: made.append(try loader.panel(panel))
        }
      } catch {
        throw error.located(place: "panel \(PanelFigure.letter(index))")
      }
    }
    var figure = PanelFigure(
      made, columns: columns, letters: letters ?? true, title: title.map { RichText($0) })
    let scale = try ColorScale(map: try loader.map(colored[0].map, .batlow), lower: lower, upper: upper)
    var bar = ColorBar(
      scale,
      label: loader.bareLabel(colored[0]) + .inBrackets(unit: colored[0].units))
    bar.extendsBelow = bars.contains { $0.extendsBelow }
    bar.extendsAbove = bars.contains { $0.extendsAbove }
    bar.showsMissing = bars.contains { $0.showsMissing }
    figure.sharedColorBar = bar
    return figure
  }
}
