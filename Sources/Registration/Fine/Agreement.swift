import Foundation
import Volumetry

/// How surely two volumes that were put on each other show one thing, from what their blocks say one by one.
///
/// Where the alignment is right, detail of all sizes agrees in every block. Where it is the best of many chances,
/// coarse structure agrees in some blocks and disagrees in others, and fine detail does not agree at all. So both
/// sides are freed of structure wider than the blocks, and the sum of their products, block by block, is held
/// against what the SAME blocks give when they are paired with others: a permutation test, which needs no count of
/// independent voxels since the blocks carry their correlation with them.
struct Agreement: Sendable {
  /// The sum of products of the paired blocks in standard deviations of that of blocks paired at random, or in units
  /// of its own scatter from block to block, whichever says less.
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
    func detail(_ values: [Float]) -> [Float] {
      var values = values
      for i in values.indices where observed[i].isNaN || predicted[i].isNaN { values[i] = .nan }
      let smooth = WorkingImage.normalisedGaussian(values, shape: shape, sigma: sigma, threads: threads)
      for i in values.indices { values[i] = values[i].isNaN ? 0 : values[i] - smooth[i] }
      return values
    }
    let a = detail(observed)
    let b = detail(predicted)
    let side = max(3, Int((2 * width).rounded()))
    let cut = Self.blocks(shape, side: side)
    var members: [[Int]] = []
    for block in cut {
      var indices: [Int] = []
      var present = 0
      for z in block.z {
        for y in block.y {
          for x in block.x {
            let i = shape.index(z: z, y: y, x: x)
            indices.append(i)
            present += observed[i].isNaN || predicted[i].isNaN ? 0 : 1
          }
        }
      }
      if 2 * present >= indices.count { members.append(indices) }
    }
    let count = members.count
    guard count >= 8 else {
      self.init(
        ofFew: a, b, present: observed.indices.map { !observed[$0].isNaN && !predicted[$0].isNaN }, shape)
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
    let total = paired.reduce(0, +)
    var squares = 0.0
    var drawn = 0
    let rounds = min(count - 1, 12)
    for round in 1...rounds {
      for value in products(max(1, round * count / (rounds + 1))) { squares += value * value }
      drawn += count
    }
    let scatter = (squares / Double(max(1, drawn)) * Double(count)).squareRoot()
    let mean = total / Double(count)
    let own = (paired.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }).squareRoot()
    var (aa, bb) = (0.0, 0.0)
    for indices in members {
      for i in indices {
        aa += Double(a[i]) * Double(a[i])
        bb += Double(b[i]) * Double(b[i])
      }
    }
    self.init(
      significance: min(scatter > 0 ? total / scatter : 0, own > 0 ? total / own : .infinity),
      correlation: aa > 0 && bb > 0 ? total / (aa * bb).squareRoot() : 0, blocks: count)
  }

  /// Of volumes too small for blocks: Fisher's z of the correlation with the effective number of voxels, from the
  /// products of both autocorrelations over neighbours (Clifford, Richardson and Hemon 1989, Biometrics 45).
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
    significance = effective > 4 ? atanh(r) * (effective - 3).squareRoot() : 0
    correlation = r
    blocks = 1
  }

  /// Boxes of about `side` voxels, three to an axis at least where it has nine.
  static func blocks(_ shape: Shape, side: Int) -> [Region] {
    func cut(_ count: Int) -> [Range<Int>] {
      let number = max(1, count / side, min(3, count / 3))
      let width = count / number
      return (0..<number).map { ($0 * width)..<($0 * width + width) }
    }
    var result: [Region] = []
    for z in cut(shape.z) {
      for y in cut(shape.y) {
        for x in cut(shape.x) {
          result.append(
            Region(
              lower: Shape(z: z.lowerBound, y: y.lowerBound, x: x.lowerBound),
              shape: Shape(z: z.count, y: y.count, x: x.count)))
        }
      }
    }
    return result
  }
}
