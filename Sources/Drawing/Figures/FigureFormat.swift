import Readers
public import Volumetry

/// Kinds of files that figures are written as.
public enum FigureFormat: String, Sendable, Hashable, CaseIterable {
  case png, pdf, svg

  /// The kind that the ending of a path says.
  ///
  /// - Throws: `usage` for another ending.
  public init(path: String) throws(VoxelithError) {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    let ending = name.contains(".") ? name.split(separator: ".").last.map(String.init) ?? "" : ""
    guard let format = FigureFormat(rawValue: ending.lowercased()) else {
      throw VoxelithError(
        .usage, "a figure cannot be written as '\(name)'", advice: "end the name in .png, .pdf or .svg")
    }
    self = format
  }
}

extension Scene {
  /// The file of a kind, in memory.
  public func encoded(_ format: FigureFormat, dpi: Double = 300) throws(VoxelithError) -> [UInt8] {
    switch format {
    case .png: try png(dpi: dpi)
    case .pdf: try pdf()
    case .svg: Array(svg().utf8)
    }
  }

  /// Writes the page as PNG, PDF or SVG, as the ending of the path says.
  public func write(
    to path: String, dpi: Double = 300, overwrite: Bool = false
  ) throws(VoxelithError) {
    let format = try FigureFormat(path: path)
    try OutputFile.check(path, overwrite: overwrite)
    try OutputFile.write(try encoded(format, dpi: dpi), to: path, overwrite: overwrite)
  }
}
