import Volumetry

/// Spectra of a text table as a source: one voxel for each column of counts, along x.
enum TextSpectra {
  static func read(
    _ path: String, options: SpectralOpenOptions
  ) throws(VoxelithError) -> SpectralVolume {
    let table = try DelimitedTable.read(path)
    let energyColumn = try SpectrumFile.energyColumn(of: table, asked: nil)
    let axis: EnergyAxis
    if let given = try options.energyAxis(count: table.rowCount, file: path) {
      axis = given
    } else {
      axis = try SpectrumFile.axis(
        of: table, column: energyColumn, unit: nil, keepsDetectorUnits: options.keepsDetectorUnits)
    }
    var columns = table.columns.indices.filter { $0 != energyColumn }
    if let counts = SpectrumFile.countsColumn(in: table) { columns = [counts] }
    guard !columns.isEmpty else {
      throw VoxelithError(
        .data, "a spectrum needs a column of energies and one of counts", file: path)
    }
    let grid = try options.completed(
      Grid(unscaled: Shape(z: 1, y: 1, x: columns.count)), file: path)
    let acquisition = try options.completed(
      Acquisition(liveTime: SpectrumFile.liveTime(of: table)), grid: grid, file: path)
    return try SpectralVolume(
      grid: grid, energy: axis, acquisition: acquisition,
      counts: columns.flatMap { table.columns[$0].map { Float($0) } }, name: path)
  }
}
