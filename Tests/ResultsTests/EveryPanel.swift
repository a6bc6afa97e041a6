import Drawing
import Foundation
import Readers
import Results
import TestSupport
import Volumetry

/// Every kind of panel from files, with words as long as people write them.
struct EveryPanel {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let volume = GalleryFigures.lithium(shape: Shape(z: 12, y: 20, x: 24))
    try put("li.tif", [volume])
    try put("li_sigma.tif", [volume.mapped { 0.02 + 0.03 * $0 }])
    try put("other.tif", [volume.mapped { 3e6 * $0 + 1e6 }])
    try put("later.tif", [volume.mapped { $0 + 0.1 }])
    try put("truth.tif", [volume.mapped { $0 + 0.01 * Foundation.sin(40 * $0) }])
    try put("xct.tif", [GalleryFigures.grey(Shape(z: 24, y: 40, x: 48))])
    try put("vectors.tif", GalleryFigures.directions())
    let mask = try TIFFVolumeWriter(path: folder.file("mask.tif"), grid: volume.grid, type: .uint8)
    try mask.write(
      .uint8(volume.voxels.indices.map { UInt8($0 % 11) }), to: Region(whole: volume.grid.shape))
    try mask.finish()
    let reasons = [
      "good", "empty", "too_few_counts", "not_converged", "outside_calibrated_range", "bad_counts",
      "dead_pixel",
      "no_active_material", "hot", "dead", "outside_the_sample",
    ]
    let entries = reasons.enumerated().map { "\"\($1)\": {\"value\": \($0)}" }.joined(separator: ", ")
    try Data("{\"mask\": {\(entries)}}".utf8).write(to: URL(fileURLWithPath: folder.file("map.json")))
    try Data(Self.diffusivity.utf8).write(to: URL(fileURLWithPath: folder.file("diffusivity.json")))
    try Data(ResultTexts.calibration.utf8).write(to: URL(fileURLWithPath: folder.file("calibration.json")))
  }

  private static let diffusivity = """
    {"format_version": 1, "states": [], "shape": [8, 8, 8], "voxel_size_um": [20, 20, 20], "directions": "axial",
    "boundary": "exchange", "axis": "z", "separator": "lower", "modes": 100, "modes_of_first_state": 90, "notices": [],
    "regions": [{"number": 1, "voxels": 512, "diffusivity_um2_per_s": {
    "depth": {"value": 3.5, "sigma": 0.1, "interval_95": [3.3, 3.7]}, "plane": {"reason": "no gradients"}}}],
    "test": {"verdict": "described", "chi_squared_per_dof": 1, "degrees_of_freedom": 100, "probability": 0.5,
    "depth_chi_squared_per_dof": 1, "depth_degrees_of_freedom": 20, "depth_probability": 0.5, "scatter": [1],
    "roughness": [0]}}
    """

  private func put(_ name: String, _ channels: [Volume<Float>]) throws {
    let grid = channels[0].grid
    let writer = try TIFFVolumeWriter(
      path: folder.file(name), grid: grid, type: .float32, channels: channels.count)
    for (index, channel) in channels.enumerated() {
      try writer.write(.float32(channel.voxels), channel: index, to: Region(whole: grid.shape))
    }
    try writer.finish()
  }

  /// A description of every kind; a new kind does not compile without one.
  static func spec(_ kind: PanelSpec.Kind) -> PanelSpec {
    let long = "x in Li_xNi_0.8Mn_0.1Co_0.1O_2 of the discharged electrode"
    var spec: PanelSpec
    switch kind {
    case .slice:
      var slice = SlicePanelSpec(file: "li.tif")
      (slice.colors.label, slice.gradient) = (long, true)
      spec = .slice(slice)
    case .valueAndSigma:
      var pair = ValueAndSigmaPanelSpec(file: "li.tif", sigma: "li_sigma.tif")
      pair.colors.label = long
      spec = .valueAndSigma(pair)
    case .histogram:
      var histogram = HistogramPanelSpec(file: "li.tif")
      (histogram.reference, histogram.sigma) = ("truth.tif", "li_sigma.tif")
      histogram.label = "(x - truth) / sigma(x)"
      spec = .histogram(histogram)
    case .profile:
      var profile = ProfilePanelSpec(file: "li.tif")
      profile.label = long
      spec = .profile(profile)
    case .density:
      var density = DensityPanelSpec(file: "li.tif", file2: "other.tif")
      (density.label, density.label2) = (long, "Compton intensity (counts)")
      spec = .density(density)
    case .scatter:
      var scatter = ScatterPanelSpec(file: "li.tif")
      (scatter.file2, scatter.sigma, scatter.line) = ("later.tif", "li_sigma.tif", "fit")
      (scatter.label, scatter.label2) = (long, "measured " + long)
      spec = .scatter(scatter)
    case .series:
      var series = SeriesPanelSpec(files: ["li.tif", "later.tif"])
      (series.times, series.layers) = ([0, 2.5], 3)
      (series.label, series.label2) = (long, "time since the start of the charge (h)")
      spec = .series(series)
    case .calibration: spec = .calibration(CalibrationPanelSpec(file: "calibration.json"))
    case .orientation: spec = .orientation(OrientationPanelSpec(file: "vectors.tif"))
    case .rose: spec = .rose(RosePanelSpec(file: "vectors.tif"))
    case .polar: spec = .polar(PolarPanelSpec(file: "vectors.tif"))
    case .volume:
      var volume = VolumePanelSpec(file: "li.tif")
      (volume.colors.label, volume.voxels) = (long, true)
      spec = .volume(volume)
    case .surface:
      var surface = SurfacePanelSpec(file: "xct.tif")
      (surface.level, surface.file2, surface.colors.label) = (130, "xct.tif", "grey value")
      spec = .surface(surface)
    case .diffusivity: spec = .diffusivity(DiffusivityPanelSpec(file: "diffusivity.json"))
    }
    spec.title = "Lithium after the second discharge at C/10, measured in situ"
    return spec
  }

  /// The slice, changed.
  private static func slice(_ change: (inout SlicePanelSpec) -> Void) -> FigureSpec {
    guard case .slice(var slice) = spec(.slice) else { return FigureSpec(panels: []) }
    change(&slice)
    return FigureSpec(panels: [.slice(slice)])
  }

  /// All kinds, and the ways to draw a slice.
  func panels() throws -> [(name: String, panel: any Panel)] {
    var specs = PanelSpec.Kind.allCases.map { ($0.rawValue, FigureSpec(panels: [Self.spec($0)])) }
    specs.append(("overlay", Self.slice { ($0.over, $0.gradient) = ("xct.tif", nil) }))
    specs.append(("faded", Self.slice { $0.sigma = "li_sigma.tif" }))
    specs.append(("mask", FigureSpec(panels: [.slice(SlicePanelSpec(file: "mask.tif"))])))
    specs.append(("oblique", Self.slice { ($0.normal, $0.gradient) = ([1, 0.4, 2], nil) }))
    var shared = FigureSpec(panels: [Self.spec(.slice), Self.spec(.slice), Self.spec(.volume)])
    (shared.sharedRange, shared.columns) = (true, 3)
    specs.append(("shared", shared))
    var mixed = FigureSpec(panels: PanelSpec.Kind.allCases.map(Self.spec))
    mixed.columns = 3
    specs.append(("all kinds", mixed))
    return try specs.map { ($0, try $1.figure(in: folder.path)) }
  }
}

extension Volume where Element == Float {
  func mapped(_ change: (Double) -> Double) -> Volume<Float> {
    Volume(grid: grid, voxels: voxels.map { Float(change(Double($0))) })
  }
}
