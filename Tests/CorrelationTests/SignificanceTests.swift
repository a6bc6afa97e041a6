import Correlation
import Foundation
import Testing
import Volumetry

@Suite("Significance among neighbours") struct SignificanceTests {
  let shape = Shape(z: 10, y: 16, x: 16)

  @Test("smooth fields without relation: false alarms stay near 5 %, naive ones do not")
  func falseAlarms() throws {
    var alarms = 0
    var naive = 0
    for seed in 1...100 {
      let a = smoothField(shape, sigma: 1.5, seed: UInt64(seed), stream: 1)
      let b = smoothField(shape, sigma: 1.5, seed: UInt64(seed), stream: 2)
      let pair = try FieldPair(a, b, shape: shape)
      let effective = try pair.effectiveCount(of: pair.x, pair.y)
      let test = CorrelationTest(
        Correlations.pearson(pair.x, pair.y), voxels: pair.count, effective: effective)
      if test.pValue < 0.05 { alarms += 1 }
      if test.naivePValue < 0.05 { naive += 1 }
    }
    #expect((2...8).contains(alarms))
    #expect(naive > 40)
  }

  @Test("a planted relation lies in its interval at the nominal rate")
  func coverage() throws {
    var hits = 0
    var bootstrapHits = 0
    let truth = 0.5
    for seed in 1...100 {
      let a = smoothField(shape, sigma: 1.2, seed: UInt64(seed), stream: 1)
      let noise = smoothField(shape, sigma: 1.2, seed: UInt64(seed), stream: 2)
      let b = a.indices.map { truth * a[$0] + (1 - truth * truth).squareRoot() * noise[$0] }
      let pair = try FieldPair(a, b, shape: shape)
      let effective = try pair.effectiveCount(of: pair.x, pair.y)
      let r = Correlations.pearson(pair.x, pair.y)
      let test = CorrelationTest(r, voxels: pair.count, effective: effective)
      if test.coefficient.low <= truth && truth <= test.coefficient.high { hits += 1 }
      let bootstrap = BlockBootstrap(
        shape: shape, voxels: pair.count, effective: effective, replicates: 200, seed: UInt64(seed))
      let values = try bootstrap.values(of: pair) { chosen in
        Correlations.pearson(chosen.map { pair.x[$0] }, chosen.map { pair.y[$0] })
      }
      let interval = BlockBootstrap.correlationInterval(
        value: r, replicates: values,
        stretch: BlockBootstrap.stretch(correlations: values, effective: effective))
      if interval.low <= truth && truth <= interval.high { bootstrapHits += 1 }
    }
    #expect((90...98).contains(hits))
    #expect((90...98).contains(bootstrapHits))
  }

  @Test("independent voxels all count")
  func independent() throws {
    let a = smoothField(shape, sigma: 0, seed: 1, stream: 1)
    let b = smoothField(shape, sigma: 0, seed: 1, stream: 2)
    let pair = try FieldPair(a, b, shape: shape)
    #expect(try pair.effectiveCount(of: a, b) > 0.8 * Double(shape.count))
  }

  @Test(
    "lags of both signs count: opposed neighbours beside long waves, and two long trends",
    arguments: [true, false])
  func signs(isOpposed: Bool) throws {
    var alarms = 0
    var shares = 0.0
    let depth = (0..<shape.count).map { Double($0 / (shape.y * shape.x)) / Double(shape.z - 1) - 0.5 }
    for seed in 1...100 {
      var a = smoothField(shape, sigma: isOpposed ? 1 : 0.8, seed: UInt64(seed), stream: 1)
      var b = smoothField(shape, sigma: isOpposed ? 2.5 : 0.8, seed: UInt64(seed), stream: 2)
      if isOpposed {
        let wide = smoothField(shape, sigma: 2, seed: UInt64(seed), stream: 1)
        for i in a.indices { a[i] -= 0.5 * wide[i] }
      } else {
        for i in a.indices {
          a[i] += 6 * depth[i]
          b[i] += (seed % 2 == 0 ? 4 : -4) * depth[i]
        }
      }
      let pair = try FieldPair(a, b, shape: shape)
      let effective = try pair.effectiveCount(of: a, b)
      shares += effective / Double(pair.count) / 100
      if CorrelationTest(Correlations.pearson(a, b), voxels: pair.count, effective: effective).pValue < 0.05 {
        alarms += 1
      }
    }
    if isOpposed {
      #expect((2...8).contains(alarms))
    } else {
      // Two trends along one axis tell as much as a handful of voxels.
      #expect(alarms <= 8)
      #expect(shares < 0.01)
    }
  }

  @Test("a relation does not make voxels fewer", arguments: [0.3, 0.5, 0.9])
  func related(truth: Double) throws {
    var shares = 0.0
    for seed in 1...10 {
      let a = smoothField(shape, sigma: 0, seed: UInt64(seed), stream: 1)
      let noise = smoothField(shape, sigma: 0, seed: UInt64(seed), stream: 2)
      let b = a.indices.map { truth * a[$0] + (1 - truth * truth).squareRoot() * noise[$0] }
      let pair = try FieldPair(a, b, shape: shape)
      shares += try pair.effectiveCount(of: a, b) / Double(pair.count) / 10
    }
    #expect((0.85...1.2).contains(shares), "\(shares)")
  }

  @Test("known errors: the corrected coefficient and slope recover the truth")
  func errorsInVariables() throws {
    let truth = smoothField(shape, sigma: 0.8, seed: 3, stream: 1)
    let own = smoothField(shape, sigma: 0.8, seed: 3, stream: 2)
    let noise = smoothField(shape, sigma: 0, seed: 3, stream: 3)
    let x = truth.indices.map { truth[$0] + 0.7 * noise[$0] }
    let y = truth.indices.map { 2 * truth[$0] + own[$0] }
    let pair = try FieldPair(x, y, shape: shape)
    let result = try ErrorsInVariables(
      pair, sigmaX: [Double](repeating: 0.7, count: pair.count), sigmaY: nil, effective: 500,
      bootstrap: BlockBootstrap(block: Shape(z: 4, y: 4, x: 4), replicates: 200))
    let slope = try #require(result.slope)
    let corrected = try #require(result.correctedCorrelation)
    #expect(slope.low < 2 && 2 < slope.high && slope.high - slope.low < 1)
    #expect(corrected.low < 0.894 && 0.894 < corrected.high)
    #expect(result.york == nil)
    #expect(abs(Correlations.pearson(x, y)) < corrected.low)
  }

  @Test("two samples: a difference of half a deviation is found, with its size")
  func comparison() throws {
    let a = smoothField(shape, sigma: 0.8, seed: 4, stream: 1)
    let b = smoothField(shape, sigma: 0.8, seed: 4, stream: 2).map { $0 + 0.5 }
    let result = try SampleComparison(first: a, shape: shape, second: b, shape: shape)
    #expect(result.difference.low < 0.5 && 0.5 < result.difference.high)
    #expect(result.hedgesG.low < 0.5 && 0.5 < result.hedgesG.high)
    // P(N(0.5, 1) > N(0, 1)) = Phi(0.5 / sqrt 2).
    #expect(result.superiority.low < 0.638 && 0.638 < result.superiority.high)
    #expect(result.pValue > result.naivePValue && result.pValue < 0.01)
    #expect(result.first.effectiveVoxels < 0.3 * Double(shape.count))
  }
}
