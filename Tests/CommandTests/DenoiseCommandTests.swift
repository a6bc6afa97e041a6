import Foundation
import TestSupport
import Testing
import Voxelith

/// `map` against noise, as a user runs it.
@Suite struct DenoiseCommandTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private func map(_ name: String, _ options: String...) throws -> Program {
    try Program.run(
      ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", folder.file(name)] + options, in: folder)
  }

  private func floats(_ name: String) throws -> [Float] {
    let source = try VolumeFile.open(folder.file(name))
    return try source.readFloats(Region(whole: source.grid.shape))
  }

  @Test func binsShareOneValueAndOneError() throws {
    let made = try map("bins", "--bin-to-sigma", "0.04")
    #expect(made.status == 0 && made.output.contains("bins"), "\(made.errors)")
    let (bins, x) = (try floats("bins/bins.tif"), try floats("bins/li.tif"))
    let (sizes, sigma) = (try floats("bins/bin_voxels.tif"), try floats("bins/li_sigma.tif"))
    var seen: [Float: (x: Float, sigma: Float, size: Float, count: Float)] = [:]
    for voxel in bins.indices where bins[voxel] > 0 {
      let first = seen[bins[voxel]] ?? (x[voxel], sigma[voxel], sizes[voxel], 0)
      #expect(first.x == x[voxel] && first.sigma == sigma[voxel] && first.size == sizes[voxel])
      seen[bins[voxel]] = (first.x, first.sigma, first.size, first.count + 1)
    }
    #expect(seen.count > 3 && seen.values.allSatisfy { $0.size == $0.count })
    let text = try String(contentsOfFile: folder.file("bins/map.json"), encoding: .utf8)
    #expect(text.contains("\"independent_values\" : \(seen.count)"))
  }

  @Test func priorKeepsWhatWasMeasuredBesideIt() throws {
    #expect(try map("plain").status == 0)
    let made = try map("one", "--denoise", "0.05", "--threads", "1")
    #expect(made.status == 0 && made.output.contains("independent values"), "\(made.errors)")
    #expect(try map("three", "--denoise", "0.05", "--threads", "3", "--memory", "200M").status == 0)
    for name in ["li.tif", "li_sigma.tif", "li_posterior_sigma.tif", "resolution.tif", "misfit.tif"] {
      let (a, b) = (try floats("one/" + name), try floats("three/" + name))
      #expect(a.map(\.bitPattern) == b.map(\.bitPattern), "\(name)")
    }
    #expect(try floats("one/li_measured.tif").map(\.bitPattern) == floats("plain/li.tif").map(\.bitPattern))
    let before = try floats("plain/li_sigma.tif").filter(\.isFinite).sorted()
    let after = try floats("one/li_sigma.tif").filter(\.isFinite).sorted()
    #expect(after.count == before.count && after[after.count / 2] < before[before.count / 2])
  }

  @Test func requestsThatMakeNoSenseAreRefused() throws {
    func refused(_ status: Int32, _ options: String..., says word: String) throws {
      let result = try Program.run(
        ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", folder.file("bad")] + options,
        in: folder)
      #expect(result.status == status && result.errors.contains(word), "\(options): \(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("bad/li.tif")))
    }
    try refused(64, "--bin-to-sigma", "0.05", "--denoise", "auto", says: "one of the three")
    try refused(64, "--denoise", "soon", says: "'soon'")
    try refused(64, "--bin-to-sigma=-1", says: "possible is")
    try refused(64, "--bin-to-sigma", "1e-6", says: "standards")
    try refused(65, "--denoise", "auto", "--guide", twin.path("xct.tif"), says: "resample")
    try refused(66, "--denoise", "auto", "--guide", folder.file("none.tif"), says: "no such file")
    try refused(64, "--denoise", "auto", "--guide-scale", "0", says: "scale")
  }
}
