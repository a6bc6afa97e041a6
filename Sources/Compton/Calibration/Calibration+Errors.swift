import Volumetry

extension Calibration {
  /// Checks that the errors which a file tells can be errors.
  ///
  /// - Throws: `data` at a negative variance, or covariances that no quantities can have.
  func checkErrors(file: String?) throws(VoxelithError) {
    func refuse(_ what: String) -> VoxelithError {
      VoxelithError(
        .data, "\(what): these cannot be errors", file: file, advice: "make it anew with voxelith calibrate")
    }
    let basis = methods.profile
    let variances =
      [("constant_variance", basis.constantVariance), ("slope_variance", basis.slopeVariance)]
      + ([basis.background] + basis.components).map { ("rate_variance of \($0.name)", $0.variance) }
    for (name, values) in variances {
      if let bin = values.firstIndex(where: { $0 < 0 }) {
        throw refuse("\(name) is \(values[bin]) in bin \(bin)")
      }
    }
    for bin in basis.constantVariance.indices {
      let limit = basis.constantVariance[bin] * basis.slopeVariance[bin]
      let cross = basis.crossCovariance[bin]
      guard cross * cross <= limit * (1 + 1e-6) else {
        throw refuse("cross_covariance is \(cross) in bin \(bin), beyond what the variances allow")
      }
    }
    let matrices: [(String, [[Double]]?)] = [
      ("standards_x_covariance", basis.standardsCovariance),
      ("covariance of the s-parameter", methods.sParameter.covariance),
      ("covariance of valence-core", methods.valenceCore?.covariance),
    ]
    for (name, rows) in matrices {
      if let rows, !Matrix.isCovariance(rows) { throw refuse("\(name) is \(rows)") }
    }
  }
}
