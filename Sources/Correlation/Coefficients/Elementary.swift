import Foundation

/// The `degree`-th root of a positive number.
func root(_ value: Double, _ degree: Int) -> Double { pow(value, 1 / Double(degree)) }
