import Foundation
import Phantoms
import Pipeline
import Results
import TestSupport
import Testing
import Volumetry

/// Every key of `pipeline.yaml` changes the key of a stage, or is refused: nothing that was said can be passed over by `--resume`.
@Suite(.serialized) struct KeyTests {
  /// A twin that is segmented, another one beside it whose files are other inputs, and the results of a run.
  private final class Bench: Sendable {
    static let shared = Result { try Bench() }
    let folder: TemporaryFolder
    let base: JSONValue

    init() throws {
      folder = try TemporaryFolder()
      for (name, seed, segments) in [("twin", UInt64(1), true), ("other", 2, false)] {
        var settings = TwinSettings()
        settings.seed = seed
        settings.isMixture = true
        settings.absorbs = true
        settings.gainSpread = 0.001
        settings.counts = 2e5
        settings.ratio = 4
        settings.rotation = SIMD3(1, segments ? 2 : 1, 3)
        settings.pointSpread = 4
        let grid = Grid(shape: Shape(z: 24, y: 32, x: 32), spacing: SIMD3(repeating: 5))
        let labels = try CathodePhantom(
          grid: grid, pores: .directional, binderFraction: segments ? 0 : 0.1, tilt: 20, seed: seed)
        try TwinFolder.write(
          try Twin(labels: labels, settings: settings, resources: Resources()), to: folder.file(name),
          segments: segments, overwrite: false, resources: Resources())
      }
      let path = folder.file("twin/pipeline.yaml")
      // Series that name their states: enough for the keys of a stage that is not run.
      for (name, time) in [("series", 3600), ("other-series", 7200)] {
        try FileManager.default.createDirectory(
          atPath: folder.file(name), withIntermediateDirectories: true)
        try #"{"states":[{"state":{"name":"01-a","time_s":0}},{"state":{"name":"02-b","time_s":\#(time)}}]}"#
          .write(
            toFile: folder.file(name + "/series.json"), atomically: true, encoding: .utf8)
      }
      // Fewer replicates than by default: what they come to is no matter here.
      let text =
        try String(contentsOfFile: path, encoding: .utf8)
        + "correlate: {replicates: 100}\nmaps: [{name: lithium_truth, file: truth/li.tif, unit: '1'}]\n"
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      base = try YAMLFile.decode(JSONValue.self, from: path, allowed: .leaf)
      _ = try Pipeline(path).run(into: folder.file("results"), command: ["test"], resources: Resources())
    }

    /// Keys of all stages of a pipeline, as they stand in the folder of results.
    func keys(_ value: JSONValue) throws -> [String: String] {
      let path = folder.file("twin/changed.yaml")
      // JSON is YAML.
      try JSONEncoder().encode(value).write(to: URL(fileURLWithPath: path))
      let pipeline = try Pipeline(path)
      var keys: [String: String] = [:]
      for stage in pipeline.plan.stages {
        keys[stage.name] = try StageKey.of(try stage.stage(of: pipeline, in: folder.file("results")))
      }
      return keys
    }
  }

