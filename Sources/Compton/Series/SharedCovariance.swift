public import Volumetry

/// How the errors of the standards move x: one random function of x that all voxels and states share.
///
/// The function is told at nodes and runs straight between them, so that variances of differences and of means over
/// voxels follow from the covariance of the nodes without loss of its positive definiteness.
public struct SharedCovariance: Sendable {
  private let first: Double
  private let step: Double
  private let count: Int
  private let table: Matrix

  private static let nodes = 17

  /// - Throws: `data` where the calibration has no such method or its spectra cannot be told apart.
  public init(_ calibration: Calibration, method: MapMethod) throws(VoxelithError) {
    let span = calibration.range[1] - calibration.range[0]
    first = calibration.range[0] - 0.5 * span
    step = 2 * span / Double(Self.nodes - 1)
    count = Self.nodes
    var table = Matrix(zeros: count, count)
    let nodes = (0..<Self.nodes).map { calibration.range[0] - 0.5 * span + Double($0) * 2 * span / 16 }
    switch method {
    case .profile:
      let basis = calibration.methods.profile
      let background = basis.background.rate.map { max(0, $0) }
      var known: [ProfileInformation] = []
      for x in nodes {
        known.append(
          try ProfileInformation(basis, x: x, amplitude: 1, background: background))
      }
      for i in 0..<nodes.count {
        for j in 0...i {
          let covariance = known[i].sharedCovariance(with: known[j], basis: basis)
          table[i, j] = covariance.counts + covariance.standards
          table[j, i] = table[i, j]
        }
      }
    case .sParameter, .valenceCore:
      let line =
        method == .sParameter ? calibration.methods.sParameter : calibration.methods.valenceCore
      guard let line else {
        throw VoxelithError(.data, "the calibration holds no \(method.rawValue) ratio")
      }
      let c = line.covariance
      for i in 0..<nodes.count {
        for j in 0..<nodes.count {
          // How far a bent line lies off changes smoothly over the calibrated range.
          let apart = (nodes[i] - nodes[j]) / (0.5 * span)
          let bend = (line.scatter ?? 0) * (line.scatter ?? 0) * exponential(-0.5 * apart * apart)
          let form = c[0][0] + (nodes[i] + nodes[j]) * c[0][1] + nodes[i] * nodes[j] * c[1][1] + bend
          table[i, j] = form / (line.slope * line.slope)
        }
      }
    }
    self.table = table
  }

  /// The node below x, and how far x lies towards the next one; beyond the nodes the last piece runs on.
  private func place(_ x: Double) -> (index: Int, part: Double) {
    let position = (x - first) / step
    let index = min(max(0, Int(max(-1e6, min(1e6, position)).rounded(.down))), count - 2)
    return (index, position - Double(index))
  }

  /// Covariance of the shared errors of two x.
  public func covariance(_ a: Double, _ b: Double) -> Double {
    let (i, s) = place(a)
    let (j, t) = place(b)
    return (1 - s) * ((1 - t) * table[i, j] + t * table[i, j + 1])
      + s * ((1 - t) * table[i + 1, j] + t * table[i + 1, j + 1])
  }

  /// Variance of the difference of the shared errors of two x: 0 for equal ones.
  public func varianceOfDifference(_ a: Double, _ b: Double) -> Double {
    max(0, covariance(a, a) + covariance(b, b) - 2 * covariance(a, b))
  }

  /// How a mean over voxels weights the nodes.
  public struct Mean: Sendable {
    fileprivate var weights: [Double]
    fileprivate var total = 0.0
  }

  public func mean() -> Mean { Mean(weights: [Double](repeating: 0, count: count)) }

  public func add(_ x: Double, to mean: inout Mean) {
    let (index, part) = place(x)
    mean.weights[index] += 1 - part
    mean.weights[index + 1] += part
    mean.total += 1
  }

  public func merge(_ other: Mean, into mean: inout Mean) {
    for index in mean.weights.indices { mean.weights[index] += other.weights[index] }
    mean.total += other.total
  }

  /// Variance of the shared error of a mean, or of the difference of two.
  public func variance(of mean: Mean, minus other: Mean? = nil) -> Double {
    guard mean.total > 0 else { return .nan }
    var weights = mean.weights.map { $0 / mean.total }
    if let other {
      guard other.total > 0 else { return .nan }
      for index in weights.indices { weights[index] -= other.weights[index] / other.total }
    }
    return max(0, table.quadraticForm(weights))
  }
}
