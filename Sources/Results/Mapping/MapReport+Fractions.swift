import Volumetry

extension MapReport {
  /// Adds errors that all voxels share to that of the mean of x.
  package mutating func addErrors(fractions: Double, alignment: Double) {
    guard let sigma = meanXSigma else { return }
    meanXSigma = rounded((sigma * sigma + fractions * fractions + alignment * alignment).squareRoot())
  }
}
