import Compton
import Volumetry

extension MapReport {
  /// Puts what is known of the fractions' errors in the place of what the voxels alone tell, and tells the part of the
  /// alignment apart.
  package mutating func setErrors(fractions: Double, alignment: Double) {
    meanXSigmaParts?.fractions = rounded(fractions)
    meanXSigmaParts?.alignment = rounded(alignment)
    if let parts = meanXSigmaParts { meanXSigma = rounded(parts.total) }
  }
}
