public import Volumetry

/// Reads what battery cyclers export as text: BioLogic's `.mpt`, CSV of Neware (plain, and older with nested steps) and Arbin, and any
/// table whose headings name time, voltage, current or charge with their units.
///
/// Forms: EC-Lab's ASCII export ("Nb header lines", then tab-separated columns such as `time/s`, `Ecell/V`, `(Q-Qo)/mA.h`), BTSDA's record
/// sheet, MITS Pro's channel sheet. Decimal commas, UTF-16, GB 18030 and Latin-1 are understood.
public enum CyclerFile {
  /// Bytes above which a file is refused.
  public static var sizeLimit: Int { 1 << 29 }

  /// The table of a file; its text is that of Chinese Windows (GB 18030) where only then its headings are known.
  private static func table(
    of bytes: [UInt8], named columns: CyclerColumns, file: String
  ) throws(VoxelithError) -> CyclerTable {
    do throws(VoxelithError) {
      return try CyclerTable(FileText.plainMarks(FileText.whole(bytes)), named: columns, file: file)
    } catch {
      guard let text = FileText.chinese(bytes),
        let table = try? CyclerTable(FileText.plainMarks(text), named: columns, file: file)
      else { throw error }
      return table
    }
  }

  /// - Throws: `missing` where there is no file; `data` where it is no text, a heading lacks its unit, a field is no number or times
  ///   fall (the line is named); `usage` where a column that is named is not there.
  public static func read(
    _ path: String, columns: CyclerColumns = CyclerColumns()
  ) throws(VoxelithError) -> CyclerRecord {
    let file = try InputFile(path)
    guard FileText.isText(try file.bytes(at: 0, count: min(4096, file.size))) else {
      throw VoxelithError(
        .data, "this is not a text file", file: path,
        advice: "export the cycler's data as text: EC-Lab's .mpt, not .mpr; CSV, not .nda or .res")
    }
    guard file.size <= sizeLimit else {
      throw VoxelithError(.data, "a cycler's file of \(file.size) bytes is too large", file: path)
    }
    var table = try table(of: try file.bytes(at: 0, count: file.size), named: columns, file: path)
    let choice = try CyclerChoice(table, named: columns, file: path)
    let cut = table.dropOpenEnd(choice.needed)
    let numbers = CyclerNumbers(table, file: path)
    let times = try CyclerTimes(table, choice, numbers, file: path)
    let charge = try CyclerCharge(table, choice, numbers, seconds: times.seconds, file: path)
    return CyclerRecord(
      file: path, maker: table.maker, seconds: times.seconds,
      voltage: try choice.voltage.map { (column) throws(VoxelithError) in
        try numbers.values(column, .voltage, allowsGaps: true)
      }, charge: charge.values, chargeSource: charge.source, disagreement: charge.disagreement,
      notes: times.notes + charge.notes
        + (cut > 0 ? ["the last \(cut == 1 ? "line is" : "\(cut) lines are") not complete and left out"] : [])
    )
  }
}

/// Columns of a table as numbers in SI units.
struct CyclerNumbers {
  private let table: CyclerTable
  private let file: String

  init(_ table: CyclerTable, file: String) {
    self.table = table
    self.file = file
  }

  /// - Throws: `data` where a field is empty or no number, or the unit is missing.
  ///
  /// - Parameter allowsGaps: whether an empty field, or one that says NaN, is NaN.
  func values(
    _ column: Int, _ quantity: CyclerColumn.Quantity, allowsGaps: Bool = false
  ) throws(VoxelithError) -> [Double] {
    let heading = table.headings[column]
    let unit = CyclerColumn.parts(heading).unit
    let factor = try CyclerColumn(quantity, unit: unit, heading: heading, file: file).factor
    var evidence = MarkEvidence()
    for row in table.rows { evidence.add([row.field(column)], separator: table.separator) }
    let marks = try evidence.marks(file: file)
    var result: [Double] = []
    result.reserveCapacity(table.rows.count)
    for row in table.rows {
      let field = row.field(column)
      guard let value = table.separator.number(field, marks: marks),
        value.isFinite || allowsGaps && value.isNaN
      else {
        throw VoxelithError(
          .data, "'\(String(Substring(field)).prefix(40))' in the column '\(heading)' is not a number",
          file: file,
          place: "line \(row.line)")
      }
      result.append(factor * value)
    }
    return result
  }

  /// Fields as they stand, without quotes.
  func texts(_ column: Int) -> [String] {
    table.rows.map { row in String(Substring(row.field(column))).filter { $0 != "\"" } }
  }
}
