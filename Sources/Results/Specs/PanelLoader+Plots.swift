import Drawing
import Foundation
import Readers
import Volumetry

/// Panels with axes.
extension PanelLoader {
  func histogram(_ spec: PanelSpec) throws(VoxelithError) -> Plot {
    var values = try values(spec.file, spec)
    if let reference = spec.reference {
      values = zip(values, try self.values(reference, spec, like: values.count)).map { $0 - $1 }
    }
    var normal: (mean: Double, sigma: Double)?
    if let sigma = spec.sigma {
      values = zip(values, try self.values(sigma, spec, like: values.count)).map { $0 / $1 }
      normal = (0, 1)
    }
    guard values.contains(where: \.isFinite) else {
      throw VoxelithError(.data, "holds no value", file: spec.file)
    }
    var plot = Plot.histogram(
      of: values, bins: min(max(spec.bins ?? 40, 1), 1000),
      range: try closed(spec.range), normal: normal, xLabel: label(spec),
      title: spec.title.map { RichText($0) })
    guard let count = spec.fit else { return plot }
    guard (1...9).contains(count) else { throw VoxelithError(.usage, "fit is a number of curves, 1 to 9") }
    let mixture = NormalMixture(fitting: values.filter(\.isFinite), components: count)
    plot.add(mixture, of: values.count { $0.isFinite })
    return plot
  }

  func density(_ spec: PanelSpec) throws(VoxelithError) -> Plot {
    let second = try second(spec)
    let x = try values(spec.file, spec)
    return Plot.jointDensity(
      x: PlotAxis(label(spec)), y: PlotAxis(label2(spec)),
      values: (x, try values(second, spec, like: x.count)), bins: min(max(spec.bins ?? 64, 2), 1000),
      title: spec.title.map { RichText($0) })
  }

  func second(_ spec: PanelSpec) throws(VoxelithError) -> String {
    guard let second = spec.file2 else {
      throw VoxelithError(
        .usage, "a panel '\(spec.kind.rawValue)' needs 'file2:', the volume of the y values")
    }
    return second
  }

  /// What the first axis or the colours show: as the panel says, or as the column, the file's attributes or its name say.
  func label(_ spec: PanelSpec) -> RichText {
    if spec.label == nil, let column = spec.x { return KnownQuantity.label(ofColumn: column) }
    return bareLabel(spec) + .inBrackets(unit: spec.units)
  }

  /// The same without the panel's own units, which the caller adds.
  func bareLabel(_ spec: PanelSpec) -> RichText {
    spec.label.map { RichText($0) }
      ?? KnownQuantity.label(ofFile: path(spec.file), dataset: spec.dataset, hasUnit: spec.units == nil)
      ?? RichText("value")
  }

  /// What the second axis shows.
  func label2(_ spec: PanelSpec) -> RichText {
    spec.label2.map { RichText($0) } ?? spec.y.map(KnownQuantity.label(ofColumn:))
      ?? spec.file2.flatMap { KnownQuantity.label(ofFile: path($0), dataset: spec.dataset) }
      ?? RichText("value")
  }

  /// All values of a volume.
  func values(_ file: String, _ spec: PanelSpec, like count: Int? = nil) throws(VoxelithError) -> [Double] {
    let values = try open(file, spec).loadFloats().voxels.map { Double($0) }
    if let count, values.count != count {
      throw VoxelithError(.data, "has another shape than \(spec.file)", file: file)
    }
    return values
  }

  func profile(_ spec: PanelSpec) throws(VoxelithError) -> Plot {
    let axis = try plane(spec).axis
    let source = try open(spec.file, spec)
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
    let unit = source.grid.hasKnownSpacing ? "\u{00B5}m" : "voxels"
    return Plot.profile(
      x: PlotAxis(RichText(plain: "depth along \(axis.rawValue) (\(unit))")),
      y: PlotAxis(bareLabel(spec)),
      depth: depth, mean: mean, lower: zip(mean, spread).map { $0 - $1 },
      upper: zip(mean, spread).map { $0 + $1 },
      label: "mean of the slice", bandLabel: "\u{00B1} standard deviation",
      title: spec.title.map { RichText($0) })
  }

  func rose(_ spec: PanelSpec) throws(VoxelithError) -> RosePlot {
    let plane = try self.plane(spec)
    let parts = (plane.axis == .z ? (0, 1) : plane.axis == .y ? (0, 2) : (1, 2))
    let first = try open(spec.file, spec, channel: parts.0).loadFloats().voxels
    let second = try open(spec.file, spec, channel: parts.1).loadFloats().voxels
    var angles: [Double] = []
    for (a, b) in zip(first, second) where a.isFinite && b.isFinite && (a != 0 || b != 0) {
      angles.append(atan2(Double(b), Double(a)) * 180 / .pi)
    }
    guard !angles.isEmpty else { throw VoxelithError(.data, "holds no direction", file: spec.file) }
    return RosePlot(
      angles: angles,
      label: RichText(
        spec.label ?? "direction in the \(plane.axis == .z ? "xy" : plane.axis == .y ? "xz" : "yz") plane"),
      title: spec.title.map { RichText($0) })
  }
}
