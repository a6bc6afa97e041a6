import Foundation

func exponential(_ x: Double) -> Double { exp(x) }
func logarithm(_ x: Double) -> Double { log(x) }
func cosine(_ x: Double) -> Double { cos(x) }
/// Fisher's z of a correlation coefficient.
func fisher(_ r: Double) -> Double { atanh(r) }
func cubeRoot(_ x: Double) -> Double { cbrt(x) }
