import Drawing
import Readers
import Volumetry

/// Panels on one scale of colours. A panel that names its own map or range keeps it, with a colour bar of its own: a tomogram
/// beside maps of lithium is no map of lithium.
extension FigureSpec {
  func sharedFigure(_ loader: PanelLoader) throws(VoxelithError) -> PanelFigure {
    var specs: [SlicePanelSpec] = []
    for (index, panel) in panels.enumerated() {
      guard case .slice(let slice) = panel else {
        throw VoxelithError(
          .usage, "shared_range is for slices, not for '\(panel.kind.rawValue)'",
          place: "panel \(PanelFigure.letter(index))")
      }
      specs.append(slice)
    }
    var areLabels: [Bool] = []
    for spec in specs { areLabels.append(try loader.classes(of: loader.slice(spec), spec) != nil) }
    let areOne = specs.allSatisfy { loader.canShare($0, specs[0]) }
    if areLabels.allSatisfy({ $0 }), areOne {
      if specs.allSatisfy({ isPlain($0, specs[0], loader) }), let figure = try labelFigure(specs, loader) {
        return figure
      }
      // More numbers than steps of colour can tell apart are drawn as values.
      areLabels = specs.map { _ in false }
    }
    let first = specs[0]
    guard areOne, !areLabels.contains(true), specs.allSatisfy({ isPlain($0, first, loader) }) else {
      return try mixedFigure(specs, areLabels, loader)
    }
    var slices: [(slice: SliceImage, title: RichText?)] = []
    for spec in specs {
      slices.append((try loader.slice(spec), try loader.title(spec.title, of: spec.volume)))
    }
    var figure = try PanelFigure.slices(
      slices, columns: columns, map: try loader.map(first.colors.map, .batlow),
      range: try loader.range(first.colors.range), center: first.center,
      label: loader.bareLabel(first.colors, of: first.volume.file), units: first.colors.units,
      title: title.map { RichText($0) })
    figure.showsLetters = letters ?? true
    return figure
  }

  /// Whether a slice is drawn with nothing but its colours.
  private func isPlain(_ spec: SlicePanelSpec, _ first: SlicePanelSpec, _ loader: PanelLoader) -> Bool {
    spec.over == nil && spec.sigma == nil && spec.gradient != true
      && loader.besideFile(spec.volume.file) == nil
  }

