import Correlation
import TestSupport
import Testing
import Volumetry

/// One voxel does not make a coefficient.
@Suite struct FieldOutlierTests {
  private static let grid = Grid(shape: Shape(z: 8, y: 8, x: 8), spacing: SIMD3(repeating: 5))

  private static func fields(hot: [(String, Int, Double)]) throws -> VoxelTable {
    let first = NormalNumbers.normals(grid.shape.count, seed: 5)
    let second = NormalNumbers.normals(grid.shape.count, seed: 6)
    var values = ["a": first, "b": zip(first, second).map { $0 + 0.5 * $1 }]
    for (name, place, value) in hot { values[name]?[place] = value }
    var table = try VoxelTable(grid: grid)
    for name in ["a", "b"] { try table.add(name, unit: "1", values: values[name] ?? []) }
    return table
  }

  private static func pearson(_ table: VoxelTable) throws -> (Double, [FieldOutliers]) {
    var analysis = CorrelationAnalysis()
    analysis.replicates = 20
    let report = try analysis.run(table)
    return (try #require(report.relations.first?.pearson).coefficient.value, report.outliers ?? [])
  }

  @Test func hotVoxelsTakeNoPart() throws {
    let (clean, none) = try Self.pearson(try Self.fields(hot: []))
    #expect(none.isEmpty && (0.8...0.95).contains(clean))
    // In one field alone r would fall to 0.01; in both at one place it would rise to 1.000.
    for hot in [[("b", 219, 1e4)], [("a", 219, 1e4), ("b", 219, 1e4)], [("a", 0, -1e30), ("b", 511, 500)]] {
      let (found, outliers) = try Self.pearson(try Self.fields(hot: hot))
      #expect(abs(found - clean) < 0.01, "\(hot): \(found) \(clean)")
      #expect(outliers.count == Set(hot.map(\.0)).count, "\(outliers)")
      #expect(outliers.allSatisfy { $0.voxels.count == 1 })
    }
    #expect(try Self.pearson(try Self.fields(hot: [("b", 219, 1e4)])).1[0].voxels == [[3, 3, 3]])
  }

  @Test func featuresTakePart() throws {
    // A bright particle of 2 x 2 x 2 voxels, and one voxel that is no further out than the tail of the others.
    var particle: [(String, Int, Double)] = []
    for z in 3...4 { for y in 3...4 { for x in 3...4 { particle.append(("b", (z * 8 + y) * 8 + x, 100)) } } }
    #expect(try Self.pearson(try Self.fields(hot: particle)).1.isEmpty)
    #expect(try Self.pearson(try Self.fields(hot: [("b", 219, 6)])).1.isEmpty)
  }
}
