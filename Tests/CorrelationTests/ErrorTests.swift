import Correlation
import Foundation
import Testing
import Volumetry

@Suite("Errors of both sides that know each other; directions; mutual information") struct ErrorTests {
  let grid = Grid(shape: Shape(z: 8, y: 12, x: 12), spacing: SIMD3(20, 20, 20))

  /// Fraction and lithium without relation whose errors have a correlation of -0.7.
  private func table(seed: UInt64, slope: Double = 0) throws -> VoxelTable {
    let shape = grid.shape
    let fraction = smoothField(shape, sigma: 0.8, seed: seed, stream: 1)
    let own = smoothField(shape, sigma: 0.8, seed: seed, stream: 2)
    let shared = smoothField(shape, sigma: 0, seed: seed, stream: 3)
    let noise = smoothField(shape, sigma: 0, seed: seed, stream: 4)
    var table = try VoxelTable(grid: grid)
    let n = shape.count
    try table.add("fraction", unit: "1", values: (0..<n).map { fraction[$0] + 0.5 * shared[$0] })
    try table.add(
      "lithium", unit: "1",
      values: (0..<n).map { slope * fraction[$0] + own[$0] - 0.5 * shared[$0] + 0.4 * noise[$0] })
    try table.add("fraction_sigma", unit: "1", values: [Double](repeating: 0.5, count: n))
    try table.add(
      "lithium_sigma", unit: "1", values: [Double](repeating: (0.25 + 0.16).squareRoot(), count: n))
    try table.add("shared", unit: "1", values: [Double](repeating: -0.25, count: n))
    return table
  }

  private func analysis(knowsShared: Bool) -> CorrelationAnalysis {
    var analysis = CorrelationAnalysis()
    analysis.replicates = 200
    analysis.sigmas = ["fraction": "fraction_sigma", "lithium": "lithium_sigma"]
    if knowsShared {
      analysis.sharedErrors = [.init(x: "fraction", y: "lithium", column: "shared")]
    } else {
      analysis.explained = nil
    }
    return analysis
  }

  @Test("without a relation the coefficients are zero once the shared errors are out") func shared() throws {
    var hits = 0
    var slopes = 0
    var alarms = [0, 0]
    let seeds = 40
    for seed in 1...seeds {
      let known = try analysis(knowsShared: true).run(
        try table(seed: UInt64(seed)), pairs: [("fraction", "lithium")]
      ).relations[0]
      let errors = try #require(known.errorsInVariables)
      let corrected = try #require(errors.correctedCorrelation)
      let slope = try #require(errors.slope)
      if corrected.low <= 0, 0 <= corrected.high { hits += 1 }
      if slope.low <= 0, 0 <= slope.high { slopes += 1 }
      for (k, test) in [known.pearson, known.spearman].enumerated() where (test?.pValue ?? 1) < 0.05 {
        alarms[k] += 1
      }
      #expect(errors.uncorrectedCorrelation < -0.05)
      #expect(errors.reliabilityX < 0.95 && errors.reliabilityY < 0.9)
    }
    // Binomial of 95 % with 40 seeds: below 34 in 0.3 %.
    #expect(hits >= 34 && slopes >= 34, "\(hits) \(slopes)")
    #expect(alarms.allSatisfy { $0 <= 6 }, "\(alarms)")
  }

  @Test("errors that share more than both are are limited, told, and written so that they can be read")
  func impossible()
    throws
  {
    var table = try table(seed: 3)
    let n = table.grid.shape.count
    try table.add("much", unit: "1", values: [Double](repeating: -100, count: n))
    var analysis = analysis(knowsShared: true)
    let relation = try analysis.run(table, pairs: [("fraction", "lithium")]).relations[0]
    #expect(!relation.notes.contains { $0.contains("larger than their own") })
    analysis.sharedErrors = [.init(x: "fraction", y: "lithium", column: "much")]
    let report = try analysis.run(table, pairs: [("fraction", "lithium")])
    #expect(report.relations[0].notes.contains { $0.contains("larger than their own") })
    #expect(abs(report.relations[0].errorsInVariables?.correlationOfErrors ?? 0) <= 1.001)
    _ = try JSONDecoder().decode(CorrelationReport.self, from: try JSONEncoder().encode(report))
  }

