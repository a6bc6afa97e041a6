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
    try Data(ResultTexts.calibration.utf8).write(to: URL(fileURLWithPath: folder.file("calibration.json")))
  }

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
    var spec = PanelSpec(kind: kind, file: "li.tif")
    let long = "x in Li_xNi_0.8Mn_0.1Co_0.1O_2 of the discharged electrode"
    spec.title = "Lithium after the second discharge at C/10, measured in situ"
    switch kind {
    case .slice: (spec.label, spec.gradient) = (long, true)
    case .valueAndSigma: (spec.sigma, spec.label) = ("li_sigma.tif", long)
    case .histogram:
      (spec.reference, spec.sigma, spec.label) = ("truth.tif", "li_sigma.tif", "(x - truth) / sigma(x)")
    case .profile: spec.label = long
    case .density: (spec.file2, spec.label, spec.label2) = ("other.tif", long, "Compton intensity (counts)")
    case .scatter:
      (spec.file2, spec.sigma, spec.line) = ("later.tif", "li_sigma.tif", "fit")
      (spec.label, spec.label2) = (long, "measured " + long)
    case .series:
      (spec.files, spec.times, spec.layers) = (["li.tif", "later.tif"], [0, 2.5], 3)
      (spec.label, spec.label2) = (long, "time since the start of the charge (h)")
    case .calibration: spec.file = "calibration.json"
    case .orientation, .rose, .polar: spec.file = "vectors.tif"
    case .volume: (spec.label, spec.voxels) = (long, true)
    case .surface: (spec.file, spec.level, spec.file2, spec.label) = ("xct.tif", 130, "xct.tif", "grey value")
    }
    return spec
  }

  /// All kinds, and the ways to draw a slice.
  func panels() throws -> [(name: String, panel: any Panel)] {
    var specs = PanelSpec.Kind.allCases.map { ($0.rawValue, FigureSpec(panels: [Self.spec($0)])) }
    var over = Self.spec(.slice)
    (over.over, over.gradient) = ("xct.tif", nil)
    specs.append(("overlay", FigureSpec(panels: [over])))
    var faded = Self.spec(.slice)
    faded.sigma = "li_sigma.tif"
    specs.append(("faded", FigureSpec(panels: [faded])))
    specs.append(("mask", FigureSpec(panels: [PanelSpec(kind: .slice, file: "mask.tif")])))
    var oblique = Self.spec(.slice)
    (oblique.normal, oblique.gradient) = ([1, 0.4, 2], nil)
    specs.append(("oblique", FigureSpec(panels: [oblique])))
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
