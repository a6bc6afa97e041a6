import Correlation
import Foundation
import Testing
import Volumetry

@Suite("The table and the whole analysis") struct AnalysisTests {
  let shape = Shape(z: 6, y: 8, x: 10)
  var grid: Grid { Grid(shape: shape, spacing: SIMD3(50, 50, 100), origin: SIMD3(0, 10, 20)) }

  func table() throws -> VoxelTable {
    var table = try VoxelTable(grid: grid)
    let trend = table.depth(along: .z).map { $0 / 300 }
    let a = smoothField(shape, sigma: 0, seed: 1, stream: 1)
    let b = smoothField(shape, sigma: 0, seed: 1, stream: 2)
    try table.add("lithium", unit: "1", values: trend.indices.map { 4 * trend[$0] + a[$0] })
    try table.add(
      "pore_angle", unit: "deg", values: trend.indices.map { $0 == 5 ? .nan : 4 * trend[$0] + b[$0] })
    try table.add("lithium_sigma", unit: "1", values: trend.map { 0.2 + 0.1 * $0 })
    return table
  }

  @Test("voxels.csv: indices, um, units, empty cells for missing values")
  func csv() throws {
    let lines = try table().csv().split(separator: "\n")
    #expect(
      lines[0] == "z_index,y_index,x_index,z[um],y[um],x[um],lithium[1],pore_angle[deg],lithium_sigma[1]")
    #expect(lines.count == shape.count + 1)
    #expect(lines[1].hasPrefix("0,0,0,70.0,35.0,25.0,"))
    #expect(lines[6].split(separator: ",", omittingEmptySubsequences: false)[7].isEmpty)
  }

  @Test("depth explains what is due to depth; the report is JSON with snake case")
  func report() throws {
    var analysis = CorrelationAnalysis()
    analysis.sigmas = ["lithium": "lithium_sigma"]
    analysis.replicates = 100
    let report = try analysis.run(try table())
    #expect(report.relations.count == 1)
    let relation = report.relations[0]
    let pearson = try #require(relation.pearson)
    #expect(pearson.coefficient.value > 0.5)
    #expect(pearson.voxels == shape.count - 1)
    let partial = try #require(relation.partial)
    // Layers; a polynomial of fourth degree and the spline of the radius.
    #expect(partial.spent == 5 + 14 + 5 && relation.controls?.map(\.degrees) == [5, 19])
    #expect(abs(partial.coefficient.value) < 0.15 && partial.pValue > 0.01)
    #expect(relation.errorsInVariables != nil && relation.weighted != nil)
    #expect(report.depthProfiles.count == 2 && report.depthProfiles[0].profile.bins.count == 6)
    let text = String(decoding: try report.json(), as: UTF8.self)
    #expect(
      text.contains("\"effective_voxels\"") && text.contains("\"voxel_size_um\"")
        && text.contains("\"p_value\""))
    let again = try JSONDecoder().decode(CorrelationReport.self, from: report.json())
    #expect(again == report)
  }

  @Test("the report does not depend on threads")
  func threads() throws {
    var analysis = CorrelationAnalysis()
    analysis.replicates = 50
    let one = try analysis.run(try table(), resources: Resources(threads: 1))
    let four = try analysis.run(try table(), resources: Resources(threads: 4))
    #expect(try one.json() == four.json())
  }

  @Test("bad input is named")
  func badInput() throws {
    var table = try table()
    #expect(throws: VoxelithError.self) { try VoxelTable(grid: Grid(unscaled: shape)) }
    let other = Volume<Float>(grid: Grid(shape: Shape(z: 6, y: 8, x: 9), spacing: .one), repeating: 1)
    #expect(throws: VoxelithError.self) { try table.add("other", unit: "1", from: other) }
    let shifted = Volume<Float>(
      grid: Grid(shape: shape, spacing: SIMD3(50, 50, 100), origin: SIMD3(40, 10, 20)), repeating: 1)
    #expect(throws: VoxelithError.self) { try table.add("shifted", unit: "1", from: shifted) }
    #expect(throws: VoxelithError.self) { try table.add("lithium", unit: "1", values: [1]) }
    try table.add("flat", unit: "1", values: [Double](repeating: 3, count: shape.count))
    let analysis = CorrelationAnalysis()
    #expect(throws: VoxelithError.self) { try analysis.run(table, pairs: [("lithium", "nothing")]) }
  }

  @Test("a constant or empty quantity gives null with the reason, and the other pairs their numbers")
  func constant() throws {
    var table = try table()
    try table.add("flat", unit: "1", values: [Double](repeating: 3, count: shape.count))
    try table.add("empty", unit: "1", values: [Double](repeating: .nan, count: shape.count))
    var analysis = CorrelationAnalysis()
    analysis.replicates = 50
    analysis.sigmas = ["lithium": "lithium_sigma"]
    let report = try analysis.run(
      table, pairs: [("lithium", "flat"), ("lithium", "pore_angle"), ("empty", "lithium")])
    #expect(report.relations.map { $0.pearson == nil } == [true, false, true])
    #expect(report.relations[0].reason?.contains("flat is constant") == true)
    #expect(report.relations[2].reason?.contains("0 voxels have both") == true)
    let text = String(decoding: try report.json(), as: UTF8.self)
    #expect(text.contains("\"pearson\" : null"))
    #expect(try JSONDecoder().decode(CorrelationReport.self, from: report.json()) == report)
  }

  @Test("q values are those of every p value that is told")
  func falseDiscoveries() throws {
    var table = try table()
    try table.add("noise", unit: "1", values: smoothField(shape, sigma: 0, seed: 9, stream: 9))
    var analysis = CorrelationAnalysis()
    analysis.replicates = 50
    let report = try analysis.run(table)
    let tests = report.relations.flatMap { relation in
      [relation.pearson, relation.spearman, relation.kendall, relation.partial, relation.partialDepth]
        .compactMap { $0 }.map { ($0.pValue, $0.qValue) }
        + [relation.mutualInformation].compactMap { $0 }.map { ($0.pValue ?? .nan, $0.qValue) }
    }
    #expect(report.tests == tests.count)
    let adjusted = FalseDiscovery.adjust(tests.map(\.0), method: .benjaminiHochberg)
    for (test, q) in zip(tests, adjusted) { #expect(test.1 == q) }
  }

  @Test("profiles: equal counts and given edges")
  func profiles() throws {
    let n = 100
    let x = (0..<n).map(Double.init)
    let y = x.map { 2 * $0 }
    let pair = try FieldPair(x, y, shape: Shape(z: 1, y: 1, x: n))
    let profile = BinnedProfile(equalCount: 4, of: pair, effective: 100)
    #expect(profile.bins.map(\.voxels) == [25, 25, 25, 25])
    #expect(profile.bins[0].mean == 24 && profile.bins[3].median == 174)
    let wide = BinnedProfile(equalWidth: 3, of: pair, effective: 100)
    #expect(wide.bins.reduce(0) { $0 + $1.voxels } == n)
  }
}
