import Drawing
import Foundation
import Readers
import Volumetry

/// Panels with axes.
extension PanelLoader {
  func histogram(_ spec: HistogramPanelSpec) throws(VoxelithError) -> Plot {
    var values = try values(spec.volume)
    if let reference = spec.reference {
      values = zip(values, try self.values(reference, like: spec.volume, count: values.count)).map { $0 - $1 }
    }
    var normal: (mean: Double, sigma: Double)?
    if let sigma = spec.sigma {
      values = zip(values, try self.values(sigma, like: spec.volume, count: values.count)).map { $0 / $1 }
      normal = (0, 1)
    }
    guard values.contains(where: \.isFinite) else {
      throw VoxelithError(.data, "holds no value", file: spec.volume.file.name)
    }
    var plot = Plot.histogram(
      of: values, bins: spec.bins ?? 40,
      range: try closed(spec.range), normal: normal,
      xLabel: histogramLabel(spec),
      title: spec.title.map { RichText($0) })
    guard let count = spec.fit else { return plot }
    guard (1...9).contains(count) else { throw VoxelithError(.usage, "fit is a number of curves, 1 to 9") }
    let mixture = NormalMixture(fitting: values.filter(\.isFinite), components: count)
    plot.add(mixture, of: values.count { $0.isFinite })
    return plot
  }

  /// What the columns stand for: the values, their differences from a reference, or either over the standard error.
  private func histogramLabel(_ spec: HistogramPanelSpec) -> RichText {
    guard spec.label == nil, spec.reference != nil || spec.sigma != nil else {
      return label(spec.label, units: spec.units, of: spec.volume.file)
    }
    let file = path(spec.volume.file.name ?? "")
    let symbol =
      KnownQuantity.symbol(ofFile: file)
      ?? KnownQuantity.label(ofFile: file, dataset: spec.volume.file.dataset, hasUnit: false) ?? "value"
    let difference = spec.reference == nil ? symbol : symbol + " \u{2212} reference"
    guard spec.sigma == nil else {
      return RichText(plain: "(") + difference + RichText(plain: ") / \u{03C3}")
    }
    let unit = spec.units ?? KnownQuantity.unit(ofFile: file, dataset: spec.volume.file.dataset)
    return difference + .inBrackets(unit: unit.isEmpty ? nil : unit)
  }

  func diffusivity(_ spec: DiffusivityPanelSpec) throws(VoxelithError) -> ForestPlot {
    guard let file = spec.file else {
      throw VoxelithError(.usage, "the panel names no file", advice: "give 'file:'")
    }
    let report = try ResultFile.read(DiffusivityReport.self, path(file))
    guard
      var plot = DiffusivityFigure.diffusivities(
        report, title: spec.title.map { RichText($0) }, isShort: true)
    else {
      throw VoxelithError(.data, "no diffusivity is determined", file: path(file))
    }
    plot.range = try closed(spec.range)
    return plot
  }

  func density(_ spec: DensityPanelSpec) throws(VoxelithError) -> Plot {
    let second = try second(spec.file2, of: .density)
    let x = try values(spec.volume)
    let y = try values(second, like: spec.volume, count: x.count)
    guard zip(x, y).contains(where: { $0.isFinite && $1.isFinite }) else {
      throw VoxelithError(.data, "holds no pair of values", file: spec.volume.file.name)
    }
    return Plot.jointDensity(
      x: PlotAxis(label(spec.label, units: spec.units, of: spec.volume.file)),
      y: PlotAxis(label2(spec.label2, of: spec.file2, like: spec.volume.file)),
      values: (x, y),
      bins: spec.bins ?? 64,
      title: spec.title.map { RichText($0) })
  }

  func second(_ file: String?, of kind: PanelSpec.Kind) throws(VoxelithError) -> String {
    guard let file else {
      throw VoxelithError(
        .usage, "a panel '\(kind.rawValue)' needs 'file2:', the volume of the y values")
    }
    return file
  }

  /// What the first axis or the colours show: as the panel says, or as the file's attributes or its name say.
  func label(_ own: String?, units: String?, of file: PanelFile) -> RichText {
    bareLabel(own, units: units, of: file) + .inBrackets(unit: units)
  }

  /// The same without the panel's own units, which the caller adds.
  func bareLabel(_ own: String?, units: String? = nil, of file: PanelFile) -> RichText {
    own.map { RichText($0) }
      ?? KnownQuantity.label(ofFile: path(file.name ?? ""), dataset: file.dataset, hasUnit: units == nil)
      ?? RichText("value")
  }

