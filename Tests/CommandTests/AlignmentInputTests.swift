import Foundation
import TestSupport
import Testing
import Voxelith

/// Volumes that cannot be aligned, resampled or related: clear errors of the commands, nothing under a final name.
@Suite struct AlignmentInputTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A volume of waves, or one value where `wave` is zero.
  private func volume(
    _ name: String, side: Int, spacing: Double?, wave: Double = 1
  ) throws -> String {
    let shape = Shape(z: side, y: side, x: side)
    let grid =
      spacing.map { Grid(shape: shape, spacing: SIMD3(repeating: $0)) } ?? Grid(unscaled: shape)
    var voxels: [Float] = []
    for z in 0..<side {
      for y in 0..<side {
        for x in 0..<side {
          voxels.append(
            Float(1 + wave * (sin(0.9 * Double(x)) + cos(0.7 * Double(y)) * sin(0.5 * Double(z + x)))))
        }
      }
    }
    let path = folder.file(name)
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .float32)
    try writer.write(.float32(voxels), to: Region(whole: shape))
    try writer.finish()
    return path
  }

  private func fails(_ arguments: [String], status: Int32 = 65, says words: String...) throws {
    let before = folder.entries
    let result = try Program.run(arguments, in: folder)
    #expect(result.status == status, "\(arguments): \(result.output) \(result.errors)")
    #expect((1...2).contains(result.errors.split(separator: "\n").filter { !$0.hasPrefix("note:") }.count))
    for word in words { #expect(result.errors.contains(word), "\(arguments): \(result.errors)") }
    #expect(folder.entries == before)
  }

  @Test func registrationIsRefused() throws {
    let good = try volume("good.tif", side: 16, spacing: 10)
    let output = ["-o", folder.file("t.json")]
    let flat = try volume("flat.tif", side: 16, spacing: 10, wave: 0)
    try fails(["register", flat, good] + output, says: "constant")
    try fails(["register", good, flat] + output, says: "constant")
    let unscaled = try volume("unscaled.tif", side: 16, spacing: nil)
    try fails(["register", unscaled, good] + output, says: "size of the voxels", "--moving-voxel-size")
    try fails(["register", good, unscaled] + output, says: "size of the voxels", "--fixed-voxel-size")
    let few = try volume("few.tif", side: 3, spacing: 50)
    try fails(["register", good, few] + output, says: "cannot determine")
    let far = folder.file("far.json")
    try #"{"matrix": [[1,0,0,1e6],[0,1,0,0],[0,0,1,0],[0,0,0,1]]}"#.write(
      toFile: far, atomically: true, encoding: .utf8)
    try fails(["register", good, good, "--start", far] + output, says: "overlap")
    let small = try volume("small.tif", side: 8, spacing: 10)
    try fails(["register", good, good, "--variance", small] + output, says: "variance")
    try fails(["register", folder.file("none.tif"), good] + output, status: 66)
    try fails(["register", good, good, "--dof", "5"] + output, status: 64, says: "degrees of freedom")
  }

  @Test func resamplingIsRefused() throws {
    let good = try volume("good.tif", side: 8, spacing: 10)
    let output = ["-o", folder.file("r.tif")]
    let singular = folder.file("singular.json")
    try #"{"matrix": [[0,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]}"#.write(
      toFile: singular, atomically: true, encoding: .utf8)
    try fails(["resample", good, "--like", good, "-t", singular] + output, says: "no inverse")
    let wrong = folder.file("wrong.json")
    try #"{"matrix": [[1,0,0,0]], "from": "moving"}"#.write(
      toFile: wrong, atomically: true, encoding: .utf8)
    try fails(["resample", good, "--like", good, "-t", wrong] + output, says: "moving")
  }

  /// Fields that have no relation give null with the reason, which is no error.
  private func relatesNothing(_ a: String, _ b: String, to name: String, says reason: String) throws {
    struct Report: Decodable {
      struct Relation: Decodable {
        struct Coefficient: Decodable {}
        let pearson: Coefficient?
        let reason: String?
      }
      let relations: [Relation]
    }
    let result = try Program.run(["correlate", "a=\(a)", "b=\(b)", "-o", folder.file(name)], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("a - b: none; ") && result.output.contains(reason), "\(result.output)")
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.file(name + "/correlation.json")))
    let relations = try JSONDecoder().decode(Report.self, from: data).relations
    #expect(!relations.isEmpty && relations.allSatisfy { $0.pearson == nil && $0.reason != nil })
    #expect(relations.contains { $0.reason?.contains(reason) == true })
  }

  @Test func relationsAreRefused() throws {
    let good = try volume("good.tif", side: 8, spacing: 10)
    let output = ["-o", folder.file("c")]
    let other = try volume("other.tif", side: 9, spacing: 10)
    try fails(["correlate", "a=\(good)", "b=\(other)"] + output, says: "voxels", "resample")
    let coarse = try volume("coarse.tif", side: 8, spacing: 12)
    try fails(["correlate", "a=\(good)", "b=\(coarse)"] + output, says: "another grid")
    let flat = try volume("flat.tif", side: 8, spacing: 10, wave: 0)
    try relatesNothing(good, flat, to: "constant", says: "b is constant (1.0)")
    let unscaled = try volume("unscaled.tif", side: 8, spacing: nil)
    try fails(["correlate", "a=\(unscaled)", "b=\(unscaled)"] + output, says: "unscaled.tif", "--voxel-size")
    let tiny = try volume("tiny.tif", side: 1, spacing: 10)
    try relatesNothing(tiny, tiny, to: "few", says: "at least 4 are needed")
    let known = try Program.run(
      ["correlate", "a=\(good)", "b=\(good)", "--pair", "a,c"] + output, in: folder)
    #expect(known.status == 64, "\(known.errors)")
    for word in ["there is no field 'c'", "fields: a, b"] {
      #expect(known.errors.contains(word), "\(known.errors)")
    }
    let control = try Program.run(
      ["correlate", "a=\(good)", "b=\(good)", "--control", "c"] + output, in: folder)
    #expect(control.status == 64, "\(control.errors)")
    #expect(control.errors.contains("there is no field 'c' (fields: a, b)"), "\(control.errors)")
    #expect(!folder.entries.contains("c"))
  }

  @Test func relationsHaveFigures() throws {
    let a = try volume("a.tif", side: 8, spacing: 10)
    let b = try volume("b.tif", side: 8, spacing: 10, wave: 0.5)
    let made = try Program.run(
      ["correlate", "a=\(a)", "b=\(b)@um", "--replicates", "50", "-o", folder.file("c")], in: folder)
    #expect(made.status == 0, "\(made.errors)")
    let entries = try FileManager.default.contentsOfDirectory(atPath: folder.file("c")).sorted()
    #expect(
      entries == [
        "correlation.json", "depth_profiles.png", "provenance.json", "relation_a_b.png", "voxels.csv",
      ])
    let bare = try Program.run(
      ["correlate", "a=\(a)", "b=\(b)", "--replicates", "50", "--no-figures", "-o", folder.file("d")],
      in: folder)
    #expect(bare.status == 0)
    let plain = try FileManager.default.contentsOfDirectory(atPath: folder.file("d")).sorted()
    #expect(plain == ["correlation.json", "provenance.json", "voxels.csv"])
  }
}
