import Volumetry

extension ScanGrid {
  /// The raster that the caller tells, and where its places come from; nil where none is told.
  ///
  /// - Parameter order: of what the points follow one another: the array, the file.
  /// - Throws: `usage` where options exclude each other, and what a raster throws.
  static func told(
    _ options: SpectralOpenOptions, points: Int, order: String, file: String
  ) throws(VoxelithError) -> (scan: ScanGrid, origins: [GeometryOrigin])? {
    guard let raster = options.scanShape else {
      guard !options.isSnake else {
        throw VoxelithError(
          .usage, "a snake needs the shape of its scan", file: file,
          advice: "give --scan-shape z,y,x with --snake")
      }
      return nil
    }
    guard options.positions == nil else {
      throw VoxelithError(.usage, "positions and a shape of the scan exclude each other", file: file)
    }
    let scan = try ScanGrid(
      raster: raster, isSnake: options.isSnake, points: points, voxelSize: options.voxelSize,
      allowsMissing: options.allowsMissing, file: file)
    let places = GeometryOrigin(
      "places of the points", scan.report.shown,
      "--scan-shape" + (options.isSnake ? " with --snake" : "") + ", in the order of the \(order)")
    let size = scan.grid.origins(source: options.voxelSize == nil ? nil : "--voxel-size", corner: nil)
    return (scan, [places] + size)
  }

  /// Where the places of points come from that lie on even steps.
  ///
  /// - Parameters:
  ///   - sources: what tells the positions along each axis.
  ///   - isKnown: whether these are micrometres.
  ///   - count: points of the file: those without a place are left out.
  func origins(
    sources: [Axis: String], isKnown: Bool, count: Int, options: SpectralOpenOptions
  ) -> [GeometryOrigin] {
    var origins: [GeometryOrigin] = []
    for axis in Axis.allCases {
      guard let source = sources[axis] else { continue }
      let off = GeometryOrigin.text(100 * (report.furthestOff[axis.rawValue] ?? 0))
      origins.append(
        GeometryOrigin("places along \(axis.rawValue)", "up to \(off) % of a voxel off its centre", source))
    }
    let unplaced = count - report.points
    origins.append(
      GeometryOrigin(
        "places of the points", report.shown,
        "even steps through the positions"
          + (unplaced > 0 ? "; \(unplaced) points without a place are left out" : "")))
    let bare = grid.bareSource(sources.keys)
    return origins
      + grid.origins(
        source: options.voxelSize == nil ? "mean step of the positions" + bare.size : "--voxel-size",
        corner: isKnown ? "half a voxel below the lowest place" + bare.corner : nil)
  }
}
