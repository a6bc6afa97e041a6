import Correlation
import Foundation
import TestSupport
import Testing
import Volumetry

/// What there is by chance between fields that know nothing of each other, and intervals of what there is beyond.
@Suite("Chance in smooth fields") struct ChanceTests {
  private let shape = Shape(z: 8, y: 12, x: 12)

  private func pairs(_ n: Int) -> Int { Soak.count(short: n, long: 10 * n) }

  /// White noise that is equal along some axes and smooth along the others.
  private func sheets(_ along: [Axis], seed: UInt64, stream: UInt64) -> [Double] {
    let side = Shape(
      z: along.contains(.z) ? 1 : shape.z, y: along.contains(.y) ? 1 : shape.y,
      x: along.contains(.x) ? 1 : shape.x)
    let values = smoothField(side, sigma: 0.7, seed: seed, stream: stream)
    return (0..<shape.count).map { i in
      let (z, y, x) = (i / (shape.y * shape.x), i / shape.x % shape.y, i % shape.x)
      return values[side.index(z: z % side.z, y: y % side.y, x: x % side.x)]
    }
  }

  private func relation(
    _ a: [Double], _ b: [Double], periods: (Double?, Double?) = (nil, nil)
  ) throws -> Relation {
    var table = try VoxelTable(grid: Grid(shape: shape, spacing: .one))
    try table.add("a", unit: "1", period: periods.0, values: a)
    try table.add("b", unit: "1", period: periods.1, values: b)
    var analysis = CorrelationAnalysis()
    analysis.replicates = 99
    return try analysis.run(table).relations[0]
  }

  private func information(_ a: [Double], _ b: [Double]) throws -> MutualInformation {
    try #require(relation(a, b).mutualInformation)
  }

  @Test(
    "mutual information of fields long along some axes: few false alarms",
    arguments: [[Axis.y, .x], [.z], []])
  func alarms(along: [Axis]) throws {
    let count = pairs(30)
    var alarms = 0
    for seed in 0..<UInt64(count) {
      let found =
        along.isEmpty
        ? try information(
          smoothField(shape, sigma: 3, seed: seed, stream: 1),
          smoothField(shape, sigma: 3, seed: seed, stream: 2))
        : try information(sheets(along, seed: seed, stream: 1), sheets(along, seed: seed, stream: 2))
      if (found.pValue ?? 1) <= 0.05 { alarms += 1 }
    }
    print("mutual information along \(along): \(alarms) of \(count)")
    // Binomial of 5 %: 9 of 60 and more in 0.3 % of the cases, 8 % of 300 in 1.5 %.
    #expect(alarms <= Soak.count(short: 5, long: 24))
  }

