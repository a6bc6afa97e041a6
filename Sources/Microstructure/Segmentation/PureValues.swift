import Volumetry

/// Grey values of the phases and the width of the blur, fitted to the voxels with pure neighbourhoods.
///
/// In the voxels of class k that lie d voxels deep the mean is `a_k + sum over j of (a_j - a_k) w_kj(d)`, with the
/// part `w` of class j that the blur carries there. Shallow voxels are many and know the blur well; deep ones are few
/// and know little of it. Least squares over all depths weighs both, with a width that is known to
/// ``PureVoxels/blurError`` beforehand.
struct PureValues {
  let means: [Double]
  /// Of the errors of the means, the unknown width included.
  let covariance: Matrix
  let blur: Double

  /// Voxels of one class at one depth.
  struct Shell {
    let ofClass: Int
    let count: Int
    let mean: Double
    let variance: Double
    /// Part of every class that a blur of the estimated width carries here, and its change for one
    /// standard deviation of that width.
    let leaks: [Double]
    let slopes: [Double]
  }

  /// Nil where a class has no shell.
  init?(_ shells: [Shell], start: [Double], blur: Double, correlatedVoxels: Double) {
    let classes = start.count
    guard (0..<classes).allSatisfy({ index in shells.contains { $0.ofClass == index } }) else { return nil }
    var means = start
    var width = 0.0
    var covariance = Matrix(identity: classes + 1)
    var misfit = 0.0
    for _ in 0..<8 {
      var normal = Matrix(zeros: classes + 1, classes + 1)
      var right = [Double](repeating: 0, count: classes + 1)
      normal[classes, classes] = 1
      right[classes] = -width
      misfit = width * width
      for shell in shells {
        let own = shell.ofClass
        var row = [Double](repeating: 0, count: classes + 1)
        row[own] = 1
        var model = means[own]
        for other in 0..<classes where other != own {
          let leak = shell.leaks[other] + width * shell.slopes[other]
          let gap = means[other] - means[own]
          model += gap * leak
          row[own] -= leak
          row[other] += leak
          row[classes] += gap * shell.slopes[other]
        }
        let weight = Double(shell.count) / (max(shell.variance, 1e-30) * correlatedVoxels)
        let rest = shell.mean - model
        misfit += weight * rest * rest
        for i in 0...classes {
          right[i] += weight * row[i] * rest
          for j in 0...classes { normal[i, j] += weight * row[i] * row[j] }
        }
      }
      guard let factor = Cholesky(normal) else { return nil }
      let step = factor.solve(right)
      for index in 0..<classes { means[index] += step[index] }
      width += step[classes]
      covariance = factor.inverse
    }
    // Shells that do not agree know the values less well than their scatter says.
    let freedom = shells.count - classes
    let excess = freedom > 0 ? max(1, misfit / Double(freedom)) : 1
    var own = Matrix(zeros: classes, classes)
    for i in 0..<classes { for j in 0..<classes { own[i, j] = excess * covariance[i, j] } }
    self.means = means
    self.covariance = own
    self.blur = max(0, blur + width * PureVoxels.blurError)
  }
}
