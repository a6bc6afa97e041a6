import ArgumentParser
import Foundation
import Voxelith

/// One figure from volumes, or from a description in YAML.
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Draw volumes and results as a PNG, PDF or SVG figure, a surface file or a turntable.",
    discussion: """
      Examples:
        voxelith render li.tif -o li.png --label 'x in Li_xNiO_2'
        voxelith render li.tif -o li.pdf --sigma li_sigma.tif --axis y --slice 12
        voxelith render charged.tif discharged.tif -o states.svg --range 0.2,1 --preset nature --double-column
        voxelith render li.tif -o overlay.png --over xct.tif --opacity 0.5
        voxelith render li.tif -o errors.png --kind histogram --reference truth.tif --sigma li_sigma.tif
        voxelith render labels.tif -o pores.png --kind surface --phase 0 --smooth-um 5
        voxelith render labels.tif -o pores.ply --kind surface --phase 0
        voxelith render xct.tif -o film --kind volume --turntable 72
        voxelith render --spec figure.yaml -o figure.pdf
        voxelith render charged discharged -o fig8.pdf --layout pores-and-states
        voxelith render results -o gradients.pdf --layout gradients

      Several volumes become panels a, b, c; slices and volumes then share one range of colours. A map is drawn beside its
      standard error if the folder holds that file, too (li_sigma.tif for li.tif). Voxels without a value are hatched.
      Channels of one volume become panels named after them; labels and masks are drawn in steps of colour.

      With --preset the figure is checked against the journal's limits, and anything beyond them is reported.
      """)

  @Argument(
    help: "Volumes: TIFF, HDF5/NeXus (with --dataset), NPY, or folders of slices; for some kinds CSV or JSON."
  )
  var volumes: [String] = []

  @Option(name: .long, help: "A figure described in YAML instead of volumes.")
  var spec: String?

  @Option(name: .customLong("in"), help: "Folder that holds the files of --spec (default: that of the spec).")
  var folder: String?

  @Option(name: .shortAndLong, help: "The figure: .png, .pdf or .svg; .ply, .stl or .glb for a surface.")
  var output: String

  @Option(
    name: .long, help: "What is drawn: \(PanelSpec.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var kind: PanelSpec.Kind?

  @Option(
    name: .long,
    help: "Standard deviations: drawn beside a slice, divisor of a histogram, error bars of a scatter.")
  var sigma: String?

  @Flag(
    name: .long,
    help:
      "Make values paler by their sigma instead of drawing it beside them; white where it is half of the colours' range."
  )
  var fade = false

  @Flag(name: .long, help: "Draw a map alone, without its standard error.")
  var noSigma = false

  @Flag(
    name: .long, help: "Draw the gradient over a slice as arrows, where it exceeds twice its standard error.")
  var gradient = false

  @Option(
    name: .long,
    help:
      "A figure of folders of results: \(FigureLayout.allCases.map(\.rawValue).joined(separator: " or ")).",
    completion: .list(FigureLayout.allCases.map(\.rawValue)))
  var layout: FigureLayout?

  @Option(name: .long, help: "Folders of one structure in --layout pores-and-states (default: 2).")
  var states: Int?

  @Option(name: .long, help: "Volume to draw in grey below the first one.")
  var over: String?

  @Option(name: .long, help: "Opacity of the values over the grey, 0 to 1 (default: 0.5).")
  var opacity: Double?

  @Option(name: .long, help: "Axis that the slice is cut across: x, y or z (default: z).")
  var axis: String?

  @Option(
    name: .long,
    help: "Index of the slice, from 0; the middle one without it. The figure counts slices from 1.")
  var slice: Int?

  @Option(name: .customLong("position-um"), help: "Place of the slice in µm instead of its number.")
  var position: Double?

  @Option(name: .long, parsing: .unconditional, help: "Normal of an oblique slice: direction x,y,z.")
  var normal: String?

  @Option(
    name: .long, help: "Colour map, reversed with _r: batlow, viridis, cividis, magma, vik, grey, ...",
    completion: .list(ColorMap.all.map(\.name)))
  var map: String?

  @Option(name: .long, parsing: .unconditional, help: "Values of the ends of the colours, as 0,1.")
  var range: String?

  @Option(name: .long, parsing: .unconditional, help: "Value of the middle colour of a diverging map.")
  var center: Double?

  @Option(name: .long, help: "What the values are; _x lowers and ^2 raises (default: value).")
  var label: String?

  @Option(name: .long, help: "Unit of the values, as 'g cm^-3'; ^ raises.")
  var units: String?

  @Option(name: .long, help: "Title above the figure.")
  var title: String?

  @Option(
    name: .long, help: "Titles of the panels of several volumes, with commas between; their names without it."
  )
  var titles: String?

  @OptionGroup(title: "Plots") var plot: PlotOptions
  @OptionGroup(title: "Three dimensions") var solid: SolidOptions
  @OptionGroup(title: "Page") var page: PageOptions

  @OptionGroup(title: "Input") var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (spec == nil) != volumes.isEmpty else {
      throw ValidationError("give either volumes or --spec")
    }
    if spec != nil {
      // The page and the frame may differ from those of the file; what is drawn stands there.
      guard (try? panelValues().isEmpty) ?? false, kind == nil, titles == nil,
        solid.turntable == nil, layout == nil
      else {
        throw ValidationError(
          "the file of --spec says what is drawn: only --in and the page options can be given with it")
      }
    } else {
      guard folder == nil else { throw ValidationError("--in is for --spec") }
    }
    if let layout {
      guard kind == nil, sigma == nil, over == nil, solid.turntable == nil else {
        throw ValidationError("--layout \(layout.rawValue) defines what is drawn itself")
      }
    }
    if states != nil, layout != .poresAndStates {
      throw ValidationError("--states is for --layout pores-and-states")
    }
    if noSigma, sigma != nil { throw ValidationError("give --sigma or --no-sigma, not both") }
    if gradient, kind ?? .slice != .slice || isPair {
      throw ValidationError("--gradient is for slices without --sigma, or with --fade")
    }
    if titles != nil, volumes.count < 2 { throw ValidationError("--titles is for several volumes") }
    if fade, shownSigma == nil {
      throw ValidationError("--fade needs --sigma, or the file of the standard errors beside the map")
    }
    if fade, kind ?? .slice != .slice { throw ValidationError("--fade is for --kind slice") }
    if solid.turntable != nil, kind != .volume || volumes.count != 1 {
      throw ValidationError("--turntable takes one volume with --kind volume")
    }
    guard solid.pixels == nil || solid.turntable != nil else {
      throw ValidationError("--pixels is for --turntable")
    }
    if isMesh || solid.turntable != nil {
      var figure = FigureSpec(panels: [])
      page.apply(to: &figure)
      guard figure.preset == nil, figure.doubleColumn != true, figure.columns == nil, figure.widthMm == nil,
        figure.dpi == nil
      else {
        throw ValidationError("a surface file or a turntable has no page: leave out the options of the page")
      }
    }
  }

  private var isMesh: Bool { MeshFile(rawValue: PathName.ending(of: output).lowercased()) != nil }

  private var outputs: Outputs {
    guard let frames = solid.turntable else { return .file(output) }
    return .folder(output, files: Turntable.names(frames: min(max(frames, 0), 10_000)))
  }

  func run() throws {
    if isMesh, solid.turntable == nil {
      guard kind == .surface, volumes.count == 1 else {
        throw VoxelithError(
          .usage, "a surface file holds the surface of one volume", file: output,
          advice: "add --kind surface, or end the name in .png, .pdf or .svg")
      }
    }
    var figure: FigureSpec
    var place = "."
    if let spec {
      figure = try FigureSpec.read(spec)
      let own = PathName.folder(of: spec)
      place = folder ?? (own.isEmpty ? "." : own)
    } else {
      figure = try figureSpec()
    }
    page.override(&figure)
    for panel in figure.panels { try panel.validate() }
    let ready = figure
    let performance = try Performance(
      "render", outputs, common, overwrite: outputOptions.overwrite,
      settings: ["figure": ready, "turntable": solid.turntable],
      inputs: [spec].compactMap { $0 } + ready.files(in: place))
    if spec == nil, layout == nil { try noteSpacing() }
    let (caption, complaints) = try performance.run { (resources: Resources) -> (String, [String]) in
      if let frames = solid.turntable, case .volume(let panel) = ready.panels[0] {
        return (try film(frames, panel, resources), [])
      }
      if isMesh, case .surface(let panel) = ready.panels[0] { return (try mesh(panel, resources), []) }
      let options = try ready.options(overwrite: outputOptions.overwrite)
      let panel = try ready.figure(in: place, resources: resources)
      var complaints = try panel.write(to: output, options: options)
      if let font = ready.font, let note = try FontChoice(named: font).note { complaints.append(note) }
      return (panel.caption, complaints)
    }.result
    for complaint in complaints { common.console.notice("\(output): \(complaint)") }
    common.console.say("\(output): \(caption)")
    try common.console.result(Result(figure: output, caption: caption, complaints: complaints))
  }

  private struct Result: Encodable {
    let figure: String
    let caption: String
    /// What the journal would send back.
    let complaints: [String]
  }

  private func film(_ frames: Int, _ panel: VolumePanelSpec, _ resources: Resources) throws -> String {
    var table = Turntable()
    table.frames = frames
    table.overwrite = outputOptions.overwrite
    if let sigma = PanelSpec.sigma(besideFile: volumes[0], dataset: input.settings.dataset) {
      common.console.notice(
        "frames of a film have no room for standard errors, which are in \(sigma): state them in the caption")
    }
    let pixels = solid.pixels ?? 960
    (table.width, table.height) = (pixels, pixels * 3 / 4)
    try table.write(try panel.volumeRendering(resources: resources), to: output, resources: resources)
    return "\(frames) frames"
  }

  private func mesh(_ panel: SurfacePanelSpec, _ resources: Resources) throws -> String {
    let surface = try panel.isosurface(resources: resources)
    let summary = try MeshFile.write(
      surface, to: output, overwrite: outputOptions.overwrite, resources: resources)
    return "\(summary.triangles) triangles, area \(Format.significant(summary.area, 4)) µm\u{00B2}, "
      + "volume \(Format.significant(summary.volume, 4)) µm\u{00B3}"
  }

  private func noteSpacing() throws {
    let hasVectors = kind == .orientation || kind == .rose || kind == .polar
    for volume in volumes where !volume.hasSuffix(".csv") && !volume.hasSuffix(".json") {
      var how = input.settings
      if hasVectors || !channels.isEmpty { how.channel = 0 }
      let source = try how.open(volume, threads: common.threads)
      if let notice = VolumeFile.spacingNotice(source.grid, file: volume) { common.console.notice(notice) }
    }
  }
}
