public import Volumetry

/// Reference spectra in text files: energies and values, which may be negative, as normalised spectra are near zero.
public enum ReferenceFile {
  /// Reads the first column of values beside the energies.
  ///
  /// - Throws: `missing`; `data` where the energies neither rise nor fall or a value is not a finite number.
  public static func read(_ path: String) throws(VoxelithError) -> (energy: EnergyAxis, values: [Double]) {
    let table = try DelimitedTable.read(path)
    let column = try SpectrumFile.energyColumn(of: table, asked: nil)
    let (axis, isReversed) = try SpectrumFile.axis(of: table, column: column, unit: nil)
    guard
      let chosen = SpectrumFile.countsColumn(in: table)
        ?? SpectrumFile.countsColumns(of: table, energy: column).first
    else {
      throw VoxelithError(
        .data, "a reference needs a column of energies and one of values", file: path)
    }
    let values = table.columns[chosen]
    for (row, value) in values.enumerated() where !value.isFinite {
      throw VoxelithError(.data, "the value \(value) is not a finite number", file: path, place: "row \(row)")
    }
    return (axis, isReversed ? values.reversed() : values)
  }
}
