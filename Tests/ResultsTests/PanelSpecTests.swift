import Foundation
import Readers
import Results
import TestSupport
import Testing
import Volumetry

/// Kinds of panels and their keys: what is read is written again, and what a kind cannot use is refused.
@Suite struct PanelSpecTests {
  private static let opening = [
    "file", "voxel_size_um", "dataset", "raw_shape", "raw_type", "raw_offset_bytes", "raw_big_endian",
  ]
  private static let plane = ["axis", "slice", "position_um"]
  private static let colors = ["map", "range", "label", "units"]
  private static let view = ["azimuth", "elevation", "field_of_view", "phase", "smooth_um"]

  /// The documented keys of each kind, beside `kind` and `title`.
  private static let usable: [PanelSpec.Kind: [String]] = [
    .slice: opening + ["channel"] + plane + colors + [
      "center", "sigma", "over", "opacity", "gradient", "normal", "point_um",
    ],
    .valueAndSigma: opening + ["channel"] + plane + colors + ["sigma"],
    .histogram: opening + ["channel", "reference", "sigma", "fit", "bins", "range", "label", "units"],
    .profile: opening + ["channel", "axis", "label"],
    .density: opening + ["channel", "file2", "bins", "label", "label2", "units"],
    .scatter: opening + [
      "channel", "file2", "sigma", "sigma2", "line", "x", "y", "x_error", "y_error", "label", "label2",
      "units",
    ],
    .series: opening + ["channel", "files", "times", "layers", "axis", "label", "label2"],
    .calibration: ["file", "method"],
    .orientation: opening + plane,
    .rose: opening + ["axis", "label"],
    .polar: opening + ["axis", "map"],
    .volume: opening + ["channel"] + view + colors + ["center", "opacities", "voxels", "clip"],
    .surface: opening + ["channel"] + view + colors + ["center", "level", "file2"],
    .diffusivity: ["file", "range"],
  ]

  /// A value of the right kind for every key.
  private static let values: [String: JSONValue] = {
    let texts = [
      "title", "file", "dataset", "axis", "map", "label", "label2", "units", "sigma", "sigma2", "over",
      "reference", "file2", "line", "x", "y", "x_error", "y_error", "method",
    ]
    let numbers = [
      "position_um", "center", "opacity", "azimuth", "elevation", "field_of_view", "smooth_um", "level",
    ]
    var values = Dictionary(uniqueKeysWithValues: texts.map { ($0, JSONValue.text("a")) })
    for key in numbers { values[key] = .number(0.5) }
    for key in ["slice", "channel", "fit", "bins", "layers", "phase", "raw_offset_bytes"] {
      values[key] = .int(2)
    }
    for key in ["gradient", "voxels", "raw_big_endian"] { values[key] = .bool(true) }
    for key in ["normal", "point_um", "range", "times", "voxel_size_um"] {
      values[key] = .list([.number(0.5), .int(1), .int(2)])
    }
    for key in ["opacities", "clip"] { values[key] = .list([.list([.int(0), .number(0.5)])]) }
    values["files"] = .list([.text("a"), .text("b")])
    values["raw_shape"] = .list([.int(1), .int(2), .int(3)])
    values["raw_type"] = .text("uint8")
    return values
  }()

  private func panel(_ object: [String: JSONValue]) throws -> PanelSpec {
    try JSONDecoder().decode(PanelSpec.self, from: try JSONEncoder().encode(JSONValue.object(object)))
  }

