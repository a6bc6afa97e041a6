public import Volumetry

extension SliceFigure {
  /// The figure with its colours paler where the standard deviation is larger: full up to `certain`, white from
  /// `uncertain` on. Nil takes the 10 % and 95 % quantiles.
  ///
  /// - Throws: `usage` where sigma has another shape or the two values are not rising.
  public func faded(
    by sigma: SliceImage, certain: Double? = nil, uncertain: Double? = nil
  ) throws(VoxelithError) -> SliceFigure {
    guard sigma.width == slice.width, sigma.height == slice.height else {
      throw VoxelithError(
        .usage,
        "sigma has \(sigma.width) x \(sigma.height) voxels, the values \(slice.width) x \(slice.height)",
        file: sigma.name)
    }
    let sorted = sigma.values.filter(\.isFinite).map { Double($0) }.sorted()
    let low = certain ?? Quantiles.quantile(sorted: sorted, 0.1)
    var high = uncertain ?? Quantiles.quantile(sorted: sorted, 0.95)
    if uncertain == nil, !(high > low) { high = low * 1.5 + 1e-12 }
    guard low.isFinite, high.isFinite, low < high else {
      throw VoxelithError(.usage, "the range of sigma from \(low) to \(high) is empty", file: sigma.name)
    }
    var result = self
    result.weights = sigma.values.map { Float((high - Double($0)) / (high - low)) }
    result.note = RichText(
      plain:
        "pale: \u{03C3} from \(Ticks.number(low, digits: 2)) (full) to \(Ticks.number(high, digits: 2)) (white)"
    )
    return result
  }

  /// The figure with a second volume's slice over it, such as lithium over the grey of XCT. The colour bar is then
  /// that of the overlay.
  public func overlaid(with overlay: SliceOverlay, label: RichText) -> SliceFigure {
    var result = self
    result.overlays.append(overlay)
    result.overlayBar = ColorBar(overlay.scale, label: label)
    result.overlayBar?.showsMissing = false
    return result
  }
}
