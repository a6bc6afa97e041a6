import Foundation

/// The `degree`-th root of a positive number.
func root(_ value: Double, _ degree: Int) -> Double { pow(value, 1 / Double(degree)) }

/// Fisher's z of a correlation coefficient, finite for all.
func fisher(_ r: Double) -> Double { atanh(min(1 - 1e-15, max(-1 + 1e-15, r))) }

/// The correlation coefficient of a Fisher's z.
func correlation(fisher z: Double) -> Double { tanh(z) }
