public import Volumetry

extension SliceFigure {
  /// The figure with its colours paler where the standard deviation is larger: full where it is zero and down to `certain`,
  /// white from `uncertain` on. Nil takes half of the range of the colours for the latter: there a value tells nothing of where in
  /// the range it lies, and a sigma that differs by a part pales by that part.
  ///
  /// - Throws: `usage` where sigma has another shape or the two values are not rising.
  public func faded(
    by sigma: SliceImage, certain: Double = 0, uncertain: Double? = nil
  ) throws(VoxelithError) -> SliceFigure {
    guard sigma.width == slice.width, sigma.height == slice.height else {
      throw VoxelithError(
        .usage,
        "sigma has \(sigma.width) x \(sigma.height) voxels, the values \(slice.width) x \(slice.height)",
        file: sigma.name)
    }
    let low = certain
    let high = uncertain ?? (scale.range.upperBound - scale.range.lowerBound) / 2
    guard low.isFinite, high.isFinite, low < high else {
      throw VoxelithError(.usage, "the range of sigma from \(low) to \(high) is empty", file: sigma.name)
    }
    var result = self
    result.weights = sigma.values.map { Float((high - Double($0)) / (high - low)) }
    result.note = RichText(
      plain: "paler by \u{03C3}: full colour at \(Ticks.number(low, digits: 2)), white from "
        + "\(Ticks.number(high, digits: 2))" + (uncertain == nil ? " (half of the bar)" : ""))
    return result
  }

  /// The figure with a second volume's slice over it, such as lithium over the grey of XCT. The colour bar is then
  /// that of the overlay.
  public func overlaid(with overlay: SliceOverlay, label: RichText) -> SliceFigure {
    var result = self
    result.overlays.append(overlay)
    result.overlayBar = ColorBar(overlay.scale, label: label, of: overlay.slice.values)
    result.overlayBar?.steps = overlay.steps
    return result
  }
}
