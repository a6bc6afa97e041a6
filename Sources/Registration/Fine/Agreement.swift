import Foundation
import Volumetry

/// How surely two volumes that were put on each other show one thing, from what their blocks say one by one.
///
/// Where the alignment is right, detail of all sizes agrees in every block. Where it is the best of many chances,
/// coarse structure agrees in some blocks and disagrees in others, and fine detail does not agree at all. So both
/// sides are freed of structure wider than the blocks, and the correlation of what is left is asked two questions:
/// - Would blocks that are paired at random reach it? Their scatter gives the effective number of voxels n, which
///   knows how each side is correlated with itself, and `z^2 = -(n - 2) log(1 - r^2)`, the likelihood ratio.
/// - Do the blocks agree on it? Its error from block to block (the infinitesimal jackknife, Efron and Stein 1981)
///   holds where the volumes are not alike everywhere.
///
/// The significance is the smaller answer. A close fit of few blocks is therefore worth more than a loose one of many.
struct Agreement: Sendable {
  /// Standard deviations of a normal deviate by which the correlation exceeds what chance gives at one position.
  let significance: Double
  /// Correlation of the details.
  let correlation: Double
  let blocks: Int

  static let none = Agreement(significance: 0, correlation: 0, blocks: 0)

  private init(significance: Double, correlation: Double, blocks: Int) {
    self.significance = significance
    self.correlation = correlation
    self.blocks = blocks
  }

  /// - Parameters:
  ///   - observed, predicted: values on one lattice, NaN where either is missing.
  ///   - width: standard deviation of the Gaussian whose mean is taken off, in lattice steps.
  init(observed: [Float], predicted: [Float], shape: Shape, width: Double, threads: Int) {
    let sigma = SIMD3(
      shape.x > 1 ? width : 0, shape.y > 1 ? width : 0, shape.z > 1 ? width : 0)
    let present = observed.indices.map { !observed[$0].isNaN && !predicted[$0].isNaN }
    func detail(_ values: [Float]) -> [Float] {
      var values = values
      for i in values.indices where !present[i] { values[i] = .nan }
      let smooth = WorkingImage.normalisedGaussian(values, shape: shape, sigma: sigma, threads: threads)
      for i in values.indices { values[i] = values[i].isNaN ? 0 : values[i] - smooth[i] }
      return values
    }
    let a = detail(observed)
    let b = detail(predicted)
    let members = BlockCut.members(shape, side: max(3, Int((2 * width).rounded())), present: present)
    let count = members.count
    guard count >= 8 else {
      self.init(ofFew: a, b, present: present, shape)
      return
    }
    func products(_ ahead: Int) -> [Double] {
      (0..<count).map { k in
        let own = members[k]
        let other = members[(k + ahead) % count]
        var sum = 0.0
        for i in 0..<min(own.count, other.count) { sum += Double(a[own[i]]) * Double(b[other[i]]) }
        return sum
      }
    }
    let paired = products(0)
    let energies = members.map { indices in
      var (aa, bb) = (0.0, 0.0)
      for i in indices {
        aa += Double(a[i]) * Double(a[i])
        bb += Double(b[i]) * Double(b[i])
      }
      return (aa: aa, bb: bb)
    }
    let aa = energies.reduce(0) { $0 + $1.aa }
    let bb = energies.reduce(0) { $0 + $1.bb }
    let voxels = members.reduce(0) { $0 + $1.count }
    guard aa > 0, bb > 0 else {
      self = .none
      return
    }
    let r = max(-0.999_999, min(0.999_999, paired.reduce(0, +) / (aa * bb).squareRoot()))
    var squares = 0.0
    var drawn = 0
    let rounds = min(count - 1, 12)
    for round in 1...rounds {
      for value in products(max(1, round * count / (rounds + 1))) { squares += value * value }
      drawn += count
    }
    let scatter = squares / Double(drawn) * Double(count)
    let effective = min(Double(voxels), scatter > 0 ? aa * bb / scatter : 0)
    let random = Self.deviate(r, effective: effective)
    // What every block pulls at the correlation.
    let pulls = zip(paired, energies).map {
      $0 / (aa * bb).squareRoot() - 0.5 * r * ($1.aa / aa + $1.bb / bb)
    }
    let free = Double(count - 1)
    let error = (Double(count) / free * pulls.reduce(0) { $0 + $1 * $1 }).squareRoot()
    let own = error > 0 ? Self.normal(atanh(r) * (1 - r * r) / error, degrees: free) : .infinity
    self.init(significance: min(random, own), correlation: r, blocks: count)
  }

  /// Of volumes too small for blocks: the same with the effective number of voxels from the products of both
  /// autocorrelations over neighbours (Clifford, Richardson and Hemon 1989, Biometrics 45).
  private init(ofFew a: [Float], _ b: [Float], present: [Bool], _ shape: Shape) {
    var (count, aa, bb, ab) = (0, 0.0, 0.0, 0.0)
    for i in present.indices where present[i] {
      count += 1
      aa += Double(a[i]) * Double(a[i])
      bb += Double(b[i]) * Double(b[i])
      ab += Double(a[i]) * Double(b[i])
    }
    guard count >= 8, aa > 0, bb > 0 else {
      self = .none
      return
    }
    var related = 0.0
    let reach = -2...2
    for lag in reach.flatMap({ z in reach.flatMap { y in reach.map { x in (z, y, x) } } }) {
      var (own, other) = (0.0, 0.0)
      for z in max(0, -lag.0)..<max(0, -lag.0, min(shape.z, shape.z - lag.0)) {
        for y in max(0, -lag.1)..<max(0, -lag.1, min(shape.y, shape.y - lag.1)) {
          for x in max(0, -lag.2)..<max(0, -lag.2, min(shape.x, shape.x - lag.2)) {
            let i = shape.index(z: z, y: y, x: x)
            let j = shape.index(z: z + lag.0, y: y + lag.1, x: x + lag.2)
            guard present[i], present[j] else { continue }
            own += Double(a[i]) * Double(a[j])
            other += Double(b[i]) * Double(b[j])
          }
        }
      }
      related += (own / aa) * (other / bb)
    }
    let effective = min(Double(count), Double(count) / max(related, 1 / Double(count)))
    let r = max(-0.999_999, min(0.999_999, ab / (aa * bb).squareRoot()))
    significance = Self.deviate(r, effective: effective)
    correlation = r
    blocks = 1
  }

  /// A correlation of so many independent voxels as a normal deviate, by the likelihood ratio.
  private static func deviate(_ r: Double, effective: Double) -> Double {
    guard effective > 4 else { return 0 }
    return (r < 0 ? -1 : 1) * (-(effective - 2) * log1p(-r * r)).squareRoot()
  }

  /// A value of Student's t as the normal deviate of about the same tail (Wallace, Ann. Math. Stat. 30 (1959) 1121).
  static func normal(_ t: Double, degrees: Double) -> Double {
    let scale = (8 * degrees + 1) / (8 * degrees + 3)
    return (t < 0 ? -1 : 1) * scale * (degrees * log1p(t * t / degrees)).squareRoot()
  }
}
