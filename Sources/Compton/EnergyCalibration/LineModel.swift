import Foundation
import Volumetry

/// Lines on a parabola: what a window of a spectrum is expected to hold. A line is a Gaussian, a part of which may trail
/// exponentially towards low energies (trapped charge); its place is that of the Gaussian.
///
/// Parameters are the shift of the line itself, the width of all lines, the counts of each cluster, the three
/// coefficients of the background, where other wanted lines are in the window, their shift, and where there is a tail,
/// its part.
struct LineModel: Sendable {
  /// One line at a place on the axis.
  struct Component: Sendable {
    let position: Double
    /// Part of the cluster's counts.
    let share: Double
    let cluster: Int
    /// Whether the line moves by itself and not with the line that is fitted.
    let movesAlone: Bool
  }

  let edges: [Double]
  let components: [Component]
  let clusters: Int
  private let hasSecondShift: Bool
  private let middle: Double
  let half: Double
  /// Length of the tail in units of the axis; 0 for none.
  let tailLength: Double

  static let width = 1
  static let firstCluster = 2
  var background: Int { Self.firstCluster + clusters }
  private var secondShift: Int { background + 3 }
  /// The tail's part of every line; nil without tail.
  var tail: Int? { tailLength > 0 ? background + 3 + (hasSecondShift ? 1 : 0) : nil }
  /// Number of parameters.
  var count: Int { background + 3 + (hasSecondShift ? 1 : 0) + (tailLength > 0 ? 1 : 0) }

  /// - Parameters:
  ///   - edges: borders of the bins, increasing, two at least.
  init(edges: [Double], components: [Component], clusters: Int, tailLength: Double = 0) {
    self.tailLength = tailLength
    self.edges = edges
    self.components = components
    self.clusters = clusters
    hasSecondShift = components.contains(where: \.movesAlone)
    middle = 0.5 * (edges[0] + edges[edges.count - 1])
    half = 0.5 * (edges[edges.count - 1] - edges[0])
  }

  /// Expected counts of a bin and their derivatives by the parameters.
  func expected(_ p: [Double], bin: Int, derivatives: inout [Double]) -> Double {
    for index in derivatives.indices { derivatives[index] = 0 }
    let place = (0.5 * (edges[bin] + edges[bin + 1]) - middle) / half
    derivatives[background] = 1
    derivatives[background + 1] = place
    derivatives[background + 2] = place * place
    var mu = p[background] + place * (p[background + 1] + place * p[background + 2])
    for component in components {
      let shift = component.movesAlone ? secondShift : 0
      let center = component.position + p[shift]
      let low = (edges[bin] - center) / p[Self.width]
      let high = (edges[bin + 1] - center) / p[Self.width]
      guard high > (tail == nil ? -8 : -60), low < 8 else { continue }
      let (densityLow, densityHigh) = (Self.density(low), Self.density(high))
      let inPeak = Distributions.normalCDF(high) - Distributions.normalCDF(low)
      let trailing = tail.map { p[$0] } ?? 0
      let counts = p[Self.firstCluster + component.cluster]
      let scale = (1 - trailing) * counts * component.share / p[Self.width]
      var part = (1 - trailing) * inPeak * component.share
      derivatives[shift] += scale * (densityLow - densityHigh)
      derivatives[Self.width] += scale * (low * densityLow - high * densityHigh)
      if let tail {
        let ratio = p[Self.width] / tailLength
        let (from, to) = (TailedLine(low, ratio), TailedLine(high, ratio))
        let inTail = to.below - from.below
        part += trailing * inTail * component.share
        let size = trailing * counts * component.share / tailLength
        derivatives[shift] += size * (from.density - to.density)
        derivatives[Self.width] +=
          size * (ratio * (to.density - from.density) - (densityHigh - densityLow))
        derivatives[tail] += counts * component.share * (inTail - inPeak)
      }
      mu += counts * part
      derivatives[Self.firstCluster + component.cluster] += part
    }
    return mu
  }

  /// Minus the logarithm of the likelihood.
  func cost(_ p: [Double], counts: [Double]) -> Double {
    var derivatives = [Double](repeating: 0, count: count)
    return counts.indices.reduce(0) { sum, bin in
      let mu = max(1e-9, expected(p, bin: bin, derivatives: &derivatives))
      return sum + mu - (counts[bin] > 0 ? counts[bin] * log(mu) : 0)
    }
  }

  /// Fisher information and score; bins expected below `floor` count as if they were at it.
  func information(
    _ p: [Double], counts: [Double], floor: Double
  ) -> (matrix: Matrix, score: [Double]) {
    var matrix = Matrix(zeros: count, count)
    var score = [Double](repeating: 0, count: count)
    var derivatives = score
    for bin in counts.indices {
      let mu = max(1e-9, expected(p, bin: bin, derivatives: &derivatives))
      let residual = (counts[bin] - mu) / mu
      let weight = 1 / max(mu, floor)
      for i in 0..<count {
        score[i] += derivatives[i] * residual
        for j in 0...i { matrix[i, j] += derivatives[i] * derivatives[j] * weight }
      }
    }
    for i in 0..<count {
      for j in 0..<i { matrix[j, i] = matrix[i, j] }
    }
    return (matrix, score)
  }

  private static func density(_ z: Double) -> Double { exp(-0.5 * z * z) / (2 * Double.pi).squareRoot() }
}

/// A Gaussian less an exponential variable, at `z` widths from the Gaussian's middle, with `ratio` = width over the
/// exponential's length (Grushka, Anal. Chem. 44 (1972) 1733).
struct TailedLine {
  /// Part of the line below the place.
  let below: Double
  /// Density there, times the length of the tail.
  let density: Double

  init(_ z: Double, _ ratio: Double) {
    let sum = z + ratio
    if sum > 6 {
      // exp(r^2/2 + z r) normalCDF(-z - r) without overflow.
      let gauss = exp(-0.5 * z * z) / (2 * Double.pi).squareRoot()
      density = gauss / sum * (1 - 1 / (sum * sum))
    } else {
      density = exp(0.5 * ratio * ratio + z * ratio) * Distributions.normalCDF(-sum)
    }
    below = Distributions.normalCDF(z) + density
  }
}