  func bareLabel(_ colors: PanelColors, of file: PanelFile) -> RichText {
    bareLabel(colors.label, units: colors.units, of: file)
  }

  /// What the second axis shows.
  func label2(_ own: String?, of name: String?, like file: PanelFile) -> RichText {
    own.map { RichText($0) }
      ?? name.flatMap { KnownQuantity.label(ofFile: path($0), dataset: file.dataset) } ?? RichText("value")
  }

  /// All values of a volume.
  func values(_ volume: PanelVolume) throws(VoxelithError) -> [Double] {
    try open(volume).loadFloats().voxels.map { Double($0) }
  }

  /// All values of another volume of the same shape.
  func values(_ file: String, like volume: PanelVolume, count: Int) throws(VoxelithError) -> [Double] {
    let values = try open(file, like: volume).loadFloats().voxels.map { Double($0) }
    guard values.count == count else {
      throw VoxelithError(.data, "has another shape than \(volume.file.name ?? "")", file: file)
    }
    return values
  }

  func profile(_ spec: ProfilePanelSpec) throws(VoxelithError) -> Plot {
    let axis = try axis(spec.axis)
    let source = try open(spec.volume)
    var depth: [Double] = []
    var mean: [Double] = []
    var spread: [Double] = []
    for index in 0..<source.grid.shape[axis] {
      let values = try SliceImage(source, .index(axis, index)).values
      var moments = Moments()
      for value in values where value.isFinite { moments.add(Double(value)) }
      depth.append((Double(index) + 0.5) * source.grid.spacing(along: axis))
      mean.append(moments.count > 0 ? moments.mean : .nan)
      spread.append(moments.count > 1 ? moments.standardDeviation : .nan)
    }
    let places = mean.count(where: \.isFinite)
    guard places > 1 else {
      throw VoxelithError(
        .data,
        places == 0
          ? "holds no value" : "has values in one slice across \(axis.rawValue) only: a profile needs two",
        file: spec.volume.file.name, advice: places == 0 ? nil : "choose another axis")
    }
    let unit = source.grid.hasKnownSpacing ? "\u{00B5}m" : "voxels"
    return Plot.profile(
      x: PlotAxis(RichText(plain: "depth along \(axis.rawValue) (\(unit))")),
      y: PlotAxis(bareLabel(spec.label, of: spec.volume.file)),
      depth: depth, mean: mean, lower: zip(mean, spread).map { $0 - $1 },
      upper: zip(mean, spread).map { $0 + $1 },
      label: "mean of the slice", bandLabel: "\u{00B1} standard deviation",
      title: spec.title.map { RichText($0) })
  }

  /// - Throws: `data` where a file has not the three channels of a direction.
  func checkVectors(_ file: PanelFile) throws(VoxelithError) {
    guard let name = file.name, file.rawShape == nil else { return }
    var options = VolumeOpenOptions()
    options.dataset = file.dataset
    let count = try VolumeFile.describe(path(name), options: options).channels
    guard count < 3 else { return }
    throw VoxelithError(
      .data, "holds no directions: they have three channels, x, y and z, and the file \(count)",
      file: path(name),
      advice: "give orientation.tif, as orient writes it")
  }

  func rose(_ spec: RosePanelSpec) throws(VoxelithError) -> RosePlot {
    let axis = try axis(spec.axis)
    let parts = (axis == .z ? (0, 1) : axis == .y ? (0, 2) : (1, 2))
    let name = spec.file.name ?? ""
    try checkVectors(spec.file)
    let first = try open(name, spec.file, channel: parts.0).loadFloats().voxels
    let second = try open(name, spec.file, channel: parts.1).loadFloats().voxels
    var angles: [Double] = []
    for (a, b) in zip(first, second) where a.isFinite && b.isFinite && (a != 0 || b != 0) {
      angles.append(atan2(Double(b), Double(a)) * 180 / .pi)
    }
    guard !angles.isEmpty else { throw VoxelithError(.data, "holds no direction", file: name) }
    var plot = RosePlot(
      angles: angles,
      label: RichText(
        spec.label ?? "direction in the \(axis == .z ? "xy" : axis == .y ? "xz" : "yz") plane"),
      title: spec.title.map { RichText($0) })
    plot.axes = axis == .z ? ("x", "y") : axis == .y ? ("x", "z") : ("y", "z")
    return plot
  }
}
