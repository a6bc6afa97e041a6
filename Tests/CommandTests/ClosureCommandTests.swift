import Foundation
import TestSupport
import Testing
import Voxelith

/// Every file whose bytes are read counts: a detector's file behind a master file as much as the file that is named.
@Suite(.serialized) struct ClosureCommandTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private struct Outcome: Decodable {
    let name: String
    let wasUpToDate: Bool
    enum CodingKeys: String, CodingKey {
      case name
      case wasUpToDate = "was_up_to_date"
    }
  }

  /// Runs with --resume and answers the stages that were made.
  private func made(_ yaml: String, _ extra: [String] = []) throws -> [String] {
    let result = try Program.run(
      ["run", yaml, "-o", folder.file("results"), "--resume", "--json", "-q"] + extra, in: folder)
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode([Outcome].self, from: Data(result.output.utf8)).filter { !$0.wasUpToDate }
      .map(\.name)
  }

  /// Moves the counts of a copy of the twin into files of their own, behind a link or a virtual dataset.
  private func python(_ script: String) throws {
    let result = try ExternalTools.run(ExternalTools.python, ["-c", script, folder.file("twin")])
    #expect(result.status == 0, "\(result.log)")
  }

  @Test(
    .enabled(if: ExternalTools.python != nil, "no Python with h5py: make deps-test, or VOXELITH_PYTHON"),
    arguments: ["link", "virtual"])
  func whatABeamlineWrites(kind: String) throws {
    try FileManager.default.copyItem(atPath: twin.folder.file("twin"), toPath: folder.file("twin"))
    let yaml = folder.file("twin/pipeline.yaml")
    try python(
      """
      import sys, os, h5py
      os.chdir(sys.argv[1]); os.makedirs('scan'); kind = '\(kind)'
      with h5py.File('xcs.nxs', 'r+') as f:
          d = f['entry/data/counts']; a = d[...]; attributes = dict(d.attrs); del f['entry/data/counts']
          with h5py.File('scan/frames.h5', 'w') as g: g['frames'] = a
          if kind == 'link': f['entry/data/counts'] = h5py.ExternalLink('scan/frames.h5', '/frames')
          else:
              layout = h5py.VirtualLayout(shape=a.shape, dtype=a.dtype)
              layout[...] = h5py.VirtualSource('scan/frames.h5', 'frames', shape=a.shape)
              d = f['entry/data'].create_virtual_dataset('counts', layout)
              for k, v in attributes.items(): d.attrs[k] = v
      """)
    let all = try made(yaml)
    #expect(all.contains("map"))
    #expect(try made(yaml).isEmpty)
    let record = try String(contentsOfFile: folder.file("results/map/provenance.json"), encoding: .utf8)
    #expect(record.contains("scan/frames.h5"))
    let portable = try Program.run(["check", yaml, "--portable"], in: folder)
    #expect(portable.status == 0 && portable.output.contains("frames.h5"), "\(portable.errors)")
    #expect(try Program.run(["check", yaml, "--contained"], in: folder).status == 0)
    // The detector's file changes, the master file does not.
    try python(
      """
      import sys, os, h5py
      os.chdir(sys.argv[1])
      with h5py.File('scan/frames.h5', 'r+') as g:
          a = g['frames'][...]; a[0, 0, 0, :] += 1; g['frames'][...] = a
      """)
    let replay = try Program.run(["replay", folder.file("results/map/provenance.json")], in: folder)
    #expect(replay.status == 65 && replay.errors.contains("frames.h5"), "\(replay.errors)")
    let again = try made(yaml)
    #expect(again.contains("inspect") && again.contains("map"), "\(again)")
    #expect(
      !again.contains("calibrate") && !again.contains("segment") && !again.contains("orient"), "\(again)")
    // One standard: what reads no standard stays.
    let standard = folder.file("twin/standards/s0.csv")
    let text = try String(contentsOfFile: standard, encoding: .utf8)
    try (text + "# another comment\n").write(toFile: standard, atomically: true, encoding: .utf8)
    let third = try made(yaml)
    #expect(
      third.first == "calibrate" && !third.contains("inspect") && !third.contains("segment"), "\(third)")
  }

  @Test(.enabled(if: ExternalTools.python != nil, "no Python with h5py: make deps-test, or VOXELITH_PYTHON"))
  func filesOutsideTheFolder() throws {
    try FileManager.default.copyItem(atPath: twin.folder.file("twin"), toPath: folder.file("twin"))
    let yaml = folder.file("twin/pipeline.yaml")
    try python(
      """
      import sys, os, h5py
      os.chdir(sys.argv[1])
      with h5py.File('xcs.nxs', 'r+') as f:
          a = f['entry/data/counts'][...]; del f['entry/data/counts']
          with h5py.File('../far.h5', 'w') as g: g['frames'] = a
          f['entry/data/counts'] = h5py.ExternalLink('../far.h5', '/frames')
      """)
    for arguments in [["inspect", folder.file("twin/xcs.nxs")], ["check", yaml]] {
      let told = try Program.run(arguments, in: folder)
      #expect(
        told.status == 0 && told.errors.contains("far.h5") && told.errors.contains("outside"),
        "\(told.errors)")
      let refused = try Program.run(arguments + ["--contained"], in: folder)
      #expect(refused.status == 65 && refused.errors.contains("far.h5"), "\(refused.errors)")
    }
    let portable = try Program.run(["check", yaml, "--portable"], in: folder)
    #expect(portable.status == 65 && portable.errors.contains("far.h5"), "\(portable.errors)")
  }

  /// What YAML names outside its folder.
  @Test func filesThatSettingsName() throws {
    let text = try String(contentsOfFile: twin.path("standards.yaml"), encoding: .utf8)
      .replacing("standards/", with: twin.path("standards/"))
    let path = folder.file("standards.yaml")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let told = try Program.run(["calibrate", path, "-o", folder.file("a.json")], in: folder)
    #expect(told.status == 0 && told.errors.contains("outside its folder"), "\(told.errors)")
    let refused = try Program.run(
      ["calibrate", path, "-o", folder.file("b.json"), "--contained"], in: folder)
    #expect(refused.status == 65 && refused.errors.contains("--contained"), "\(refused.errors)")
    let inside = try Program.run(
      ["calibrate", twin.path("standards.yaml"), "-o", folder.file("c.json"), "--contained"], in: folder)
    #expect(inside.status == 0 && !inside.errors.contains("outside"), "\(inside.errors)")
  }
}
