import Foundation

func exponential(_ x: Double) -> Double { exp(x) }
func logarithm(_ x: Double) -> Double { log(x) }

/// The exponential of eight numbers at once.
enum Exponential {
  /// exp, to 2 units in the last place for arguments from -80 to 80 (polynomial of Cephes `expf`); arguments beyond
  /// are taken as those.
  @inline(__always)
  static func of(_ argument: SIMD8<Float>) -> SIMD8<Float> {
    let x = smaller(larger(argument, SIMD8(repeating: -80)), SIMD8(repeating: 80))
    let whole = (x * 1.44269504).rounded(.toNearestOrEven)
    let r = x - whole * 0.693359375 + whole * 2.12194440e-4
    var p = SIMD8<Float>(repeating: 1.9875691500e-4)
    p = p * r + 1.3981999507e-3
    p = p * r + 8.3334519073e-3
    p = p * r + 4.1665795894e-2
    p = p * r + 1.6666665459e-1
    p = p * r + 5.0000001201e-1
    let value = p * r * r + r + 1
    let bits = SIMD8<Int32>(whole) &+ 127
    let scale = unsafe unsafeBitCast(bits &<< 23, to: SIMD8<Float>.self)
    return value * scale
  }
}
