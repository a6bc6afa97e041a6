import Foundation
import TestSupport
import Testing
import Voxelith

/// One hot voxel changes what is said of that voxel, and nothing else; it is told.
@Suite(.serialized) struct HotVoxelTests {
  let folder: TemporaryFolder
  private static let grid = Grid(shape: Shape(z: 32, y: 32, x: 32), spacing: SIMD3(repeating: 5))
  private static let place = (5 * 32 + 6) * 32 + 7

  init() throws {
    folder = try TemporaryFolder()
    // Slanted layers of two phases with noise.
    let noise = NormalNumbers.normals(Self.grid.shape.count, seed: 2)
    var values: [Float] = []
    for z in 0..<32 {
      for y in 0..<32 {
        for x in 0..<32 {
          let isSolid = (z + 2 * y + x / 3) / 6 % 2 == 0
          values.append((isSolid ? 30_000 : 10_000) + 1500 * Float(noise[values.count]))
        }
      }
    }
    try write("plain.tif", values)
    for (name, hot) in [("hot.tif", Float(1e30)), ("cold.tif", -1e7)] {
      var changed = values
      changed[Self.place] = hot
      try write(name, changed)
    }
  }

  private func write(_ name: String, _ values: [Float]) throws {
    let writer = try TIFFVolumeWriter(
      path: folder.file(name), grid: Self.grid, type: .float32, overwrite: true)
    try writer.write(.float32(values), to: Region(whole: Self.grid.shape))
    try writer.finish()
  }

  private func run(_ arguments: [String]) throws -> Program {
    let result = try Program.run(arguments, in: folder)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    return result
  }

  @Test(arguments: ["hot", "cold"])
  func labelsOfAllOthers(_ name: String) throws {
    for input in ["plain", name] {
      let made = try run(["segment", folder.file(input + ".tif"), "-o", folder.file("\(input)/labels.tif")])
      #expect(made.errors.contains("far outside") == (input != "plain"), "\(made.errors)")
    }
    let labels = try ["plain", name].map {
      try VolumeFile.open(folder.file($0 + "/labels.tif")).readLabels(Region(whole: Self.grid.shape))
    }
    let different = labels[0].indices.filter { labels[0][$0] != labels[1][$0] }
    #expect(different.allSatisfy { $0 == Self.place }, "\(different.count) labels changed")
    #expect(Set(labels[0]) == [0, 1])
    let report = try String(contentsOfFile: folder.file(name + "/segment.json"), encoding: .utf8)
    #expect(
      report.contains("\"outliers\"")
        && report.contains("\"voxels_\(name == "hot" ? "above" : "below")\" : 1"))
  }

  @Test func greyOfSlices() throws {
    for input in ["plain", "hot"] {
      let made = try run(["stack", folder.file(input + ".tif"), "-o", folder.file("s-" + input)])
      #expect(made.errors.contains("far outside") == (input != "plain"))
    }
    let slices = try ["plain", "hot"].map {
      try VolumeFile.open(folder.file("s-\($0)")).readFloats(Region(whole: Self.grid.shape))
    }
    var largest: Float = 0
    for index in slices[0].indices where index != Self.place {
      largest = max(largest, abs(slices[0][index] - slices[1][index]))
    }
    // Ends of bins of 1/128 of the value stand for the ends of the others.
    #expect(largest <= 4, "\(largest) grey levels of 255")
  }

  @Test func directions() throws {
    struct Report: Decodable {
      struct Summary: Decodable {
        let order: Interval
        enum CodingKeys: String, CodingKey { case order = "order_parameter" }
      }
      let summary: Summary
    }
    let orders = try ["plain", "hot"].map { input in
      let made = try run(["orient", folder.file(input + ".tif"), "-o", folder.file("o-" + input)])
      #expect(made.errors.contains("far outside") == (input != "plain"))
      let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("o-\(input)/orientation.json")))
      return try JSONDecoder().decode(Report.self, from: data).summary.order.value
    }
    #expect(abs(orders[0] - orders[1]) < 0.01, "\(orders)")
  }

  @Test func statistics() throws {
    struct Report: Decodable {
      struct Statistics: Decodable {
        struct Quantile: Decodable {
          let part: Double
          let value: Double
        }
        let quantiles: [Quantile]
        let outliers: ValueOutliers?
      }
      let statistics: Statistics
    }
    let found = try ["plain", "hot"].map { input in
      let text = try run(["inspect", folder.file(input + ".tif"), "--json"]).output
      let data = Data(text.utf8)
      if let one = try? JSONDecoder().decode([Report].self, from: data) { return one[0].statistics }
      return try JSONDecoder().decode(Report.self, from: data).statistics
    }
    #expect(found[0].outliers == nil && found[1].outliers?.voxels == 1)
    for (a, b) in zip(found[0].quantiles, found[1].quantiles) {
      #expect(abs(a.value - b.value) < 0.01 * abs(a.value), "\(a) \(b)")
    }
    #expect(try run(["inspect", folder.file("hot.tif")]).output.contains("quantiles"))
  }

  /// What a corner of a cell of four voxels, before (0) or after (1) a voxel, adds to it.
  private static func share(_ place: Int, _ corner: Int) -> Double {
    let part = Double(place % 4) / 4
    return corner == 1 ? part : 1 - part
  }

  @Test func alignment() throws {
    // Bumps at random, and the same at half of the resolution.
    let heights = NormalNumbers.normals(9 * 9 * 9, seed: 8)
    var values: [Float] = []
    for z in 0..<32 {
      for y in 0..<32 {
        for x in 0..<32 {
          var sum = 0.0
          for corner in 0..<8 {
            let (k, j, i) = (corner >> 2, corner >> 1 & 1, corner & 1)
            let part = Self.share(z, k) * Self.share(y, j) * Self.share(x, i)
            let place = ((z / 4 + k) * 9 + y / 4 + j) * 9 + x / 4 + i
            sum += part * heights[place]
          }
          values.append(Float(10_000 + 2000 * sum))
        }
      }
    }
    try write("plain.tif", values)
    values[Self.place] = 1e30
    try write("hot.tif", values)
    let settings = ["-q", "--overwrite"]
    let source = try VolumeFile.open(folder.file("plain.tif"))
    let coarse = try BinnedVolume(source, by: Shape(z: 2, y: 2, x: 2)).load(
      resources: Resources(), stage: "bin")
    let writer = try TIFFVolumeWriter(
      path: folder.file("fixed.tif"), grid: coarse.grid, type: .float32, overwrite: true)
    try writer.write(.float32(coarse.voxels), to: Region(whole: coarse.grid.shape))
    try writer.finish()
    var matrices: [[[Double]]] = []
    struct Document: Decodable { let matrix: [[Double]] }
    for input in ["plain", "hot"] {
      let result = try Program.run(
        [
          "register", folder.file(input + ".tif"), folder.file("fixed.tif"), "-o",
          folder.file(input + ".json"),
        ]
          + settings, in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let data = try Data(contentsOf: URL(fileURLWithPath: folder.file(input + ".json")))
      matrices.append(try JSONDecoder().decode(Document.self, from: data).matrix)
    }
    try #require(matrices.count == 2)
    for row in 0..<3 { #expect(abs(matrices[0][row][3] - matrices[1][row][3]) < 1, "\(matrices)") }
    #expect(try String(contentsOfFile: folder.file("hot.json"), encoding: .utf8).contains("far outside"))
  }
}
