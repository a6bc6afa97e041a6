/// The larger of two numbers lane by lane; the first where one is not a number.
///
/// The standard library's `pointwiseMax` is not specialised for eight lanes and costs a call.
@inline(__always)
func larger(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> { a.replacing(with: b, where: b .> a) }

/// The smaller of two numbers lane by lane; the first where one is not a number.
@inline(__always)
func smaller(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> { a.replacing(with: b, where: b .< a) }
