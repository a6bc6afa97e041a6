import Foundation
import Volumetry

/// Gaussian lines on a parabola: what a window of a spectrum is expected to hold.
///
/// Parameters are the shift of the line itself, the width of all lines, the counts of each cluster, the three
/// coefficients of the background and, where other wanted lines are in the window, their shift.
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

  static let width = 1
  static let firstCluster = 2
  var background: Int { Self.firstCluster + clusters }
  private var secondShift: Int { background + 3 }
  /// Number of parameters.
  var count: Int { background + 3 + (hasSecondShift ? 1 : 0) }

  /// - Parameters:
  ///   - edges: borders of the bins, increasing, two at least.
  init(edges: [Double], components: [Component], clusters: Int) {
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
      guard high > -8, low < 8 else { continue }
      let (densityLow, densityHigh) = (Self.density(low), Self.density(high))
      let part = (Distributions.normalCDF(high) - Distributions.normalCDF(low)) * component.share
      let counts = p[Self.firstCluster + component.cluster]
      let scale = counts * component.share / p[Self.width]
      mu += counts * part
      derivatives[Self.firstCluster + component.cluster] += part
      derivatives[shift] += scale * (densityLow - densityHigh)
      derivatives[Self.width] += scale * (low * densityLow - high * densityHigh)
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