  /// Slices of labels in the steps of colour of all their numbers; nil where one is no slice of labels.
  private func labelFigure(
    _ specs: [SlicePanelSpec], _ loader: PanelLoader
  ) throws(VoxelithError) -> PanelFigure? {
    var images: [SliceImage] = []
    var all: Set<Float> = []
    for spec in specs {
      let image = try loader.slice(spec)
      guard let classes = try loader.classes(of: image, spec) else { return nil }
      images.append(image)
      all.formUnion(classes)
    }
    guard all.count <= 12 else { return nil }
    let first = specs[0]
    var made: [SliceFigure] = []
    for (image, spec) in zip(images, specs) {
      var figure = try SliceFigure(
        image, classes: all.sorted(),
        meanings: KnownQuantity.meanings(ofFile: loader.path(first.volume.file.name ?? "")),
        map: try loader.map(first.colors.map, .batlow),
        label: loader.bareLabel(first.colors, of: first.volume.file),
        title: try loader.title(spec.title, of: spec.volume))
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

  /// Slices of which those of one quantity share a range; those of the first one share a colour bar, too.
  private func mixedFigure(
    _ specs: [SlicePanelSpec], _ areLabels: [Bool], _ loader: PanelLoader
  ) throws(VoxelithError) -> PanelFigure {
    func group(of index: Int) -> [Int] {
      specs.indices.filter { !areLabels[$0] && loader.canShare(specs[$0], specs[index]) }
    }
    func ends(of group: [Int], _ first: SlicePanelSpec) throws(VoxelithError) -> (Double, Double) {
      var values: [Float] = []
      for index in group { values += try loader.slice(specs[index]).values }
      return try loader.range(first.colors.range).resolve(values, name: first.volume.file.name)
    }
    let leader = areLabels.firstIndex(of: false)
    let main = leader.map(group(of:)) ?? []
    let sharesBar = main.count > 1
    var made: [any Panel] = []
    var bars: [ColorBar] = []
    var scale: ColorScale?
    for (index, spec) in specs.enumerated() {
      do throws(VoxelithError) {
        guard !areLabels[index] else {
          made.append(try loader.panel(.slice(spec)))
          continue
        }
        let own = group(of: index)
        let first = specs[own.first ?? index]
        var shared = spec
        if own.count > 1 {
          let (lower, upper) = try ends(of: own, first)
          shared.colors.range = [lower, upper]
          shared.colors.map = first.colors.map
          shared.center = first.center
        }
        guard sharesBar, main.contains(index) else {
          made.append(try loader.panel(.slice(shared)))
          continue
        }
        let figure = try withoutBar(shared, loader, &bars)
        scale = scale ?? figure.scale
        made.append(figure)
      } catch {
        throw error.located(place: "panel \(PanelFigure.letter(index))")
      }
    }
    let lone = made.compactMap { ($0 as? SliceFigure).flatMap { $0.showsColorBar ? $0.colorBar : nil } }
    made = made.map { panel in
      guard var slice = panel as? SliceFigure, slice.showsColorBar else { return panel }
      slice.companions = lone
      return slice
    }
    guard let scale, let leader else {
      return PanelFigure(
        made, columns: columns, letters: letters ?? true, title: title.map { RichText($0) })
    }
    return figure(made, scale, of: specs[leader].colors, specs[leader].volume.file, bars, loader)
  }

  /// Volumes and slices on one scale of colours, surfaces among them in their own.
  func sharedSolids(_ loader: PanelLoader) throws(VoxelithError) -> PanelFigure {
    // Labels and phases have no scale of values.
    let scaled = try panels.map { (panel) throws(VoxelithError) -> (any ColoredVolume)? in
      switch panel {
      case .slice(let slice): try loader.classes(of: loader.slice(slice), slice) == nil ? slice : nil
      case .volume(let volume): volume.view.phase == nil ? volume : nil
      default: nil
      }
    }
    let all = scaled.compactMap { $0 }
    guard let first = all.first else {
      throw VoxelithError(.usage, "shared_range needs slices or volumes, which surfaces are not")
    }
    var (lower, upper) = (Double.infinity, -Double.infinity)
    var (least, most) = (Double.infinity, -Double.infinity)
    for panel in all where loader.canShare(panel, first) {
      let source = try loader.open(panel.volume)
      let summary = try ValueSummary(source, resources: loader.resources)
      let ends = try summary.resolve(try loader.range(first.colors.range), name: source.name)
      (lower, upper) = (min(lower, ends.0), max(upper, ends.1))
      (least, most) = (min(least, summary.minimum), max(most, summary.maximum))
    }
    var made: [any Panel] = []
    var bars: [ColorBar] = []
    for (index, panel) in panels.enumerated() {
      do throws(VoxelithError) {
        switch panel {
        case .volume(var shared) where scaled[index] != nil && loader.canShare(shared, first):
          shared.colors.range = [lower, upper]
          shared.colors.map = first.colors.map
          made.append(try loader.volume(shared, showsColorBar: false))
        case .slice(var shared) where scaled[index] != nil && loader.canShare(shared, first):
          shared.colors.range = [lower, upper]
          shared.colors.map = first.colors.map
          made.append(try withoutBar(shared, loader, &bars))
        default: made.append(try loader.panel(panel))
        }
      } catch {
        throw error.located(place: "panel \(PanelFigure.letter(index))")
      }
    }
    let scale = try ColorScale(map: try loader.map(first.colors.map, .batlow), lower: lower, upper: upper)
    var figure = figure(made, scale, of: first.colors, first.volume.file, bars, loader)
    if least < lower { figure.sharedColorBar?.extendsBelow = true }
    if most > upper { figure.sharedColorBar?.extendsAbove = true }
    return figure
  }

  /// A slice whose colour bar stands with those of the others.
  private func withoutBar(
    _ spec: SlicePanelSpec, _ loader: PanelLoader, _ bars: inout [ColorBar]
  ) throws(VoxelithError) -> SliceFigure {
    var figure = try loader.slicePanel(spec)
    bars.append(figure.colorBar)
    figure.showsColorBar = false
    return figure
  }

  /// The panels with one bar, which shows what any of their own would.
  private func figure(
    _ made: [any Panel], _ scale: ColorScale, of colors: PanelColors, _ file: PanelFile, _ bars: [ColorBar],
    _ loader: PanelLoader
  ) -> PanelFigure {
    var figure = PanelFigure(
      made, columns: columns, letters: letters ?? true, title: title.map { RichText($0) })
    var bar = ColorBar(
      scale,
      label: loader.bareLabel(colors, of: file) + .inBrackets(unit: colors.units))
    bar.extendsBelow = bars.contains { $0.extendsBelow }
    bar.extendsAbove = bars.contains { $0.extendsAbove }
    bar.showsMissing = bars.contains { $0.showsMissing }
    figure.sharedColorBar = bar
    return figure
  }
}

/// A panel that draws one volume in colour.
protocol ColoredVolume: ColoredPanel {
  var volume: PanelVolume { get }
}

extension SlicePanelSpec: ColoredVolume {}
extension VolumePanelSpec: ColoredVolume {}

extension PanelLoader {
  /// Whether two panels may stand on one scale: their colours allow it, and they show one quantity in one unit.
  func canShare(_ panel: some ColoredVolume, _ first: any ColoredVolume) -> Bool {
    let (own, other) = (panel.colors, first.colors)
    guard own.canShare(other), own.units == nil || other.units == nil || own.units == other.units else {
      return false
    }
    if let label = own.label, let first = other.label { return label == first }
    func kind(_ file: PanelFile) -> KnownQuantity.Kind {
      KnownQuantity.kind(ofFile: path(file.name ?? ""), dataset: file.dataset)
    }
    return kind(panel.volume.file) == kind(first.volume.file)
  }
}
