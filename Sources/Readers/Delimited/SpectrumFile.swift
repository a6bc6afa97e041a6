import Foundation
public import Volumetry

/// Spectra in text files: CSV `energy_keV,counts`, or any table with a column of energies.
public enum SpectrumFile {
  /// Reads one spectrum.
  ///
  /// - Parameters:
  ///   - energyColumn: column of bin centres; by default the one whose name begins with `energy`, or
  ///     else the first.
  ///   - countsColumn: column of counts; by default the one named `counts`, or else the only other.
  ///   - energyUnit: unit of the energies; by default the one that the column's name ends in, or else
  ///     eV where they exceed 1000 and keV where they do not.
  /// - Throws: `missing`, and `data` where the energies do not increase or a count is negative or not a
  ///   number; `usage` where the columns must be named.
  public static func read(
    _ path: String, energyColumn: TableColumn? = nil, countsColumn: TableColumn? = nil,
    energyUnit: EnergyUnit? = nil
  ) throws(VoxelithError) -> Spectrum {
    if let spectra = try MultichannelSpectra.read(path) { return try spectra.spectrum(file: path) }
    let table = try DelimitedTable.read(path)
    let energyIndex = try self.energyColumn(of: table, asked: energyColumn)
    let countsIndex = try self.countsColumn(of: table, asked: countsColumn, energy: energyIndex)
    let axis = try self.axis(of: table, column: energyIndex, unit: energyUnit)
    return try Spectrum(
      energy: axis, counts: table.columns[countsIndex], liveTime: liveTime(of: table), file: path)
  }

  /// Writes `energy_keV,counts`, with the live time as a comment where it is known. Numbers are read
  /// back exactly.
  ///
  /// - Throws: `cannotCreate` where the file exists and may not be overwritten or its folder does not
  ///   take it.
  public static func write(
    _ spectrum: Spectrum, to path: String, comments: [String] = [], overwrite: Bool = false
  ) throws(VoxelithError) {
    var text = comments.map { "# \($0)\n" }.joined()
    if let liveTime = spectrum.liveTime { text += "# \(liveTimeKey): \(liveTime)\n" }
    text += "energy_keV,counts\n"
    for (energy, count) in zip(spectrum.energy.centers, spectrum.counts) {
      text += "\(energy),"
      text += Int64(exactly: count).map { "\($0)\n" } ?? "\(count)\n"
    }
    try OutputFile.write(text, to: path, overwrite: overwrite)
  }

  private static let liveTimeKey = "live_time_s"

  static func liveTime(of table: DelimitedTable) -> Double? {
    for comment in table.comments {
      let parts = comment.split { $0 == ":" || $0 == "=" || $0 == " " }
      if parts.count == 2, parts[0] == liveTimeKey { return Double(parts[1]) }
    }
    return nil
  }

  static func energyColumn(
    of table: DelimitedTable, asked: TableColumn?
  ) throws(VoxelithError) -> Int {
    if let asked { return try table.index(of: asked) }
    let named = table.names?.firstIndex { name in
      let lower = name.lowercased()
      return lower.hasPrefix("energy") || lower == "kev" || lower == "ev" || lower.hasPrefix("e_")
        || lower.hasPrefix("e (")
    }
    return named ?? 0
  }

  private static func countsColumn(
    of table: DelimitedTable, asked: TableColumn?, energy: Int
  ) throws(VoxelithError) -> Int {
    if let asked { return try table.index(of: asked) }
    let count = table.columns.count
    guard count >= 2 else {
      throw VoxelithError(.data, "a spectrum needs a column of energies and one of counts", file: table.file)
    }
    if count == 2 { return 1 - energy }
    if let named = countsColumn(in: table) { return named }
    let known = table.names?.joined(separator: ", ") ?? "0 to \(count - 1)"
    throw VoxelithError(
      .usage, "the table has \(count) columns: say which holds the counts", file: table.file,
      advice: "its columns are \(known)")
  }

  /// The column whose name says that it holds counts.
  static func countsColumn(in table: DelimitedTable) -> Int? {
    table.names?.firstIndex { name in
      let lower = name.lowercased()
      return lower == "counts" || lower == "count" || lower == "intensity"
    }
  }

  static func axis(
    of table: DelimitedTable, column: Int, unit: EnergyUnit?
  ) throws(VoxelithError) -> EnergyAxis {
    let energies = table.columns[column]
    let named = table.names.flatMap { EnergyUnit(in: $0[column]) }
    let factor = (unit ?? named ?? .judged(from: energies)).inKeV
    return try EnergyAxis(
      centers: factor == 1 ? energies : energies.map { $0 * factor }, file: table.file)
  }
}
