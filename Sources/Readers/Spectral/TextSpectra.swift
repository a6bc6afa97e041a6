import Volumetry

/// Spectra of a text table: one voxel for each column of counts, along x.
struct TextSpectra: DescribedSpectra {
  let origins: [GeometryOrigin]
  private let volume: SpectralVolume

  var grid: Grid { volume.grid }
  var energy: EnergyAxis { volume.energy }
  var acquisition: Acquisition { volume.acquisition }
  var chunkShape: Shape { volume.chunkShape }
  var name: String { volume.name }

  func readCounts(_ region: Region) throws(VoxelithError) -> [Float] { try volume.readCounts(region) }

  init(_ path: String, options: SpectralOpenOptions) throws(VoxelithError) {
    if let useless = options.ofArrays.first {
      throw VoxelithError(
        .usage, "\(useless) is for files with arrays, and this one is a table of text", file: path)
    }
    let table = try DelimitedTable.read(path)
    if table.columns.count == 1, options.energyCoefficients == nil {
      throw VoxelithError(
        .data, "the table has one column, and a spectrum needs one of energies and one of counts", file: path,
        advice: "give --energy-coefficients (keV at channel 0, keV a channel) where the column has the counts"
      )
    }
    let energyColumn = try SpectrumFile.energyColumn(of: table, asked: nil)
    var (axis, isReversed) = (EnergyAxis(first: 0, width: 1, count: 2), false)
    var source = table.names.map { "column \($0[energyColumn])" } ?? "column \(energyColumn)"
    if let given = try options.energyAxis(count: table.rowCount, file: path) {
      axis = given
      source = "--energy-coefficients"
    } else {
      (axis, isReversed) = try SpectrumFile.axis(
        of: table, column: energyColumn, unit: nil, keepsDetectorUnits: options.keepsDetectorUnits)
    }
    var columns = SpectrumFile.countsColumns(of: table, energy: energyColumn)
    if let counts = SpectrumFile.countsColumn(in: table) { columns = [counts] }
    if table.columns.count == 1, options.energyCoefficients != nil { columns = [0] }
    guard !columns.isEmpty else {
      throw VoxelithError(
        .data, "a spectrum needs a column of energies and one of counts", file: path)
    }
    let grid = try options.completed(
      Grid(unscaled: Shape(z: 1, y: 1, x: columns.count)), file: path)
    let acquisition = try options.completed(
      Acquisition(liveTime: try SpectrumFile.liveTime(of: table)), grid: grid, file: path)
    var counts: [Float] = []
    for column in columns {
      var values = table.columns[column]
      try Self.check(values, in: table, column: column, options: options)
      if isReversed { values.reverse() }
      let factor = try SpectrumFile.rate(of: table, column: column, liveTime: acquisition.liveTime) ?? 1
      counts += values.map { Float($0 * factor) }
    }
    volume = try SpectralVolume(
      grid: grid, energy: axis, acquisition: acquisition, counts: counts, name: path)
    let text = GeometryOrigin.text
    var origins = [GeometryOrigin(energies: axis, source, isReversed: isReversed)]
    origins += grid.origins(source: "--voxel-size", corner: nil)
    if let time = acquisition.liveTime {
      origins.append(
        GeometryOrigin(
          "live time", "\(text(time)) s",
          options.acquisition.liveTime == nil ? "comment of the file" : "--live-time"))
    }
    self.origins = origins
  }

  /// A column without a number is a voxel that was not measured; one that lacks some is not a spectrum.
  ///
  /// - Throws: `data` where some numbers of a column are missing and nobody said that they may be.
  private static func check(
    _ values: [Double], in table: DelimitedTable, column: Int, options: SpectralOpenOptions
  ) throws(VoxelithError) {
    guard !options.allowsMissing, let row = values.firstIndex(where: \.isNaN),
      values.contains(where: { !$0.isNaN })
    else { return }
    throw VoxelithError(
      .data,
      "row \(row + 1) of \(table.names?[column] ?? "column \(column)") is not a number, and \(values.count { $0.isNaN }) of "
        + "\(values.count) are not", file: table.file,
      advice: "write the counts there, or leave out the rows; --allow-missing takes the spectrum as it is")
  }
}
