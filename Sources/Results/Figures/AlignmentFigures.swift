package import Drawing
import Readers
package import Registration
package import Volumetry

/// Figures of an alignment: what the spectra weigh beside what the XCT predicts, and the phases in the voxels.
package enum AlignmentFigures {
  /// The intensity, the XCT through the transform averaged over the voxels, both in standard deviations from their
  /// means, and their difference.
  package static func alignment(
    intensity: any VolumeSource, xct: any VolumeSource, through transform: SpatialTransform,
    spread: PointSpread, axis: Axis, resources: Resources
  ) throws(VoxelithError) -> PanelFigure {
    let projection = try FieldProjection(onto: intensity.grid, through: transform, spread: spread)
    let predicted = try projection.means(of: [xct], resources: resources)[0]
    let observed = try intensity.loadFloats()
    var a = Moments()
    var b = Moments()
    let known = observed.voxels.indices.filter {
      observed.voxels[$0].isFinite && predicted.voxels[$0].isFinite
    }
    for voxel in known {
      a.add(Double(observed.voxels[voxel]))
      b.add(Double(predicted.voxels[voxel]))
    }
    func scaled(_ volume: Volume<Float>, _ moments: Moments) -> Volume<Float> {
      let deviation = max(moments.standardDeviation, .leastNormalMagnitude)
      return Volume(
        grid: intensity.grid,
        voxels: volume.voxels.map { $0.isFinite ? Float((Double($0) - moments.mean) / deviation) : .nan })
    }
    let left = scaled(observed, a)
    let middle = scaled(predicted, b)
    let rest = Volume<Float>(
      grid: intensity.grid, voxels: zip(left.voxels, middle.voxels).map { $0 - $1 })
    let plane = SlicePlane(axis, .middle)
    return try PanelFigure.slices(
      [
        (try SliceImage(left, plane), "XCS intensity"), (try SliceImage(middle, plane), "XCT, aligned"),
        (try SliceImage(rest, plane), "difference"),
      ], columns: 3, map: ColorMap.named("vik"), center: 0, label: "standard deviations from the mean")
  }

  /// The fraction of every phase.
  ///
  /// - Parameter sigmas: standard errors of the channels, where they are known.
  package static func fractions(
    _ channels: [any VolumeSource], sigmas: [any VolumeSource] = [], names: [String], axis: Axis,
    colors: ColorMap
  ) throws(VoxelithError) -> PanelFigure {
    var slices: [(slice: SliceImage, title: RichText?)] = []
    for (channel, name) in zip(channels, names) {
      slices.append((try SliceImage(channel, SlicePlane(axis, .middle)), RichText(plain: name)))
    }
    let figure = try PanelFigure.slices(slices, map: colors, range: .fixed(0, 1), label: "volume fraction")
    return try noted(figure, sigmas, SlicePlane(axis, .middle))
  }

  /// Lithium as if the active material were alone, with the fractions, and in truth where it is known.
  ///
  /// - Parameter sigmas: standard errors of the first two maps.
  package static func before(
    plain: any VolumeSource, corrected: any VolumeSource, truth: (any VolumeSource)?,
    sigmas: [any VolumeSource] = [], axis: Axis, colors: ColorMap, range: ClosedRange<Double>
  ) throws(VoxelithError) -> PanelFigure {
    let plane = SlicePlane(axis, .middle)
    var slices: [(slice: SliceImage, title: RichText?)] = [
      (try SliceImage(plain, plane), "active material alone"),
      (try SliceImage(corrected, plane), "with fractions"),
    ]
    if let truth { slices.append((try SliceImage(truth, plane), "truth")) }
    let figure = try PanelFigure.slices(
      slices, columns: slices.count, map: colors, range: .fixed(range.lowerBound, range.upperBound),
      label: "lithium content x")
    var result = try noted(figure, sigmas, plane)
    // Where most voxels lie beyond the scale, the picture has one colour and only a number tells what they are.
    for (index, panel) in result.panels.enumerated() {
      guard var slice = panel as? SliceFigure, let median = SliceImage.median(slice.slice.values),
        !range.contains(median)
      else { continue }
      let text = RichText(
        plain:
          "median x: \(Ticks.number(median, digits: 3)), \(median < range.lowerBound ? "below" : "above") the scale"
      )
      slice.note = slice.note.map { text + RichText(plain: "; ") + $0 } ?? text
      result.panels[index] = slice
    }
    return result
  }

  /// The figure with the median standard error below every slice whose errors are known.
  private static func noted(
    _ figure: PanelFigure, _ sigmas: [any VolumeSource], _ plane: SlicePlane
  ) throws(VoxelithError) -> PanelFigure {
    var result = figure
    for (index, sigma) in sigmas.enumerated() where index < figure.panels.count {
      guard var slice = figure.panels[index] as? SliceFigure else { continue }
      slice.note = try SliceImage(sigma, plane).typicalError
      result.panels[index] = slice
    }
    return result
  }
}