  @Test("with a relation the corrected slope and coefficient hold it") func planted() throws {
    var hits = (slope: 0, correlation: 0)
    let seeds = 30
    for seed in 1...seeds {
      let relation = try analysis(knowsShared: true).run(
        try table(seed: UInt64(seed), slope: 0.6), pairs: [("fraction", "lithium")]
      ).relations[0]
      let slope = try #require(relation.errorsInVariables?.slope)
      let corrected = try #require(relation.errorsInVariables?.correctedCorrelation)
      if slope.low <= 0.6, 0.6 <= slope.high { hits.slope += 1 }
      let truth = 0.6 / (0.36 + 1).squareRoot()
      if corrected.low <= truth, truth <= corrected.high { hits.correlation += 1 }
    }
    #expect(hits.slope >= 25 && hits.correlation >= 25, "\(hits)")
  }

  @Test("a model of several descriptors takes shared errors out as well") func model() throws {
    var analysis = analysis(knowsShared: true)
    analysis.explained = "lithium"
    analysis.descriptors = ["fraction"]
    let report = try analysis.run(try table(seed: 3, slope: 0.6), pairs: [("fraction", "lithium")])
    let share = try #require(report.descriptors?.descriptors.first)
    let slope = try #require(share.slope)
    #expect(slope.low < 0.6 && 0.6 < slope.high && (share.reliability ?? 1) < 0.95)
    #expect(report.descriptors?.descriptors.last?.name == "depth")
  }

  @Test("directions: a period of 180 degrees is found, and angles of both senses are one") func axial() throws
  {
    let shape = grid.shape
    var random = SeededGenerator(seed: 2)
    let angle = (0..<shape.count).map { _ in random.uniform() * 180 }
    var table = try VoxelTable(grid: grid)
    try table.add(
      "azimuth", unit: "deg", period: 180, values: angle.map { random.uniform() < 0.5 ? $0 : $0 + 180 })
    try table.add(
      "lithium", unit: "1",
      values: angle.map { 0.5 * cos(2 * ($0 - 30) * .pi / 180) + random.normal() })
    try table.add("other", unit: "1", values: angle.map { _ in random.normal() })
    var analysis = CorrelationAnalysis()
    analysis.replicates = 50
    let report = try analysis.run(table)
    let axial = try #require(report.relations[0].axial)
    #expect(axial.pValue < 1e-6 && abs(axial.squaredCorrelation - 0.125 / 1.125) < 0.05)
    #expect(abs((axial.directionOfMaximum ?? 0) - 30) < 8)
    #expect(report.relations[0].pearson == nil && report.relations[0].reason != nil)
    #expect(try #require(report.relations[1].axial).pValue > 1e-3)
    #expect(report.directions.count == 1 && report.directions[0].resultantLength < 0.15)
    let lines = AxialSummary(quantity: "lines", degrees: [170, 350, 10, 190], period: 180)
    #expect(min(lines.meanDirection, 180 - lines.meanDirection) < 1e-9 && lines.resultantLength > 0.9)
  }

  @Test("mutual information of smooth fields: near 5 % false alarms; a parabola is found") func information()
    throws
  {
    let shape = Shape(z: 8, y: 12, x: 12)
    var alarms = 0
    var analysis = CorrelationAnalysis()
    analysis.replicates = 99
    func relation(_ a: [Double], _ b: [Double]) throws -> Relation {
      var table = try VoxelTable(grid: Grid(shape: shape, spacing: .one))
      try table.add("a", unit: "1", values: a)
      try table.add("b", unit: "1", values: b)
      return try analysis.run(table).relations[0]
    }
    for seed in 1...40 {
      let a = smoothField(shape, sigma: 1.2, seed: UInt64(seed), stream: 1)
      let b = smoothField(shape, sigma: 1.2, seed: UInt64(seed), stream: 2)
      if try #require(relation(a, b).mutualInformation?.pValue) < 0.05 { alarms += 1 }
    }
    #expect(alarms <= 6, "\(alarms)")
    let a = smoothField(shape, sigma: 0.8, seed: 1, stream: 1)
    let own = smoothField(shape, sigma: 0.8, seed: 1, stream: 2)
    let bent = try relation(a, a.indices.map { a[$0] * a[$0] + 0.5 * own[$0] })
    #expect(bent.mutualInformation?.pValue == 0.01)
    let interval = try #require(bent.mutualInformation?.interval)
    #expect(interval.low > 0 && interval.low < interval.value && interval.value < interval.high)
  }
}
