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
    let first = specs[0]
    let isPlain = specs.allSatisfy {
      $0.colors.canShare(first.colors) && $0.over == nil && $0.sigma == nil && $0.gradient != true
        && loader.besideFile($0.volume.file) == nil
    }
    guard isPlain else { return try mixedFigure(specs, loader) }
    if let figure = try labelFigure(specs, loader) { return figure }
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

  private func mixedFigure(
    _ specs: [SlicePanelSpec], _ loader: PanelLoader
  ) throws(VoxelithError) -> PanelFigure {
    let first = specs[0]
    var values: [Float] = []
    for spec in specs where spec.colors.canShare(first.colors) { values += try loader.slice(spec).values }
    let (lower, upper) = try loader.range(first.colors.range).resolve(values)
    var made: [any Panel] = []
    var bars: [ColorBar] = []
    for (index, spec) in specs.enumerated() {
      do throws(VoxelithError) {
        guard spec.colors.canShare(first.colors) else {
          made.append(try loader.panel(.slice(spec)))
          continue
        }
        var shared = spec
        shared.colors.range = [lower, upper]
        shared.colors.map = first.colors.map
        shared.center = first.center
        made.append(try withoutBar(shared, loader, &bars))
      } catch {
        throw error.located(place: "panel \(PanelFigure.letter(index))")
      }
    }
    let scale = try ColorScale(
      map: try loader.map(first.colors.map, .batlow), lower: lower, upper: upper, center: first.center)
    return figure(made, scale, of: first.colors, first.volume.file, bars, loader)
  }

  /// Volumes and slices on one scale of colours, surfaces among them in their own.
  func sharedSolids(_ loader: PanelLoader) throws(VoxelithError) -> PanelFigure {
    let all = panels.compactMap { (panel) -> (volume: PanelVolume, colors: PanelColors)? in
      switch panel {
      case .slice(let slice): (slice.volume, slice.colors)
      case .volume(let volume): (volume.volume, volume.colors)
      default: nil
      }
    }
    guard let first = all.first else {
      throw VoxelithError(.usage, "shared_range needs slices or volumes, which surfaces are not")
    }
    var (lower, upper) = (Double.infinity, -Double.infinity)
    for panel in all where panel.colors.canShare(first.colors) {
      let source = try loader.open(panel.volume)
      let ends = try ValueSummary(source, resources: loader.resources).resolve(
        try loader.range(first.colors.range), name: source.name)
      lower = min(lower, ends.0)
      upper = max(upper, ends.1)
    }
    var made: [any Panel] = []
    var bars: [ColorBar] = []
    for (index, panel) in panels.enumerated() {
      do throws(VoxelithError) {
        switch panel {
        case .volume(var shared) where shared.colors.canShare(first.colors):
          shared.colors.range = [lower, upper]
          shared.colors.map = first.colors.map
          made.append(try loader.volume(shared, showsColorBar: false))
        case .slice(var shared) where shared.colors.canShare(first.colors):
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
    return figure(made, scale, of: first.colors, first.volume.file, bars, loader)
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
