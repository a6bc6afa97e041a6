import Foundation
import Pipeline
import Results
import TestSupport
import Testing
import Volumetry

/// What `pipeline.yaml` may hold, and how it becomes settings.
@Suite struct PipelineFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ text: String) throws -> PipelineFile {
    let path = folder.file("pipeline.yaml")
    try ("inputs: {xcs: a.nxs, standards: s.yaml}\n" + text).write(
      toFile: path, atomically: true, encoding: .utf8)
    return try PipelineFile.read(path)
  }

  private func message(_ text: String) -> String {
    do {
      _ = try read(text)
      return ""
    } catch {
      return "\(error)"
    }
  }

  /// The README's table is that of the settings types. With VOXELITH_WRITE_TABLES=1 it is put right.
  @Test func theTableOfTheREADMEIsThatOfTheTypes() throws {
    let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/Pipeline/README.md")
    var text = try String(contentsOf: readme, encoding: .utf8)
    let table = PipelineFile.settingsTable()
    if ProcessInfo.processInfo.environment["VOXELITH_WRITE_TABLES"] == "1",
      let start = text.range(of: "| key | default | what |"),
      let end = text.range(of: "\n\n", range: start.lowerBound..<text.endIndex)
    {
      text.replaceSubrange(start.lowerBound..<end.lowerBound, with: table.dropLast())
      try text.write(to: readme, atomically: true, encoding: .utf8)
    }
    #expect(text.contains(table), "run this test with VOXELITH_WRITE_TABLES=1")
    for section in PipelineFile.sections {
      for key in section.value where !key.hasPrefix("labels_") {
        #expect(text.contains(key), "\(section.key.rawValue).\(key)")
      }
    }
  }

  @Test func whatIsNotSaidIsTheDefault() throws {
    let file = try read("segment: {classes: 3}\ntransport: {axes: z}\n")
    var segment = SegmentSettings()
    segment.classes = 3
    var transport = TransportSettings()
    transport.axes = "z"
    #expect(file.segment == segment && file.transport == transport)
    #expect(file.pores == nil && file.map == MapSettings() && file.register == RegisterSettings())
    #expect(file.thresholds == ThresholdSettings())
  }

  @Test func inputsAreOpenedAsTheySay() throws {
    let path = folder.file("inputs.yaml")
    try """
    inputs:
      {xcs: a.nxs, standards: s.yaml, xcs_dataset: /d, xcs_voxel_size_um: 20, live_time_s: 60, scattering_angle_deg: 80,
       incident_energy_keV: 100, pixel_gain: g.txt, pixel_offset: o.txt, xct: x.raw, xct_raw_shape: [2, 3, 4],
       xct_raw_type: uint16, xct_raw_big_endian: true, labels: l.h5, labels_dataset: /labels, labels_channel: 1}
    """.write(toFile: path, atomically: true, encoding: .utf8)
    let inputs = try PipelineFile.read(path).inputs
    #expect(inputs.spectra.dataset == "/d" && inputs.spectra.liveTime == 60)
    #expect(inputs.spectra.voxelSize?.vector == SIMD3(repeating: 20))
    #expect(inputs.spectra.scatteringAngle == 80 && inputs.spectra.incidentEnergy == 100)
    #expect(inputs.spectra.files == ["g.txt", "o.txt"])
    #expect(inputs.tomogram.rawShape?.shape == Shape(z: 2, y: 3, x: 4) && inputs.tomogram.rawType == .uint16)
    #expect(inputs.tomogram.rawBigEndian && !inputs.labelVolume.rawBigEndian)
    #expect(inputs.labelVolume.dataset == "/labels" && inputs.labelVolume.channel == 1)
  }

  @Test func whatMakesNoSenseIsToldWithItsPlace() {
    #expect(message("segment: {clases: 3}\n").contains("'segment.clases' is not known"))
    #expect(message("segment: {classes: many}\n").contains("segment.classes"))
    #expect(message("register: {metric: best}\n").contains("register.metric"))
    #expect(
      message("map: {fit_window_au: [-5, 5]}\ncalibrate: {fit_window_au: [-6, 6]}\n").contains("fit_window"))
  }

  @Test func theWindowOfTheFitMayStandInEitherSection() throws {
    let first = try read("map: {fit_window_au: [-5, 5]}\n")
    let second = try read("calibrate: {fit_window_au: [-5, 5]}\n")
    #expect(first.calibrate == second.calibrate && first.calibrate.fitWindow == [-5, 5])
  }

  /// A file that was read and written is read as the same settings.
  @Test func writingKeepsWhatWasSaid() throws {
    let file = try read(
      "phases: {active: 2, components: {binder: 3}, outside: 255}\nskip: [figures]\npores: {}\n"
        + "segment: {thresholds: [1, 2], threshold_sigma: 0.1}\nregister: {psf_fwhm_um: 3}\n"
        + "map: {denoise: 0.05, guide: g.tif}\ncorrelate: {seed: 18446744073709551615}\n")
    let path = folder.file("written.yaml")
    try file.write(to: path, overwrite: false)
    let again = try PipelineFile.read(path)
    #expect(again.phases == file.phases && again.skip == file.skip && again.pores == file.pores)
    #expect(again.segment == file.segment && again.thresholds == file.thresholds)
    #expect(again.register == file.register && again.map == file.map && again.correlate == file.correlate)
    #expect(again.correlate.seed == .max && again.map.denoise == .sigma(0.05))
  }
}
