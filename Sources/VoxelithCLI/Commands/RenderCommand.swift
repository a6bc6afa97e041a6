import ArgumentParser
import Foundation
import Voxelith

/// One figure from volumes, or from a description in YAML.
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render", abstract: "Draw slices of volumes as a PNG, PDF or SVG figure.",
    discussion: """
      Examples:
        voxelith render li.tif -o li.png --label 'x in Li_xNiO_2'
        voxelith render li.tif -o li.pdf --sigma li_sigma.tif --axis y --slice 12
        voxelith render charged.tif discharged.tif -o states.svg --range 0.2,1 --preset nature --double-column
        voxelith render li.tif -o overlay.png --over xct.tif --opacity 0.5
        voxelith render --spec figure.yaml -o figure.pdf

      Several volumes become panels a, b, c with one range of colours. Voxels without a value are hatched.
      """)

  @Argument(help: "Volumes: TIFF, HDF5/NeXus (with --dataset), NPY, or folders of slices.")
  var volumes: [String] = []

  @Option(name: .long, help: "A figure described in YAML instead of volumes.")
  var spec: String?

  @Option(name: .shortAndLong, help: "The figure: .png, .pdf or .svg.")
  var output: String

  @Option(name: .long, help: "Standard deviations, drawn beside the values.")
  var sigma: String?

  @Flag(name: .long, help: "Make uncertain values pale instead of drawing sigma beside them.")
  var fade = false

  @Option(name: .long, help: "Volume to draw in grey below the first one.")
  var over: String?

  @Option(name: .long, help: "Opacity of the values over the grey, 0 to 1.")
  var opacity = 0.5

  @Option(name: .long, help: "Axis that the slice is cut across: x, y or z.")
  var axis = "z"

  @Option(name: .long, help: "Number of the slice, from 0; the middle one without it.")
  var slice: Int?

  @Option(name: .customLong("position-um"), help: "Place of the slice in um instead of its number.")
  var position: Double?

  @Option(name: .long, parsing: .unconditional, help: "Direction x,y,z upright on an oblique slice.")
  var normal: String?

  @Option(name: .long, help: "Colour map, reversed with _r: batlow, viridis, cividis, magma, vik, grey, ...")
  var map = "batlow"

  @Option(name: .long, parsing: .unconditional, help: "Values of the ends of the colours, as 0,1.")
  var range: String?

  @Option(name: .long, parsing: .unconditional, help: "Value of the middle colour of a diverging map.")
  var center: Double?

  @Option(name: .long, help: "What the values are; _x lowers and ^2 raises.")
  var label = "value"

  @Option(name: .long, help: "Unit of the values.")
  var units: String?

  @Option(name: .long, help: "Title above the figure.")
  var title: String?

  @Option(name: .long, help: "Journal: nature, elsevier, acs, wiley, rsc, iucr or aps.")
  var preset: String?

  @Flag(name: .long, help: "As wide as two columns.")
  var doubleColumn = false

  @Option(name: .customLong("width-mm"), help: "Width in mm; stands above the preset.")
  var width: Double?

  @Option(name: .long, help: "Pixels per inch of PNG.")
  var dpi = 300.0

  @Option(name: .long, help: "Voxel size in um where the file does not say it: one number or z,y,x.")
  var voxelSize: VoxelSize?

  @Option(name: .long, help: "Dataset within an HDF5 file.")
  var dataset: String?

  @Option(name: .long, help: "Channel of the file, from 0.")
  var channel: Int?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (spec == nil) != volumes.isEmpty else {
      throw ValidationError("give either volumes or --spec")
    }
  }

  func run() throws {
    let panel: any Panel
    var options: FigureOptions
    if let spec {
      let figure = try FigureSpec.read(spec)
      panel = try figure.figure(in: (spec as NSString).deletingLastPathComponent.nonEmpty ?? ".")
      options = try figure.options(overwrite: outputOptions.overwrite)
    } else {
      var figure = FigureSpec(panels: try volumes.map { try panelSpec($0) })
      figure.sharedRange = volumes.count > 1
      figure.title = volumes.count > 1 ? title : nil
      figure.preset = preset
      figure.doubleColumn = doubleColumn || volumes.count > 1 || sigma != nil && !fade
      figure.widthMm = width
      figure.dpi = dpi
      panel = try figure.figure()
      options = try figure.options(overwrite: outputOptions.overwrite)
      for volume in volumes {
        let source = try VolumeFile.open(volume, options: openOptions)
        if let notice = VolumeFile.spacingNotice(source.grid, file: volume) { common.console.notice(notice) }
      }
    }
    if let width { options.width = .millimetres(width) }
    try panel.write(to: output, options: options)
    common.console.say("\(output): \(panel.caption)")
    try common.console.result(Result(figure: output, caption: panel.caption))
  }

  private struct Result: Encodable {
    let figure: String
    let caption: String
  }

  private var openOptions: VolumeOpenOptions {
    VolumeOpenOptions(
      voxelSize: voxelSize?.spacing, dataset: dataset, channel: channel, threads: common.threads)
  }

  private func panelSpec(_ volume: String) throws -> PanelSpec {
    var panel = PanelSpec(kind: sigma != nil && !fade ? .valueAndSigma : .slice, file: volume)
    panel.sigma = sigma
    panel.over = over
    panel.opacity = opacity
    panel.axis = axis
    panel.slice = slice
    panel.positionUm = position
    panel.normal = try normal.map { try NumberText.parse($0, count: 3, option: "--normal") }
    panel.map = map
    panel.range = try range.map { try NumberText.parse($0, count: 2, option: "--range") }
    panel.center = center
    panel.label = label
    panel.units = units
    panel.title = volumes.count > 1 ? (volume as NSString).lastPathComponent.escapedMarkup : title
    panel.voxelSizeUm = voxelSize.map { [$0.spacing.z, $0.spacing.y, $0.spacing.x] }
    panel.dataset = dataset
    panel.channel = channel
    return panel
  }
}

/// Numbers with commas between, as options take them.
enum NumberText {
  static func parse(_ text: String, count: Int, option: String) throws -> [Double] {
    let numbers = text.split(separator: ",").map { Double($0.trimmingCharacters(in: .whitespaces)) }
    let values = numbers.compactMap { $0 }
    guard numbers.count == count, values.count == count, values.allSatisfy(\.isFinite) else {
      throw ValidationError("\(option) takes \(count) numbers with commas between, not '\(text)'")
    }
    return values
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }

  /// The text with the signs of the markup made plain.
  fileprivate var escapedMarkup: String {
    replacingOccurrences(of: "_", with: "\\_").replacingOccurrences(of: "^", with: "\\^")
  }
}
