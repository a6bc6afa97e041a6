/// The sensitivity A - K of the two amplitudes, freed of what noise in the spectra adds to it, and what follows from
/// its inverse (Fuller, Measurement Error Models (1987), section 2.2).
struct CorrectedSensitivity {
  let a00: Double
  let a01: Double
  let a10: Double
  let a11: Double
  let determinant: Double

  /// Nil where the spectra do not tell the amplitudes apart.
  init?(_ sums: ProfileFitKernel.Sums, inflation k: (Double, Double, Double)) {
    a00 = sums.a00 - k.0
    a01 = sums.a01 - k.1
    a10 = sums.a10 - k.1
    a11 = sums.a11 - k.2
    determinant = a00 * a11 - a01 * a10
    guard a00 > 0, determinant > 1e-9 * sums.a00 * sums.a11 else { return nil }
  }

  /// (A - K)^-1 of a vector.
  func solve(_ right: (Double, Double)) -> (Double, Double) {
    ((a11 * right.0 - a01 * right.1) / determinant, (a00 * right.1 - a10 * right.0) / determinant)
  }

  /// How a quantity with this gradient answers to the two scores: (A - K)^-T of the gradient.
  func projection(of gradient: (Double, Double)) -> (Double, Double) {
    (
      (a11 * gradient.0 - a10 * gradient.1) / determinant,
      (a00 * gradient.1 - a01 * gradient.0) / determinant
    )
  }

  /// Variance of a projected quantity by that of the scores (00, 01, 11).
  static func variance(_ p: (Double, Double), _ scores: (Double, Double, Double)) -> Double {
    p.0 * p.0 * scores.0 + 2 * p.0 * p.1 * scores.1 + p.1 * p.1 * scores.2
  }
}

/// d x / d(v0, v1) of x = v1 / amplitude with the amplitude v0 - mixing v1.
func gradientOfLithium(x: Double, amplitude: Double, mixing: Double) -> (Double, Double) {
  (-x / amplitude, (1 + mixing * x) / amplitude)
}
