import Correlation
import Foundation
import Testing
import Volumetry

/// Numbers of scipy 1.17.1 (pearsonr, spearmanr, kendalltau) and of numpy's lstsq for the lists made here.
@Suite("Independent voxels: the numbers of scipy and of permutations") struct OracleTests {
  let plain: (a: [Double], b: [Double])

  init() {
    let a = (0..<40).map { Double($0 * 37 % 101) }
    let b = (0..<40).map { Double($0 * 53 % 97) }
    plain = (a, zip(a, b).map { 0.5 * $0 + $1 })
  }

  var tied: (a: [Double], b: [Double]) {
    (plain.a.map { ($0 / 12).rounded(.down) }, plain.b.map { ($0 / 20).rounded(.down) })
  }

  private func near(_ value: Double, _ wanted: Double, _ part: Double = 1e-9) -> Bool {
    abs(value - wanted) <= part * abs(wanted)
  }

  @Test("Kendall's tau and its p value: ties, exact small samples, both") func kendall() {
    let all = KendallTau(plain.a, plain.b)
    #expect(near(all.value, 0.484615384615385) && near(all.tail(effective: 40).value, 1.06228317269848e-05))
    let ties = KendallTau(tied.a, tied.b)
    #expect(near(ties.value, 0.41757116267305) && near(ties.tail(effective: 40).value, 0.00070119524140461))
    let five = KendallTau([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
    #expect(near(five.tail(effective: 5).value, 0.0166666666666667))
    let seven = KendallTau([1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 7, 5, 6])
    #expect(near(seven.tail(effective: 7).value, 0.0690476190476191))
    let twenty = KendallTau(Array(plain.a[..<20]), Array(plain.b[..<20]))
    #expect(near(twenty.tail(effective: 20).value, 0.000840830076306362))
    let few = KendallTau(Array(tied.a[..<20]), Array(tied.b[..<20]))
    #expect(near(few.tail(effective: 20).value, 0.011921506959485))
    // 4000 permutations of the tied lists: 0.00075.
    #expect(abs(ties.tail(effective: 40).value - 0.00075) < 0.001)
    // Alike neighbours make a coefficient less sure.
    #expect(ties.tail(effective: 15).value > ties.tail(effective: 40).value)
  }

  @Test("few tied voxels: the share of all orders")
  func tiedFew() throws {
    // Counted over all orders by itertools: 20 of 120, 36 of 120, 40 of 720.
    for (a, b, p) in [
      ([1.0, 1, 2, 2, 3], [1.0, 2, 2, 3, 3], 1 / 6.0), ([0, 0, 1, 1, 1], [0, 1, 1, 2, 2], 0.3),
      ([1, 2, 2, 3, 3, 4], [2, 2, 1, 5, 5, 6], 1 / 18.0),
    ] {
      var table = try VoxelTable(grid: Grid(shape: Shape(z: 1, y: 1, x: a.count), spacing: .one))
      try table.add("a", unit: "1", values: a)
      try table.add("b", unit: "1", values: b)
      let kendall = try #require(try CorrelationAnalysis().run(table).relations[0].kendall)
      #expect(abs(kendall.pValue - p) < 1e-9)
    }
  }

  @Test("of two lists of two values each tau-b and its interval are Pearson's") func tiedIntervals() {
    let a = (0..<400).map { $0 % 7 < 3 ? 1.0 : 0 }
    let b = (0..<400).map { $0 % 5 < 2 ? 1.0 : $0 % 7 == 1 ? 1 : 0 }
    let tau = KendallTau(a, b)
    let kendall = CorrelationTest(tau.value, voxels: 400, effective: 100, kind: .kendall, tau: tau)
    let pearson = CorrelationTest(Correlations.pearson(a, b), voxels: 400, effective: 100)
    let (one, other) = (kendall.coefficient, pearson.coefficient)
    #expect(abs(one.value - other.value) < 1e-12)
    #expect(abs(one.low - other.low) < 0.004 && abs(one.high - other.high) < 0.004)
  }

  @Test("Pearson's and Spearman's p values; 20000 permutations") func linear() {
    func p(_ r: Double, _ n: Int) -> Double { CorrelationTest(r, voxels: n, effective: Double(n)).pValue }
    #expect(near(p(Correlations.pearson(plain.a, plain.b), 40), 0.00016420126010301))
    #expect(near(p(Correlations.spearman(plain.a, plain.b), 40), 3.63775520337178e-05))
    #expect(near(p(Correlations.spearman(tied.a, tied.b), 40), 0.000377534556397791))
    let (a, b) = (Array(plain.a[..<20]), Array(plain.b[..<20]))
    #expect(near(p(Correlations.pearson(a, b), 20), 0.00625049498579324))
    #expect(abs(p(Correlations.pearson(a, b), 20) - 0.00664967) < 0.0012)
  }

  @Test("no p value underflows") func underflow() {
    // scipy.stats.norm.logsf(50) + ln 2.
    let normal = TailProbability.normal(50)
    #expect(near(normal.logarithm, -1254.13821395886, 1e-6) && normal.value > 0)
    #expect(near(TailProbability.normal(29.9).logarithm, TailProbability.normal(30.1).logarithm + 6, 1e-3))
    let strong = CorrelationTest(0.99, voxels: 100_000, effective: 100_000)
    #expect(strong.pValue > 0 && strong.log10PValue < -80_000 && strong.log10PValue.isFinite)
    let ordered = (0..<5).map { Double($0) }
    var table = try? VoxelTable(grid: Grid(shape: Shape(z: 1, y: 1, x: 5), spacing: .one))
    try? table?.add("a", unit: "1", values: ordered)
    try? table?.add("b", unit: "1", values: ordered)
    let report = try? table.map { try CorrelationAnalysis().run($0) }
    #expect((report?.relations[0].kendall?.pValue).map { abs($0 - 1 / 60.0) < 1e-9 } == true)
    #expect(report?.relations[0].notes.isEmpty == false)
  }

  @Test("several descriptors: slopes, explained part and shares of least squares") func regression() throws {
    let shape = Shape(z: 1, y: 5, x: 8)
    var table = try VoxelTable(grid: Grid(shape: shape, spacing: .one))
    try table.add("y", unit: "1", values: plain.b)
    try table.add("a", unit: "1", values: plain.a)
    try table.add("s", unit: "1", values: (0..<40).map { sin(Double($0)) })
    var analysis = CorrelationAnalysis()
    analysis.explained = "y"
    analysis.replicates = 60
    let model = try #require(try analysis.run(table).descriptors)
    #expect(near(model.explained.value, 0.31536364326840527) && model.descriptors.map(\.name) == ["a", "s"])
    #expect(near(model.descriptors[0].slope?.value ?? 0, 0.63345691, 1e-7))
    #expect(near(model.descriptors[1].slope?.value ?? 0, 0.72235182, 1e-7))
    #expect(near(model.descriptors[0].share.value, 0.3151554841694463))
    #expect(near(model.descriptors[1].share.value, 0.0002081590989589932, 1e-6))
    #expect(near(model.predicted ?? 1, try leftOut(model, y: plain.b, rows: table.columns), 1e-6))
  }

  /// Part of the variance of left-out blocks that fits of the others predict, fit by fit: the means of the others predict the rest.
  private func leftOut(
    _ model: DescriptorRegression, y: [Double], rows: [VoxelTable.Column]
  ) throws -> Double {
    let across = (8 + model.block[2] - 1) / model.block[2]
    func part(_ i: Int) -> Int { (i / 8 / model.block[1] * across + i % 8 / model.block[2]) % model.folds }
    var (left, whole) = (0.0, 0.0)
    for fold in 0..<model.folds {
      let others = y.indices.filter { part($0) != fold }
      func design(_ i: Int) -> [Double] { [1, rows[1].values[i], rows[2].values[i]] }
      let fit = try LinearFit(
        design: Matrix(others.map(design)), values: others.map { y[$0] }, variances: others.map { _ in 1 })
      let mean = others.reduce(0) { $0 + y[$1] } / Double(others.count)
      for i in y.indices where part(i) == fold {
        let predicted = zip(fit.parameters, design(i)).reduce(0) { $0 + $1.0 * $1.1 }
        left += (y[i] - predicted) * (y[i] - predicted)
        whole += (y[i] - mean) * (y[i] - mean)
      }
    }
    return 1 - left / whole
  }

  @Test("tied fields of the shared case agree with scipy") func tiesCase() throws {
    // 10 x 12 x 12 voxels of small whole numbers; independent, so that every voxel counts.
    let shape = Shape(z: 10, y: 12, x: 12)
    var random = SeededGenerator(seed: 3)
    let a = (0..<shape.count).map { _ in (random.uniform() * 4).rounded(.down) }
    let b = (0..<shape.count).map { _ in random.uniform() < 0.4 ? 0 : random.uniform() }
    let pair = try FieldPair(a, b, shape: shape)
    let tau = KendallTau(pair.x, pair.y)
    let test = CorrelationTest(
      tau.value, voxels: pair.count, effective: Double(pair.count), kind: .kendall, tau: tau)
    #expect(test.pValue == test.naivePValue)
    // Ties widen the spread of tau-b: the formula without them is too small by a third here.
    let n = Double(pair.count)
    let plain = erfc(abs(tau.value) / (2 * (2 * n + 5) / (9 * n * (n - 1))).squareRoot() / 2.0.squareRoot())
    #expect(test.pValue > plain)
  }
}
