import CTomographyKernels
import Foundation

/// What is held of a field before it is measured: a Gaussian random field whose spectrum falls with a power of the spatial frequency.
///
/// In the cosine basis of a square slice mode (i, j) has the variance `scale * l^-exponent` with l the eigenvalue of the five-point
/// Laplacian, 4 - 2 cos(pi i / n) - 2 cos(pi j / n). A field of pieces with sharp borders falls with the exponent 1.5, a smooth one
/// with 2 and more; 1.75 is between them. The mean is free (variance 100).
package struct FieldPrior: Sendable {
  package let side: Int
  /// Cosine transform: row is the mode, orthonormal.
  private let basis: [Float]
  private let transposed: [Float]
  /// `l^(-exponent / 2)`; 0 for the mean.
  private var shape: [Float]
  private let eigenvalues: [Double]
  /// Logarithm of l; 0 for the mean.
  let logarithms: [Double]

  /// The power that variances fall with.
  package var exponent = Self.usualExponent {
    didSet { shape = Self.shape(eigenvalues, exponent) }
  }
  package static let usualExponent = 1.75
  private static let meanDeviation: Float = 10

  package init(side: Int) {
    self.side = side
    var basis = [Float](repeating: 0, count: side * side)
    for mode in 0..<side {
      let norm = (mode == 0 ? 1.0 : 2.0) / Double(side)
      for place in 0..<side {
        basis[mode * side + place] = Float(
          norm.squareRoot() * cos(.pi * Double(mode) * (Double(place) + 0.5) / Double(side)))
      }
    }
    self.basis = basis
    transposed = (0..<(side * side)).map { basis[($0 % side) * side + $0 / side] }
    let along = (0..<side).map { 2 - 2 * cos(.pi * Double($0) / Double(side)) }
    eigenvalues = (0..<(side * side)).map { along[$0 / side] + along[$0 % side] }
    logarithms = eigenvalues.map { $0 > 0 ? log($0) : 0 }
    shape = Self.shape(eigenvalues, Self.usualExponent)
  }

  private static func shape(_ eigenvalues: [Double], _ exponent: Double) -> [Float] {
    eigenvalues.map { $0 > 0 ? Float(pow($0, -0.5 * exponent)) : 0 }
  }

  /// Square root of the Laplacian's eigenvalue of a mode; that of the lowest for the mean.
  func frequency(_ mode: Int) -> Double { max(eigenvalues[mode], eigenvalues[1]).squareRoot() }

  /// Standard deviations of the modes.
  package func deviations(scale: Double) -> [Float] {
    let factor = Float(scale.squareRoot())
    var result = shape.map { $0 * factor }
    result[0] = Self.meanDeviation
    return result
  }

  /// Root mean square change from a voxel to the next.
  package func roughness(scale: Double) -> Double {
    var sum = 0.0
    for (mode, value) in eigenvalues.enumerated() { sum += value * Double(shape[mode] * shape[mode]) }
    return (0.5 * scale * sum / Double(side * side)).squareRoot()
  }

  /// The scale that has a ``roughness(scale:)``.
  package func scale(roughness: Double) -> Double {
    let unit = self.roughness(scale: 1)
    return roughness * roughness / (unit * unit)
  }

  /// Fields from modes.
  package func synthesize(_ modes: inout [Lanes], scratch: inout [Lanes]) {
    transform(&modes, scratch: &scratch, matrix: basis)
  }

  /// Modes of fields.
  package func analyze(_ field: inout [Lanes], scratch: inout [Lanes]) {
    transform(&field, scratch: &scratch, matrix: transposed)
  }

  /// Along x, then along z; the matrix has what is summed over first.
  private func transform(_ values: inout [Lanes], scratch: inout [Lanes], matrix: [Float]) {
    precondition(values.count == side * side && scratch.count == side * side)
    unsafe values.withMutableFloats { values in
      unsafe scratch.withMutableFloats { scratch in
        unsafe vtk_transform_rows(side, matrix, values, scratch)
        unsafe vtk_transform_columns(side, matrix, scratch, values)
      }
    }
  }
}
