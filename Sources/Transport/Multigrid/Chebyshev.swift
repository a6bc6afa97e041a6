import Foundation

/// Step lengths of damped Jacobi sweeps whose product is the Chebyshev polynomial that is least on
/// `lower ... 2`. The spectrum of D^-1 A never exceeds 2 for these matrices, so nothing is estimated.
/// (Y. Saad, Iterative Methods for Sparse Linear Systems, 2003, section 12.3.)
enum Chebyshev {
  static func steps(degree: Int, lower: Double) -> [Float] {
    (0..<degree).map { k in
      let angle = Double.pi * Double(2 * k + 1) / Double(2 * degree)
      return Float(1 / (0.5 * (2 + lower) + 0.5 * (2 - lower) * cos(angle)))
    }
  }
}
