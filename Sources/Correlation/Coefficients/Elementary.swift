import Foundation
import Volumetry

/// The `degree`-th root of a positive number.
func root(_ value: Double, _ degree: Int) -> Double { pow(value, 1 / Double(degree)) }

/// Fisher's z of a correlation coefficient, finite for all.
func fisher(_ r: Double) -> Double { atanh(min(1 - 1e-15, max(-1 + 1e-15, r))) }

/// The correlation coefficient of a Fisher's z.
func correlation(fisher z: Double) -> Double { tanh(z) }

extension Shape {
  /// Indices of a voxel from its position in the array.
  func indices(of position: Int) -> Shape {
    Shape(z: position / (y * x), y: position / x % y, x: position % x)
  }
}

/// Mean of values.
func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

/// Standard deviation of values.
func deviation(_ values: [Double]) -> Double {
  var moments = Moments()
  for value in values { moments.add(value) }
  return moments.standardDeviation
}
