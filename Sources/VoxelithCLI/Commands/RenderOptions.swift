import ArgumentParser
import Foundation
import Voxelith

/// Options of `render` for panels with axes.
struct PlotOptions: ParsableArguments {
  @Option(name: .customLong("with"), help: "Second volume: y of a density or scatter, colours of a surface.")
  var second: String?

  @Option(name: .customLong("with-sigma"), help: "Standard deviations of the second volume.")
  var secondSigma: String?

  @Option(help: "What the values of the second axis are.")
  var label2: String?

  @Option(help: "Volume that is subtracted before a histogram is made.")
  var reference: String?

  @Option(help: "Normal curves to fit to a histogram.")
  var fit: Int?

  @Option(help: "Columns of a histogram, cells a side of a density.")
  var bins: Int?

  @Option(help: "Line through a scatter: fit or identity.")
  var line: String?

  @Option(name: .customLong("x"), help: "Column of a CSV file along x of a scatter.")
  var x: String?

  @Option(name: .customLong("y"), help: "Column of a CSV file along y of a scatter.")
  var y: String?

  @Option(help: "Column of the standard errors along x.")
  var xError: String?

  @Option(help: "Column of the standard errors along y.")
  var yError: String?

  @Option(parsing: .unconditional, help: "Times of the volumes of a series, as 0,1,2.")
  var times: String?

  @Option(help: "Layers across the axis of a series, each with a curve of its own.")
  var layers: Int?

  @Option(help: "Line of a calibration: s-parameter or valence-core.")
  var method: String?

  func apply(to panel: inout PanelValues) throws {
    try panel.set(.file2, second)
    try panel.set(.sigma2, secondSigma)
    try panel.set(.label2, label2)
    try panel.set(.reference, reference)
    try panel.set(.fit, fit)
    try panel.set(.bins, bins)
    try panel.set(.line, line)
    try panel.set(.x, x)
    try panel.set(.y, y)
    try panel.set(.xError, xError)
    try panel.set(.yError, yError)
    try panel.set(.times, try times.map { try NumberText.parse($0, option: "--times") })
    try panel.set(.layers, layers)
    try panel.set(.method, method)
  }
}

/// Options of `render` for volumes and surfaces.
struct SolidOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Value of an isosurface.")
  var level: Double?

  @Option(help: "Label to draw of a label volume.")
  var phase: Int?

  @Option(help: "Standard deviation in µm of a smoothing before volumes and surfaces are drawn.")
  var smoothUm: Double?

  @Option(parsing: .unconditional, help: "Opacity of a volume at values, as 0:0,0.5:0.02,1:0.6.")
  var opacities: String?

  @Flag(help: "Draw every voxel of a volume as a block, as up to 100 voxels a side are anyway.")
  var voxels = false

  @Option(
    parsing: .unconditional,
    help: "Degrees around z, from x towards y, from which a volume or surface is seen (default: 60).")
  var azimuth: Double?

  @Option(
    parsing: .unconditional,
    help: "Degrees above the xy plane, on the side of the first layer, from which it is seen (default: 25).")
  var elevation: Double?

  @Option(help: "Degrees of a perspective view; orthographic without it.")
  var perspective: Double?

  @Option(
    parsing: .unconditionalSingleValue,
    help: "Plane that cuts a volume open: point x,y,z in µm, normal x,y,z.")
  var clip: [String] = []

  @Option(help: "Write this many frames of one turn, as PNG, into the folder of -o.")
  var turntable: Int?

  @Option(help: "Width of the frames of a turntable in pixels (default: 960).")
  var pixels: Int?

  func apply(to panel: inout PanelValues) throws {
    try panel.set(.level, level)
    try panel.set(.phase, phase)
    try panel.set(.smoothUm, smoothUm)
    let pairs = try opacities.map { text in
      try text.split(separator: ",").map { pair in
        let numbers = pair.split(separator: ":").compactMap {
          Double($0.trimmingCharacters(in: .whitespaces))
        }
        guard numbers.count == 2 else {
          throw VoxelithError(.usage, "--opacities takes pairs such as 0:0,0.5:0.02,1:0.6, not '\(pair)'")
        }
        return numbers
      }
    }
    try panel.set(.opacities, pairs)
    try panel.set(.voxels, voxels ? true : nil)
    try panel.set(.azimuth, azimuth)
    try panel.set(.elevation, elevation)
    try panel.set(.fieldOfView, perspective)
    let planes = try clip.map { try NumberText.parse($0, count: 6, option: "--clip") }
    try panel.set(.clip, planes.isEmpty ? nil : planes)
  }
}

/// Options of `render` for the size of the figure.
struct PageOptions: ParsableArguments {
  @Option(
    help:
      "Journal whose widths, fonts and sizes are kept: \(JournalPreset.allCases.map(\.rawValue).joined(separator: ", ")).",
    completion: .list(JournalPreset.allCases.map(\.rawValue)))
  var preset: String?

  @Option(help: "Font family, as Arial; without it that of the journal.")
  var font: String?

  @Flag(help: "As wide as two columns.")
  var doubleColumn = false

  @Option(help: "Panels side by side.")
  var columns: Int?

  @Option(name: .customLong("width-mm"), help: "Width in mm, instead of the journal's.")
  var width: Double?

  @Option(help: "Pixels per inch of PNG (default: 300, or what the journal asks for).")
  var dpi: Double?

  func apply(to figure: inout FigureSpec) {
    figure.preset = preset
    figure.doubleColumn = doubleColumn ? true : nil
    figure.columns = columns
    override(&figure)
  }

  /// What may differ from the file of a figure.
  func override(_ figure: inout FigureSpec) {
    if let preset { figure.preset = preset }
    if doubleColumn { figure.doubleColumn = true }
    if let columns { figure.columns = columns }
    if let width { figure.widthMm = width }
    if let dpi { figure.dpi = dpi }
    if let font { figure.font = font }
  }
}

/// Numbers with commas between, as options take them.
enum NumberText {
  static func parse(_ text: String, count: Int? = nil, option: String) throws -> [Double] {
    let numbers = text.split(separator: ",").map { Double($0.trimmingCharacters(in: .whitespaces)) }
    let values = numbers.compactMap { $0 }
    guard !numbers.isEmpty, count == nil || numbers.count == count, values.count == numbers.count,
      values.allSatisfy(\.isFinite)
    else {
      throw VoxelithError(
        .usage, "\(option) takes \(count.map { "\($0) " } ?? "")numbers with commas between, not '\(text)'")
    }
    return values
  }
}
