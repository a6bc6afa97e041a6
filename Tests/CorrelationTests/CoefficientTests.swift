import Correlation
import Foundation
import Testing
import Volumetry

@Suite("Coefficients against closed forms and brute force") struct CoefficientTests {
  let x = [1.0, 2, 3, 4, 5, 6, 7]
  let y = [2.0, 1, 4, 3, 7, 5, 6]

  @Test("Pearson, Spearman and Kendall of a short list")
  func shortList() {
    // scipy.stats 1.x: pearsonr, spearmanr, kendalltau.
    #expect(abs(Correlations.pearson(x, y) - 0.8214285714285714) < 1e-12)
    #expect(abs(Correlations.spearman(x, y) - 0.8214285714285714) < 1e-12)
    #expect(abs(Correlations.kendall(x, y) - 0.6190476190476191) < 1e-12)
  }

  @Test("ranks share ties")
  func ranks() {
    #expect(Correlations.ranks([3, 1, 3, 2]) == [3.5, 1, 3.5, 2])
    #expect(Correlations.ranks([]) == [])
  }

  @Test("Kendall's tau-b equals the count over all pairs, with ties", arguments: [1, 2, 3] as [UInt64])
  func kendall(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let a = (0..<60).map { _ in (random.uniform() * 8).rounded() }
    let b = a.map { ($0 + random.normal() * 3).rounded() }
    var agree = 0.0
    var tiedA = 0.0
    var tiedB = 0.0
    for i in 0..<60 {
      for j in 0..<i {
        let s = (a[i] - a[j]) * (b[i] - b[j])
        agree += s > 0 ? 1 : s < 0 ? -1 : 0
        if a[i] == a[j] { tiedA += 1 }
        if b[i] == b[j] { tiedB += 1 }
      }
    }
    let total = 60.0 * 59 / 2
    let brute = agree / ((total - tiedA) * (total - tiedB)).squareRoot()
    #expect(abs(Correlations.kendall(a, b) - brute) < 1e-12)
  }

  @Test("weights of whole numbers act as repeats")
  func weights() {
    let repeated = Correlations.pearson(x + [x[2], x[2]], y + [y[2], y[2]])
    #expect(abs(Correlations.pearson(x, y, weights: [1, 1, 3, 1, 1, 1, 1]) - repeated) < 1e-12)
  }

  @Test("a partial coefficient follows the formula of three variables")
  func partial() throws {
    let z = [1.0, 3, 2, 5, 4, 7, 6]
    let xy = Correlations.pearson(x, y)
    let xz = Correlations.pearson(x, z)
    let yz = Correlations.pearson(y, z)
    let formula = (xy - xz * yz) / ((1 - xz * xz) * (1 - yz * yz)).squareRoot()
    let rest = Correlations.pearson(
      try Correlations.residuals(x, controls: [z]), try Correlations.residuals(y, controls: [z]))
    #expect(abs(rest - formula) < 1e-10)
    #expect(throws: VoxelithError.self) { try Correlations.residuals(x, controls: [z, z]) }
  }

  @Test("mutual information of a bivariate normal gives its correlation back")
  func information() {
    var random = SeededGenerator(seed: 5)
    let n = 40_000
    let a = (0..<n).map { _ in random.normal() }
    let b = a.map { 0.8 * $0 + 0.6 * random.normal() }
    let c = (0..<n).map { _ in random.normal() }
    #expect(abs(MutualInformation(a, b).equivalentCorrelation - 0.8) < 0.03)
    #expect(MutualInformation(a, c).nats < 2e-3)
  }

  @Test("false discoveries: the worked example of R's p.adjust")
  func falseDiscovery() {
    let p = [0.01, 0.02, 0.03, 0.04, .nan]
    let hochberg = FalseDiscovery.adjust(p, method: .benjaminiHochberg)
    #expect(hochberg.prefix(4).allSatisfy { abs($0 - 0.04) < 1e-12 } && hochberg[4].isNaN)
    let yekutieli = FalseDiscovery.adjust(p, method: .benjaminiYekutieli)
    #expect(abs(yekutieli[0] - 0.04 * (1 + 0.5 + 1 / 3.0 + 0.25)) < 1e-12)
  }

  @Test("York's line through Pearson's data with York's weights")
  func york() throws {
    // York 1966; slope -0.4805, intercept 5.4799 (Reed 1992).
    let x = [0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4]
    let y = [5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5]
    let wx = [1000.0, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1]
    let wy = [1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500]
    let york = try #require(
      ErrorsInVariables.York(
        x, y, sigmaX: wx.map { 1 / $0.squareRoot() }, sigmaY: wy.map { 1 / $0.squareRoot() }))
    #expect(abs(york.slope + 0.480533) < 1e-5)
    #expect(abs(york.intercept - 5.479910) < 1e-5)
    #expect(abs(york.reducedChiSquared - 11.8663 / 8) < 1e-3)
  }

  @Test("York's line with errors that both sides share recovers the slope that they would hide")
  func yorkCorrelated() throws {
    var random = SeededGenerator(seed: 7)
    let n = 4000
    var x: [Double] = []
    var y: [Double] = []
    for _ in 0..<n {
      let truth = random.normal()
      let shared = random.normal()
      x.append(truth + 0.6 * shared + 0.3 * random.normal())
      y.append(0.5 * truth - 0.6 * shared + 0.3 * random.normal())
    }
    let sigma = [Double](repeating: (0.36 + 0.09).squareRoot(), count: n)
    let plain = try #require(ErrorsInVariables.York(x, y, sigmaX: sigma, sigmaY: sigma))
    let york = try #require(
      ErrorsInVariables.York(
        x, y, sigmaX: sigma, sigmaY: sigma, covariance: [Double](repeating: -0.36, count: n)))
    #expect(abs(york.slope - 0.5) < 4 * york.slopeSigma && york.slopeSigma < 0.03)
    #expect(abs(york.reducedChiSquared - 1) < 0.1)
    #expect(abs(plain.slope - 0.5) > 0.1)
  }
}
