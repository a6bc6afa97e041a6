import Foundation
public import Volumetry

/// A table of numbers in a text file, by columns.
///
/// Fields are parted by semicolons, tabs, bars, commas or spaces; lines end as Unix, Windows or old Macintosh
/// end them. What follows a `#` or a leading `%` is a comment. Lines of text before the first line of
/// numbers are a header, and the last of these names the columns where it has as many fields as the
/// numbers; a comment just above the numbers does so too, as NumPy writes it.
public struct DelimitedTable: Sendable, Hashable {
  public let file: String
  /// Names of the columns, where the file has them.
  public let names: [String]?
  /// Numbers of each column from top to bottom. An empty field is NaN.
  public let columns: [[Double]]
  /// Comments without their marks, in their order.
  public let comments: [String]

  public var rowCount: Int { columns.first?.count ?? 0 }

  /// Bytes above which a text file is refused.
  public static var sizeLimit: Int { 1 << 30 }

  /// Reads a file.
  ///
  /// - Throws: `missing` where there is no such file, `data` where it is empty, not text, holds no
  ///   numbers, or a line has another number of fields or something that is not a number (the line is
  ///   named).
  public static func read(_ path: String) throws(VoxelithError) -> DelimitedTable {
    let file = try InputFile(path)
    guard FileText.isText(try file.bytes(at: 0, count: 4096)) else {
      throw VoxelithError(.data, "this is not a text file", file: path)
    }
    guard file.size <= sizeLimit else {
      throw VoxelithError(.data, "a text file of \(file.size) bytes is too large for a table", file: path)
    }
    var parser = DelimitedParser(file: path)
    return try parser.parse(try file.bytes(at: 0, count: file.size))
  }

  /// The column of a name (without regard to case) or a number.
  ///
  /// - Throws: `usage` where there is none.
  public func column(_ column: TableColumn) throws(VoxelithError) -> [Double] {
    columns[try index(of: column)]
  }

  /// The number of a column. Its name may be given without the unit that stands behind it in square brackets.
  ///
  /// - Throws: `usage` where there is none.
  public func index(of column: TableColumn) throws(VoxelithError) -> Int {
    switch column {
    case .index(let index):
      guard columns.indices.contains(index) else {
        throw VoxelithError(
          .usage, "there is no column \(index): the table has \(columns.count), counted from 0", file: file)
      }
      return index
    case .name(let name):
      let wanted = name.lowercased()
      let found =
        names?.firstIndex { $0.lowercased() == wanted }
        ?? names?.firstIndex { $0.lowercased().prefix { $0 != "[" } == wanted }
      guard let found else {
        let known = names.map { "its columns are \($0.joined(separator: ", "))" } ?? "it has no header"
        throw VoxelithError(.usage, "the table has no column \(name): \(known)", file: file)
      }
      return found
    }
  }
}

/// A column of a table: by its name or by its number from 0.
public enum TableColumn: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  case name(String)
  case index(Int)

  public init(stringLiteral value: String) { self = .name(value) }
  public init(integerLiteral value: Int) { self = .index(value) }

  /// As a command line spells it: a number or a name.
  public init(_ text: String) { self = Int(text).map { .index($0) } ?? .name(text) }
}