  @Test("intervals of mutual information hold that of the cells", arguments: [0.0, 0.5, 0.85])
  func coverage(r: Double) throws {
    let count = pairs(20)
    var held = 0
    var sum = 0.0
    var random = SeededGenerator(seed: 77)
    let first = (0..<300_000).map { _ in random.normal() }
    let second = first.map { r * $0 + (1 - r * r).squareRoot() * random.normal() }
    var truths: [Int: Double] = [:]
    for seed in 0..<UInt64(count) {
      let a = smoothField(shape, sigma: 1.2, seed: seed, stream: 3)
      let other = smoothField(shape, sigma: 1.2, seed: seed, stream: 4)
      let b = zip(a, other).map { r * $0 + (1 - r * r).squareRoot() * $1 }
      let found = try information(a, b)
      let truth = truths[found.bins] ?? MutualInformation(first, second, bins: found.bins).nats
      truths[found.bins] = truth
      let interval = try #require(found.interval)
      if interval.low <= truth, truth <= interval.high { held += 1 }
      sum += found.equivalentCorrelation / Double(count)
    }
    print("mutual information at r = \(r): held \(held) of \(count), equivalent \(sum)")
    #expect(Double(held) >= 0.87 * Double(count))
    if r > 0 { #expect(abs(sum - r) < 0.06) }
  }

  private func directions(_ sigma: Double, seed: UInt64, stream: UInt64) -> [Double] {
    let a = smoothField(shape, sigma: sigma, seed: seed, stream: stream)
    let b = smoothField(shape, sigma: sigma, seed: seed, stream: stream + 100)
    return zip(a, b).map { 0.5 * atan2($1, $0) * 180 / .pi }
  }

  private func axial(_ x: [Double], _ y: [Double]) throws -> AxialRelation {
    try #require(relation(x, y, periods: (180, 180)).axial)
  }

  @Test("direction against direction: few false alarms however smooth", arguments: [0.8, 2, 3])
  func axialAlarms(sigma: Double) throws {
    let count = pairs(30)
    var alarms = 0
    var held = 0
    for seed in 0..<UInt64(count) {
      let found = try axial(
        directions(sigma, seed: seed, stream: 1), directions(sigma, seed: seed, stream: 2))
      if found.pValue <= 0.05 { alarms += 1 }
      if found.interval.low == 0 { held += 1 }
    }
    print("directions smooth over \(sigma): \(alarms) alarms, \(held) intervals hold 0 of \(count)")
    #expect(alarms <= Soak.count(short: 5, long: 24))
    // Binomial of 95 %: 24 of 30 and fewer in 0.3 % of the cases.
    #expect(held >= Soak.count(short: 25, long: 264))
  }

  @Test("a direction that turns with another is found, and a common course with the depth is taken out")
  func axialPartial() throws {
    let a = directions(1, seed: 1, stream: 1)
    let noise = directions(1, seed: 2, stream: 2)
    let turned = a.map { $0 + 25 }
    #expect(try axial(a, turned).squaredCorrelation > 0.999)
    #expect(try axial(a, turned).pValue < 0.02)
    let depth = (0..<shape.count).map { 12 * Double($0 / (shape.y * shape.x)) }
    let first = zip(depth, a).map { $0 + 0.2 * $1 }
    let second = zip(depth, noise).map { $0 + 0.2 * $1 }
    #expect(try axial(first, second).squaredCorrelation > 0.5)
    let partial = try #require(relation(first, second, periods: (180, 180)).axialPartial)
    #expect(partial.pValue > 0.02 && partial.spent >= 7 && partial.squaredCorrelation < 0.1)
  }

  private func spearman(_ x: [Double], _ y: [Double]) throws -> CorrelationTest {
    var table = try VoxelTable(grid: Grid(shape: Shape(z: 1, y: 1, x: x.count), spacing: .one))
    try table.add("a", unit: "1", values: x)
    try table.add("b", unit: "1", values: y)
    var analysis = CorrelationAnalysis()
    analysis.replicates = 10
    return try #require(try analysis.run(table).relations[0].spearman)
  }

  @Test("Spearman's p value of few values is exact")
  func ranks() throws {
    let five = [1.0, 2, 3, 4, 5]
    #expect(abs(try spearman(five, five).pValue - 2 / 120.0) < 1e-12)
    let x = [1.0, 2, 3, 4, 5, 6, 7, 8, 9]
    let y = [2.0, 1, 4, 3, 6, 9, 5, 8, 7]
    let found = try spearman(x, y)
    var reached = 0
    var all = 0
    permutations(9) { order in
      var sum = 0.0
      for i in order.indices { sum += (x[i] - x[order[i]]) * (x[i] - x[order[i]]) }
      all += 1
      // 1 - 6 d^2 / (n^3 - n)
      if abs(1 - 6 * sum / 720) >= abs(found.coefficient.value) - 1e-12 { reached += 1 }
    }
    #expect(all == 362_880 && abs(found.pValue - Double(reached) / Double(all)) < 1e-12)
    // A tie on one side: of 24 orders, two with the tied ones first and two with them last reach the end.
    #expect(abs(try spearman([1, 2, 3, 4], [1.5, 1.5, 3, 4]).pValue - 4 / 24.0) < 1e-12)
  }

  /// All orders by Heap's exchanges.
  private func permutations(_ n: Int, _ visit: ([Int]) -> Void) {
    var order = Array(0..<n)
    var state = [Int](repeating: 0, count: n)
    visit(order)
    var i = 1
    while i < n {
      if state[i] < i {
        order.swapAt(i % 2 == 0 ? 0 : state[i], i)
        visit(order)
        state[i] += 1
        i = 1
      } else {
        state[i] = 0
        i += 1
      }
    }
  }

  @Test("intervals of slopes and shares of several descriptors hold the truth in smooth fields")
  func descriptors() throws {
    let count = pairs(30)
    let grid = Grid(shape: shape, spacing: .one)
    var slopes = 0
    var shares = 0
    var nothing = 0
    var whole = 0
    for seed in 0..<UInt64(count) {
      let fields = (1...4).map { smoothField(shape, sigma: 1.5, seed: seed, stream: UInt64(10 + $0)) }
      // Shares of independent descriptors of variance 1: 0.36 : 0 : 0 of 0.36 + 0.64.
      var table = try VoxelTable(grid: grid)
      for (name, values) in zip(["a", "b", "c"], fields) { try table.add(name, unit: "1", values: values) }
      try table.add("lithium", unit: "1", values: zip(fields[0], fields[3]).map { 0.6 * $0 + 0.8 * $1 })
      var analysis = CorrelationAnalysis()
      analysis.explained = "lithium"
      analysis.descriptors = ["a", "b", "c"]
      analysis.replicates = 200
      let model = try #require(try analysis.run(table, pairs: [("a", "lithium")]).descriptors)
      let (a, b) = (model.descriptors[0], model.descriptors[1])
      let slope = try #require(a.slope)
      if slope.low <= 0.6, 0.6 <= slope.high { slopes += 1 }
      if a.share.low <= 0.36, 0.36 <= a.share.high { shares += 1 }
      if b.share.low <= 0 { nothing += 1 }
      if model.explained.low <= 0.36, 0.36 <= model.explained.high { whole += 1 }
      #expect(a.reliability == nil)
    }
    print(
      "descriptors: slope \(slopes), share \(shares), share of 0 \(nothing), explained \(whole) of \(count)")
    for held in [slopes, shares, nothing] { #expect(Double(held) >= 0.88 * Double(count)) }
  }
}