  /// Another value for every key than that of the bench.
  private static let changes: [String: JSONValue] = [
    "inputs.xcs": "../other/xcs.nxs", "inputs.standards": "../other/standards.yaml",
    "inputs.xct": "../other/xct.tif", "inputs.labels": "labels.tif",
    "inputs.fractions": "truth/fractions.tif", "inputs.truth": "../other/truth/li.tif",
    "inputs.truth_fractions": "../other/truth/fractions.tif",
    "inputs.truth_transform": "../other/truth/transform.json", "inputs.xcs_dataset": "/entry/data/counts",
    "inputs.xcs_energy_dataset": "/entry/data/energy", "inputs.xcs_voxel_size_um": 21,
    "inputs.xcs_scan": ["positions": "none"], "inputs.element_coefficients": "pixel_gain.txt",
    "inputs.live_time_s": 77, "inputs.incident_energy_keV": 115.7, "inputs.scattering_angle_deg": 91,
    "inputs.pixel_gain": "pixel_gain.txt", "inputs.pixel_offset": "pixel_offset.txt",
    "inputs.dead_pixels": "xct.tif", "inputs.pinhole_distance_mm": 100, "inputs.pixel_pitch_mm": 0.25,
    "inputs.pinhole_flipped": true, "inputs.xct_dataset": "/none", "inputs.xct_channel": 0,
    "inputs.xct_voxel_size_um": 5.5, "inputs.xct_raw_shape": [24, 32, 32], "inputs.xct_raw_type": "uint8",
    "inputs.xct_raw_offset_bytes": 8, "inputs.xct_raw_big_endian": true, "inputs.xct_frame": 0,
    "inputs.xct_allow_missing": true, "inputs.xct_ignore_gaps": true, "inputs.labels_dataset": "/none",
    "inputs.labels_channel": 0, "inputs.labels_frame": 0, "inputs.labels_allow_missing": true,
    "inputs.labels_ignore_gaps": true, "inputs.labels_voxel_size_um": 5,
    "inputs.labels_raw_shape": [24, 32, 32], "inputs.labels_raw_type": "uint8",
    "inputs.labels_raw_offset_bytes": 8, "inputs.labels_raw_big_endian": true,
    "phases.active": 0, "phases.pore": 3, "phases.components": ["electrolyte": 2, "carbon-binder": 0],
    "phases.outside": 7,
    "calibrate.fit_window_au": [-8, 8], "calibrate.s_windows_au": [1, 5],
    "calibrate.valence_windows_au": [1, 2, 6], "calibrate.side": "positive", "calibrate.plain_counts": true,
    "segment.classes": 3, "segment.thresholds": [100], "segment.hysteresis": [90, 110],
    "segment.denoise": "median", "segment.strength": 2, "segment.connectivity": 26,
    "segment.mask": "labels.tif", "segment.sweep": 0.1, "segment.sweep_metrics": ["porosity"],
    "segment.correct_radial": true, "segment.correct_drift": true, "segment.minimum_island_voxels": 20,
    "segment.partial_volume": true,
    "segment.threshold_sigma": 0.1,
    "orient.stride": 2, "orient.direction": "normal", "orient.fill": true, "orient.weighting": "anisotropy",
    "orient.shape": true, "orient.sigma_um": 8, "orient.rho_um": 21, "orient.sigma_voxels": 1.6,
    "orient.rho_voxels": 4.2, "orient.minimum_anisotropy": 0.1, "orient.local_grid": "8",
    "orient.local_voxel_um": 20, "orient.copies": "mha",
    "pores.phase": 1, "pores.outside": 9, "pores.connectivity": 26, "pores.thickness": false,
    "pores.correlation": false, "pores.correlation_reach_um": 30, "pores.relative_error": 0.1,
    "pores.local_grid": "8", "pores.local_voxel_um": 20, "pores.copies": "nrrd",
    "transport.phase": 1, "transport.conductivity": ["0": 1, "1": 0.1], "transport.axes": "x",
    "transport.tolerance": 1e-5, "transport.tensor": true, "transport.maximum_iterations": 400,
    "transport.sides": "periodic", "transport.electrode": true, "transport.separator": "upper",
    "transport.charged_sides": true,
    "particles.phase": 0, "particles.outside": 9, "particles.numbered": true,
    "particles.relative_depth": 0.2, "particles.minimum_depth_um": 12, "particles.copies": "mha",
    "interfaces.phases": [0, 1], "interfaces.outside": 9, "interfaces.connectivity": 26,
    "paths.phase": 1, "paths.axis": "y", "paths.face": "upper", "paths.copies": "nrrd",
    "diffuse.series": "../other-series", "diffuse.directions": "tensor", "diffuse.boundary": "closed",
    "diffuse.boundary_x": [0.3], "diffuse.boundary_x_sigma": 0.1, "diffuse.rate_per_h": [0.2],
    "diffuse.rate_sigma_per_h": 0.1, "diffuse.each_interval": true, "diffuse.axis": "x",
    "diffuse.separator": "upper", "diffuse.layers": 2, "diffuse.regions": "labels.tif",
    "diffuse.fractions": "truth/fractions.tif", "diffuse.times_s": [0, 60],
    "diffuse.transport": "../results/transport/transport.json", "diffuse.free_diffusivity_um2_per_s": 20,
    "diffuse.free_diffusivity_sigma_um2_per_s": 2, "diffuse.depth_modes": 12, "diffuse.plane_modes": 6,
    "register.dof": 7, "register.metric": "ncc", "register.start": "truth/transform.json",
    "register.psf_fwhm_um": 12, "register.maximum_angle_deg": 10, "register.full_turn": true,
    "register.maximum_error_voxels": 0.6, "register.minimum_overlap": 0.3,
    "register.transform": "truth/transform.json",
    "fractions.sigma": 0.01, "fractions.minimum_coverage": 0.9, "fractions.rest_is_empty": true,
    "map.method": "s-parameter", "map.components": "tied", "map.absorption": "../other/absorption.yaml",
    "map.denoise": "auto", "map.guide": "xct.tif", "map.minimum_counts": 60, "map.range_sigmas": 4,
    "map.bin_to_sigma": 0.05, "map.bin_to_counts": 1e6, "map.bin_limit_voxels": 50,
    "map.keep_outliers": true, "map.counts_per_unit": 2, "map.may_differ": ["gain=5e-4"],
    "map.shape": "standards/s0.csv", "map.copies": "mha", "map.format": "nexus",
    "materials.labels": "labels.tif", "materials.standards": ["1": "standards.yaml"],
    "maps.name": "other", "maps.file": "../other/truth/li.tif", "maps.quantity": "amount",
    "maps.sigma": "truth/li.tif", "maps.unit": "eV", "maps.place": "truth/transform.json",
    "maps.dataset": "/none", "maps.channel": 0, "maps.frame": 0, "maps.voxel_size_um": 5.5,
    "maps.raw_shape": [24, 32, 32], "maps.raw_type": "uint8", "maps.raw_offset_bytes": 8,
    "maps.raw_big_endian": true, "maps.allow_missing": true, "maps.ignore_gaps": true,
    "map.guide_scale": [0.2], "map.fit_window_au": [-8, 8],
    "correlate.pairs": [["depth", "lithium"]], "correlate.controls": ["anisotropy"],
    "correlate.confidence": 0.9, "correlate.replicates": 200, "correlate.seed": 2,
    "correlate.depth_axis": "y", "correlate.control_depth": "spline", "correlate.control_lateral": "plane",
    "correlate.axial": ["pore_angle"], "correlate.explain": "anisotropy",
    "correlate.descriptors": ["anisotropy"], "correlate.cross_check": false,
    "figures.axis": "y", "figures.color_map": "viridis", "report.title": "Another title",
  ]

