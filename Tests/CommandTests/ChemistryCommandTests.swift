import Foundation
import TestSupport
import Testing
import Voxelith

/// `chemistry` by its files: made data with known truth in, values out, and what is refused.
@Suite struct ChemistryCommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: String..., status: Int32 = 0) throws -> Program {
    let result = try Program.run(["chemistry"] + arguments, in: folder)
    #expect(result.status == status, "\(arguments): \(result.errors)")
    return result
  }

  private func volume(_ path: String, channel: Int? = nil) throws -> [Float] {
    let file = try VolumeFile.open(folder.file(path), options: VolumeOpenOptions(channel: channel))
    return try file.readFloats(Region(whole: file.grid.shape))
  }

  /// Two voxels of 2 nm: 30 Li, 20 O2, 10 NiO and 5 of no range; then 8 Li.
  private func writeTip(_ name: String, padded: Bool = false) throws {
    var bytes: [UInt8] = []
    func add(_ count: Int, _ x: Float, _ mass: Float) {
      for index in 0..<count {
        for value in [x, Float(index) * 0.01, 0.5, mass] + (padded ? [Float](repeating: 0, count: 7) : []) {
          let bits = value.bitPattern
          bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) }
        }
      }
    }
    add(30, 0.5, 7)
    add(20, 1, 32)
    add(10, 1.5, 74)
    add(5, 1, 50)
    add(8, 3, 7)
    try Data(bytes).write(to: URL(fileURLWithPath: folder.file(name)))
    try """
    [Ions]
    Number=3
    Ion1=Li
    Ion2=O
    Ion3=Ni
    [Ranges]
    Number=3
    Range1=6.9 7.1 Vol:0.02 Li:1 Color:FF0000
    Range2=31.9 32.1 Vol:0.02 O:2 Color:00FF00
    Range3=73.8 74.2 Vol:0.02 Name:NiO Ni:1 O:1 Color:0000FF
    """.write(toFile: folder.file("tip.rrng"), atomically: true, encoding: .utf8)
  }

  @Test func theCompositionOfAMadeTipIsExact() throws {
    for name in ["tip.pos"] {
      try writeTip(name)
      let result = try run(
        folder.file(name), "-o", folder.file("tip"), "--quantity", "composition", "--ranges",
        folder.file("tip.rrng"), "--voxel-size", "0.002")
      #expect(result.errors.contains("5 of 73 points lie in no range"))
      // 30 Li, 50 O, 10 Ni of 90; then lithium alone.
      for (channel, counts) in [30.0, 50, 10].enumerated() {
        let found = try volume("tip/value.tif", channel: channel)
        #expect(found == [Float(counts / 90), channel == 0 ? 1 : 0])
      }
      // Ions are drawn, not atoms: oxygen comes by two and by one.
      let f = 50.0 / 90
      let variance = (30 * f * f + 20 * (2 - 2 * f) * (2 - 2 * f) + 10 * (1 - 2 * f) * (1 - 2 * f)) / 8100
      #expect(abs(Double(try volume("tip/value_sigma.tif", channel: 1)[0]) - variance.squareRoot()) < 1e-6)
    }
    try writeTip("tip.epos", padded: true)
    _ = try run(
      folder.file("tip.epos"), "-o", folder.file("epos"), "--quantity", "composition", "--ranges",
      folder.file("tip.rrng"), "--voxel-size", "0.002", "-q", "--threads", "1")
    for file in ["value.tif", "value_sigma.tif", "gradient.tif"] {
      let first = FileManager.default.contents(atPath: folder.file("tip/" + file))
      #expect(first != nil && first == FileManager.default.contents(atPath: folder.file("epos/" + file)))
    }
  }

  /// One TIFF an energy: a step at 8345 + x eV, listed with the highest energy first.
  private func writeStack() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("stack"), withIntermediateDirectories: true)
    let grid = Grid(shape: Shape(z: 2, y: 3, x: 4), spacing: SIMD3(2, 2, 2))
    let energies = (0..<121).map { 8420 - Double($0) }
    for (index, energy) in energies.enumerated() {
      let values = (0..<grid.shape.count).map { voxel in
        Float(0.2 + 0.5 + 0.5 * erf((energy - 8355 - Double(voxel % 4)) / 3))
      }
      try Volume(grid: grid, voxels: values).writeForTest(folder.file("stack/mu_\(index).tif"))
    }
    try energies.map { "\($0)\n" }.joined().write(
      toFile: folder.file("energies.txt"), atomically: true, encoding: .utf8)
  }

  @Test func aStackOfVolumesGivesEdgesAndTheirGradient() throws {
    try writeStack()
    let options = [
      "--energies", folder.file("energies.txt"), "--noise", "0.001", "--pre=-50,-20", "--post", "25,60",
      "--e0", "8356", "--voxel-size", "2", "-q",
    ]
    for (name, threads) in [("edges", "1"), ("again", "3")] {
      let made = try Program.run(
        ["chemistry", folder.file("stack"), "-o", folder.file(name), "--threads", threads] + options,
        in: folder)
      try #require(made.status == 0, "\(made.errors)")
    }
    for (voxel, value) in try volume("edges/value.tif").enumerated() {
      #expect(abs(Double(value) - 8355 - Double(voxel % 4)) < 0.02)
    }
    #expect(try volume("edges/gradient.tif", channel: 0).allSatisfy { abs($0 - 0.5) < 0.01 })
    #expect(try volume("edges/gradient.tif", channel: 1).allSatisfy { abs($0) < 0.01 })
    for file in [
      "value.tif", "value_sigma.tif", "mask.tif", "gradient.tif", "gradient_sigma.tif", "chemistry.json",
    ] {
      let first = FileManager.default.contents(atPath: folder.file("edges/" + file))
      #expect(first != nil && first == FileManager.default.contents(atPath: folder.file("again/" + file)))
    }
    let replayed = try Program.run(["replay", folder.file("edges/provenance.json")], in: folder)
    #expect(replayed.status == 0, "\(replayed.errors)")
  }

  @Test func whatCannotBeIsRefused() throws {
    try writeStack()
    let (stack, energies) = (folder.file("stack"), folder.file("energies.txt"))
    let out = folder.file("out")
    #expect(try run(stack, "-o", out, status: 64).errors.contains("--energies"))
    #expect(try run(stack, "-o", out, "--energies", "8300,8301", status: 65).errors.contains("121 files"))
    let reversed = try run(stack, "-o", out, "--energies", energies, "--post", "60,25", status: 64)
    #expect(reversed.errors.contains("not a range"))
    let alien = try run(stack, "-o", out, "--energies", energies, "--window", "8300,8310", status: 64)
    #expect(alien.errors.contains("not for edge"))
    let short = folder.file("short.csv")
    try "energy_eV,mu\n8340,0\n8380,1\n".write(toFile: short, atomically: true, encoding: .utf8)
    let span = try run(
      stack, "-o", out, "--energies", energies, "--quantity", "combination", "--noise", "0.01", "--reference",
      short, status: 65)
    #expect(span.errors.contains("does not span"))
    let none = try run(
      stack, "-o", out, "--energies", energies, "--pre=-90,-70", "--e0", "8356", status: 65)
    #expect(none.errors.contains("holds 0 energies"))
    try writeTip("tip.pos")
    let points = ["--quantity", "composition", "--ranges", folder.file("tip.rrng")]
    let sizeless = try Program.run(
      ["chemistry", folder.file("tip.pos"), "-o", out] + points, in: folder)
    #expect(sizeless.status == 64 && sizeless.errors.contains("--voxel-size"))
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder.file("cut.pos")))
    let cut = try Program.run(
      ["chemistry", folder.file("cut.pos"), "-o", out, "--voxel-size", "0.002"] + points, in: folder)
    #expect(cut.status == 65 && cut.errors.contains("whole points"))
    #expect(!FileManager.default.fileExists(atPath: out))
  }
}

extension Volume<Float> {
  fileprivate func writeForTest(_ path: String) throws {
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .float32, overwrite: true)
    try writer.write(.float32(voxels), to: Region(whole: grid.shape))
    try writer.finish()
  }
}
