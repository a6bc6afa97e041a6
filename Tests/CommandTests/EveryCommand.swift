import Foundation
import TestSupport

/// Every command with arguments that make it work, in an order in which each finds what it needs.
struct EveryCommand {
  struct Call {
    let arguments: [String]
    /// A result that must be there whatever becomes of what is printed; nil where the command writes none.
    let result: String?
    var name: String { arguments[0] }
  }

  let calls: [Call]
  /// Commands that are not among the calls: `demo` for its time.
  static let leftOut: Set<String> = ["demo"]

  /// - Parameter place: where results go, below `folder`.
  init(_ twin: SmallTwin, in folder: TemporaryFolder, place: String = "") throws {
    let (xcs, labels, xct) = (twin.path("xcs.nxs"), twin.path("labels.tif"), twin.path("xct.tif"))
    let standards = twin.path("standards.yaml")
    let bare = folder.file("pipeline.yaml")
    try "inputs: {xcs: \(xcs), standards: \(standards)}\nskip: [figures, report]\n".write(
      toFile: bare, atomically: true, encoding: .utf8)
    let lines = folder.file("lines.csv")
    try Self.lines().write(toFile: lines, atomically: true, encoding: .utf8)
    let projections = folder.file("projections.nxs")
    if !FileManager.default.fileExists(atPath: projections) {
      try SmallProjections.write(projections, calibration: twin.calibration)
    }
    let scene = folder.file("scatter.yaml")
    try Self.scene(spectrum: twin.path("standards/s0.csv")).write(
      toFile: scene, atomically: true, encoding: .utf8)
    // What commands read lies beside the results of this place.
    let prepared = folder.file("prepared")
    let parts = folder.file(place + "parts")
    func make(_ arguments: [String]) throws {
      let made = try Program.run(arguments + ["-q"], in: folder)
      guard made.status == 0 else {
        throw CocoaError(.fileNoSuchFile, userInfo: [NSDebugDescriptionErrorKey: made.errors])
      }
    }
    if !FileManager.default.fileExists(atPath: prepared) {
      try make(["map", xcs, "-c", twin.calibration, "-o", prepared])
      try make(["series", xcs, xcs, "-c", twin.calibration, "--at", "0h,1h", "-o", prepared + "-series"])
    }
    if !FileManager.default.fileExists(atPath: parts) {
      try make(["run", bare, "-o", parts, "--before", "map"])
      try make(["run", bare, "-o", parts, "--shard", "1/1"])
    }
    let (map, intensity) = (prepared + "/li.tif", prepared + "/intensity.tif")
    func at(_ name: String) -> String { folder.file(place + name) }
    func writes(_ name: String, _ result: String? = nil, _ arguments: String...) -> Call {
      Call(arguments: arguments + ["-o", at(name)], result: at(result ?? name))
    }
    func says(_ arguments: String...) -> Call { Call(arguments: arguments, result: nil) }
    calls = [
      says("inspect", xcs), writes("imported.nxs", nil, "import", xcs),
      says("check", twin.path("pipeline.yaml")),
      writes("results", "results/map/li.tif", "run", bare),
      writes("jobs", "jobs/submit.sh", "slurm", bare, "--shards", "2"),
      writes("twin", "twin/xcs.nxs", "simulate", "--shape", "8,16,16", "--ratio", "4", "--counts", "1e4"),
      writes("c.json", nil, "calibrate", standards),
      writes(
        "validation", "validation/validate.json", "validate", "--voxels", "40", "--repeats", "2", "--case",
        "clean", "--method", "profile", "--counts", "1e5"),
      says("plan", twin.calibration, "--target", "0.02"),
      writes(
        "energy.json", nil, "calibrate-energy", lines, "--lines", "W-Ka1,Pb-Ka1", "--gain", "0.025,0.033"),
      writes("multiple.csv", nil, "scatter", scene, "--histories", "2000"),
      writes("map", "map/li.tif", "map", xcs, "-c", twin.calibration),
      writes("live", "live/li.tif", "watch", xcs, "-c", twin.calibration, "--for", "0.3s"),
      Call(arguments: ["merge", bare, "-o", parts], result: parts + "/map/li.tif"),
      says("replay", prepared + "/provenance.json"), says("clean", prepared),
      writes("series", "series/series.json", "series", xcs, xcs, "-c", twin.calibration),
      writes(
        "diffusion", "diffusion/diffusivity.json", "diffuse", prepared + "-series", "--depth-modes", "4",
        "--plane-modes", "2"),
      writes(
        "tomography", "tomography/li.tif", "reconstruct", projections, "-c", twin.calibration,
        "--live-time", "0.001"),
      writes(
        "chemistry", "chemistry/value.tif", "chemistry", xcs, "--quantity", "area", "--window", "92000,97000",
        "--background", "84000,88000", "--background", "101000,104000"),
      writes("labels.tif", nil, "segment", xct), writes("orient", "orient/orientation.tif", "orient", xct),
      writes("pores", "pores/pores.json", "pores", labels),
      writes("particles", "particles/particles.csv", "particles", labels),
      writes("interfaces.json", nil, "interfaces", labels),
      writes("paths", "paths/length.tif", "paths", labels),
      writes("transport.json", nil, "transport", labels, "--phase", "0", "--axes", "z"),
      writes("transform.json", nil, "register", xct, intensity),
      writes("coarse.tif", nil, "resample", xct, "--like", map),
      writes(
        "correlation", "correlation/voxels.csv", "correlate", "lithium=\(map)", "intensity=\(intensity)",
        "--replicates", "50", "--no-figures"),
      writes("li.png", nil, "render", map), writes("slices", "slices/stack.json", "stack", map),
      writes("report.html", nil, "report", prepared), writes("export", "export/li.npy", "export", prepared),
    ]
  }

  /// Two lines of known energy on 300 bins.
  private static func lines() -> String {
    var text = "adu,counts\n"
    for bin in 0..<300 {
      let place = 1700 + 5 * Double(bin)
      let counts = [59.3182, 74.9694].reduce(10.0) { sum, line in
        let z = (0.029 * place + 1 - line) / 0.4
        return sum + 4000 * Foundation.exp(-0.5 * z * z)
      }
      text += "\(place),\(Int(counts))\n"
    }
    return text
  }

  /// A block of aluminium that fills more than a thin beam and the view of the camera.
  private static func scene(spectrum: String) -> String {
    """
    incident_energy_keV: 115.6
    scattering_angle_deg: 90
    energy_resolution_keV: 0.8
    spectrum: \(spectrum)
    beam: {center_um: [0, 0, 0], size_um: [20, 20]}
    view: {center_um: [0, 0, 0], size_um: [20, 20]}
    boxes:
      - {material: Al, density_g_cm3: 2.7, center_um: [0, 0, 0], size_um: [400, 400, 400]}

    """
  }

  /// The names that the program lists itself.
  static func listed(in folder: TemporaryFolder) throws -> Set<String> {
    let help = try Program.run(["--help"], in: folder).output
    let list = help.components(separatedBy: "SUBCOMMANDS:").last ?? ""
    return Set(
      list.split(separator: "\n")
        .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.contains("See '") }
        .compactMap { $0.split(separator: " ").first.map(String.init) })
  }
}