  /// Keys that another one is of no use without.
  private static let companions: [String: [(String, JSONValue)]] = [
    "diffuse.boundary_x_sigma": [("diffuse.boundary_x", [0.3])],
    "diffuse.rate_per_h": [("diffuse.boundary", "flux")],
    "diffuse.rate_sigma_per_h": [("diffuse.boundary", "flux"), ("diffuse.rate_per_h", [0.2])],
    "maps.raw_shape": [("maps.raw_type", "uint8")],
    "maps.raw_type": [("maps.raw_shape", [24, 32, 32])],
    "maps.raw_offset_bytes": [("maps.raw_type", "uint8"), ("maps.raw_shape", [24, 32, 32])],
    "maps.raw_big_endian": [("maps.raw_type", "uint8"), ("maps.raw_shape", [24, 32, 32])],
    "diffuse.free_diffusivity_sigma_um2_per_s": [("diffuse.free_diffusivity_um2_per_s", 20)],
  ]

  private static func changed(_ base: JSONValue, _ key: String, _ value: JSONValue) -> JSONValue {
    guard case .object(var object) = base else { return base }
    let parts = key.split(separator: ".").map(String.init)
    if parts[0] == "maps" {
      guard case .list(let list)? = object["maps"], case .object(let plain)? = list.first else { return base }
      object["maps"] = .list([.object(plain.merging([parts[1]: value]) { $1 })])
      return .object(object)
    }
    var section: [String: JSONValue] = [:]
    if case .object(let old)? = object[parts[0]] { section = old }
    section[parts[1]] = value
    object[parts[0]] = .object(section)
    return .object(object)
  }

