import Readers
public import Volumetry

/// A picture that can stand alone or be one panel of a figure.
public protocol Panel: Sendable {
  /// Height in points that suits a width.
  func height(forWidth width: Double, style: FigureStyle) -> Double
  /// Draws within `frame` and nowhere else.
  func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle)
  /// What the file says that it shows.
  var caption: String { get }
}

/// A panel whose title may take as many lines as those beside it, so that the pictures of a row begin at one height.
public protocol TitledPanel: Panel {
  var title: RichText? { get }
  /// Lines that are kept for the title at least.
  var titleLines: Int { get set }
}

/// Size and form of a figure in a file.
public struct FigureOptions: Sendable, Hashable {
  public var width: Length
  /// Pixels per inch of PNG.
  public var dpi: Double
  public var style: FigureStyle
  /// Replace a file that exists.
  public var overwrite: Bool
  /// The journal whose limits a figure is held against.
  public var journal: JournalPreset?

  public init(
    width: Length = JournalPreset.elsevier.singleColumn, dpi: Double = 300,
    style: FigureStyle = .standard, overwrite: Bool = false
  ) {
    self.width = width
    self.dpi = dpi
    self.style = style
    self.overwrite = overwrite
  }

  public init(
    preset: JournalPreset, doubleColumn: Bool = false, dpi: Double? = nil, overwrite: Bool = false
  ) {
    self.init(
      width: doubleColumn ? preset.doubleColumn : preset.singleColumn, dpi: dpi ?? preset.limits.resolution,
      style: preset.style, overwrite: overwrite)
    journal = preset
  }
}

extension Panel {
  /// The panel on a page of its own.
  public func scene(width: Length, style: FigureStyle = .standard) -> Scene {
    let margin = style.gap
    let inner = width.points - 2 * margin
    let size = Size(
      width: width.points, height: height(forWidth: inner, style: style) + 2 * margin)
    var scene = Scene(size: size, title: caption)
    draw(into: &scene, frame: Rectangle(size).inset(by: margin), style: style)
    return scene
  }

  /// Writes the panel as PNG, PDF or SVG, as the ending of the path says.
  ///
  /// - Returns: what does not fit the page, and what the journal of the options would send back, one sentence each.
  /// - Throws: `usage` for another ending, `cannotCreate` where the file exists or its folder does not take it.
  @discardableResult
  public func write(
    to path: String, options: FigureOptions = FigureOptions()
  ) throws(VoxelithError) -> [String] {
    guard options.width.points >= 50, options.width.points <= 14_400 else {
      throw VoxelithError(
        .usage, "a figure of \(Ticks.number(options.width.millimetres)) mm width cannot be drawn",
        advice: "give a width from 18 to 5080 mm")
    }
    let format = try FigureFormat(path: path)
    try OutputFile.check(path, overwrite: options.overwrite)
    let page = scene(width: options.width, style: options.style)
    try OutputFile.write(try page.encoded(format, dpi: options.dpi), to: path, overwrite: options.overwrite)
    let cut = page.textBeyondThePage
    let short = page.textBoxes.map(\.text).filter { $0.hasSuffix("\u{2026}") }.map { "'\($0)'" }
    return (cut.isEmpty ? [] : ["some text does not fit the page: \(cut.prefix(3).joined(separator: "; "))"])
      + (short.isEmpty
        ? [] : ["some text is too long and was shortened: \(short.prefix(3).joined(separator: "; "))"])
      + (options.journal?.complaints(about: page, dpi: format == .png ? options.dpi : nil) ?? [])
  }
}
