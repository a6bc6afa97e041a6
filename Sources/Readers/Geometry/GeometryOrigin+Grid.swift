import Volumetry

extension Grid {
  /// Voxel size and origin, and where they came from.
  ///
  /// - Parameters:
  ///   - source: what gave the voxel size.
  ///   - corner: what gave the origin, the outer corner of the first voxel; nil where nothing did, so that it is 0.
  ///   - unread: what the file says of the size of a voxel that is not taken for it.
  func origins(
    source: String?, corner: String? = "half a voxel below the lowest place", unread: String? = nil
  ) -> [GeometryOrigin] {
    guard hasKnownSpacing else {
      let reason = unread.map { "no option says it, and it is not read: \($0)" }
      return [GeometryOrigin("voxel size", "not known", reason ?? "neither the file nor an option says it")]
    }
    let text = GeometryOrigin.text
    return [
      GeometryOrigin(
        "voxel size", "\(text(spacing.z)) x \(text(spacing.y)) x \(text(spacing.x)) µm (z, y, x)",
        source ?? "the file"),
      GeometryOrigin(
        "origin", "\(text(origin.z)), \(text(origin.y)), \(text(origin.x)) µm (z, y, x)",
        corner ?? "neither the file nor an option says it: 0 is taken"),
    ]
  }
}

extension GeometryOrigin {
  /// Energies of bins, and where they came from.
  init(energies axis: EnergyAxis, _ source: String, isReversed: Bool = false) {
    let centers = axis.centers
    self.init(
      "energies",
      "\(axis.count) bins, \(Self.text(centers[0])) to \(Self.text(centers[axis.count - 1])) keV",
      source + (isReversed ? "; it falls: turned round with its counts" : ""))
  }
}