  @Test func everyKeyHasAChange() {
    var all: Set<String> = []
    for (section, keys) in PipelineFile.sections { all.formUnion(keys.map { section.rawValue + "." + $0 }) }
    #expect(all == Set(Self.changes.keys), "\(all.symmetricDifference(Self.changes.keys).sorted())")
  }

  @Test func everyKeyReachesAStageOrIsRefused() throws {
    let bench = try Bench.shared.get()
    let plain = try bench.keys(bench.base)
    #expect(try plain == bench.keys(bench.base))
    // A stage that must be asked for with a file.
    let asked = Self.changed(bench.base, "diffuse.series", "../series")
    #expect(try plain["diffuse"] == nil && bench.keys(asked)["diffuse"] != nil)
    var refused: [String] = []
    for (key, value) in Self.changes.sorted(by: { $0.key < $1.key }) {
      do {
        var base = key.hasPrefix("diffuse.") ? asked : bench.base
        for (other, value) in Self.companions[key] ?? [] { base = Self.changed(base, other, value) }
        let before = key.hasPrefix("diffuse.") ? try bench.keys(base) : plain
        let after = try bench.keys(Self.changed(base, key, value))
        #expect(after != before, "\(key) reaches no stage")
      } catch let error as VoxelithError {
        #expect([64, 65, 66].contains(error.code.exitStatus), "\(key): \(error)")
        refused.append(key)
      }
    }
    // Most keys are taken; those that need another one beside them are refused alone.
    #expect(refused.count < 40, "\(refused)")
  }

  /// What a changed key makes of results that are there is what a fresh run makes, byte for byte, or both refuse it.
  @Test func everyKeyResumesToWhatAFreshRunMakes() throws {
    let bench = try Bench.shared.get()
    let all = Self.changes.sorted { $0.key < $1.key }
    // All of them in the long form; else one of each kind that a resumed run could overlook.
    let short: Set<String> = [
      "inputs.xct_voxel_size_um", "inputs.live_time_s", "phases.pore", "correlate.seed", "map.range_sigmas",
    ]
    for (key, value) in all where Soak.isLong || short.contains(key) {
      let path = bench.folder.file("twin/changed.yaml")
      try JSONEncoder().encode(Self.changed(bench.base, key, value)).write(to: URL(fileURLWithPath: path))
      let (resumed, fresh) = (bench.folder.file("resumed"), bench.folder.file("fresh"))
      for folder in [resumed, fresh] { try? FileManager.default.removeItem(atPath: folder) }
      try FileManager.default.copyItem(atPath: bench.folder.file("results"), toPath: resumed)
      func refusal(_ folder: String, resume: Bool) -> String? {
        do throws(VoxelithError) {
          _ = try Pipeline(path).run(
            into: folder, resume: resume, overwrite: resume, command: ["test"], resources: Resources())
          return nil
        } catch {
          return error.message
        }
      }
      let first = refusal(fresh, resume: false)
      let second = refusal(resumed, resume: true)
      #expect((first == nil) == (second == nil), "\(key): \(first ?? "runs") and \(second ?? "runs")")
      guard first == nil else { continue }
      let expected = try content(of: fresh)
      // A stage that the change leaves out keeps its old folder.
      let stages = Set(expected.keys.compactMap { $0.split(separator: "/").first.map(String.init) })
      let left = try content(of: resumed).filter { file in
        stages.contains(file.key.split(separator: "/").first.map(String.init) ?? "")
      }
      let wrong = differences(expected, left)
      #expect(wrong.isEmpty, "\(key): \(wrong)")
    }
  }

  @Test func skippingAStageReachesThePage() throws {
    let bench = try Bench.shared.get()
    guard case .object(var object) = bench.base else { return }
    object["skip"] = ["orient"]
    let after = try bench.keys(.object(object))
    let before = try bench.keys(bench.base)
    #expect(after["orient"] == nil && after["report"] != before["report"])
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral value: String) { self = .text(value) }
  init(integerLiteral value: Int) { self = .int(value) }
  init(floatLiteral value: Double) { self = .number(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}