  @Test(arguments: PanelSpec.Kind.allCases)
  func everyKeyIsKeptOrRefused(_ kind: PanelSpec.Kind) throws {
    let usable = try #require(Self.usable[kind]) + ["title"]
    #expect(Set(kind.keys.map(\.rawValue)) == Set(usable + ["kind"]))
    #expect(kind.keys.count == usable.count + 1)
    for key in PanelSpec.keys where key != "kind" {
      let object = ["kind": .text(kind.rawValue), key: try #require(Self.values[key], "\(key)")]
      guard !usable.contains(key) else {
        #expect(try JSONValue(encoding: try panel(object)) == .object(object), "\(key)")
        continue
      }
      let error = #expect(throws: VoxelithError.self, "\(key)") { try panel(object) }
      let able = PanelSpec.Kind.allCases.filter { Self.usable[$0]?.contains(key) ?? false }
      #expect(error?.code == .usage && error?.message == "a panel '\(kind.rawValue)' cannot use \(key)")
      #expect(error?.advice == "kinds that can: " + able.map(\.rawValue).joined(separator: ", "))
      #expect(throws: Never.self, "\(key)") {
        try panel(["kind": .text(kind.rawValue), key: .null])
      }
    }
    let all = Self.values.filter { usable.contains($0.key) }.merging(["kind": .text(kind.rawValue)]) { $1 }
    #expect(try JSONValue(encoding: try panel(all)) == .object(all))
  }

  @Test func aFileAndOptionsAreRefusedAlike() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("figure.yaml")
    try "panels:\n  - {kind: slice, file: a.tif, level: 1}\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    let read = #expect(throws: VoxelithError.self) { try FigureSpec.read(path) }
    var values = PanelValues()
    try values.set(.file, "a.tif")
    try values.set(.level, 1.0)
    let given = #expect(throws: VoxelithError.self) { try values.panel(.slice) }
    #expect(read?.message == "a panel 'slice' cannot use level")
    #expect(read?.message == given?.message && read?.advice == given?.advice && read?.code == given?.code)
  }

  @Test func optionsKeepTheirNumbers() throws {
    var values = PanelValues()
    try values.set(.file, "a.tif")
    try values.set(.level, Double.nan)
    guard case .surface(let surface) = try values.panel(.surface) else {
      Issue.record("another kind")
      return
    }
    #expect(surface.level?.isNaN == true && surface.volume.file.name == "a.tif")
    for level in [0.1, 1e300, 1.5e17, -Double.leastNonzeroMagnitude] {
      try values.set(.level, level)
      guard case .surface(let surface) = try values.panel(.surface) else { continue }
      #expect(surface.level == level)
    }
  }

  /// Keys that are of use beside others only.
  @Test func pairsOfKeysAreHeldTogether() throws {
    func message(_ object: [String: JSONValue]) throws -> String? {
      do {
        try panel(object).validate()
        return nil
      } catch let error as VoxelithError { return error.message }
    }
    let cases: [(kind: String, keys: [String], file: String, needs: String?)] = [
      ("slice", ["opacity"], "a.tif", "opacity of a panel 'slice' needs over"),
      ("slice", ["opacity", "over"], "a.tif", nil),
      ("slice", ["point_um"], "a.tif", "point_um of a panel 'slice' needs normal"),
      ("slice", ["point_um", "normal"], "a.tif", nil),
      ("slice", ["slice", "position_um"], "a.tif", "slice of a panel 'slice' needs no position_um"),
      (
        "orientation", ["slice", "position_um"], "a.tif",
        "slice of a panel 'orientation' needs no position_um"
      ),
      (
        "slice", ["normal", "axis"], "a.tif", "normal of a panel 'slice' needs no axis, slice or position_um"
      ),
      ("slice", ["over", "sigma"], "a.tif", "over of a panel 'slice' needs no sigma"),
      ("surface", ["range"], "a.tif", "map of a panel 'surface' needs file2, which colours the surface"),
      ("surface", ["units"], "a.tif", "label of a panel 'surface' needs file2, which colours the surface"),
      ("surface", ["range", "units", "file2"], "a.tif", nil),
      ("scatter", ["sigma"], "a.CSV", "file2 of a panel 'scatter' needs volumes, not a table"),
      ("scatter", ["y"], "a.tif", "x of a panel 'scatter' needs a table (.csv)"),
      ("scatter", ["x", "y", "y_error"], "a.csv", nil),
    ]
    for (kind, keys, file, needs) in cases {
      var object: [String: JSONValue] = ["kind": .text(kind), "file": .text(file)]
      for key in keys { object[key] = Self.values[key] }
      #expect(try message(object) == needs, "\(kind) \(keys)")
    }
  }
}
