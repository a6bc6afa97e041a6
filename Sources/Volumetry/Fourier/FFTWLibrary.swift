import CFFTW

/// The functions of one of FFTW's libraries, which differ in name and in their number type alone.
@safe struct FFTWLibrary<Scalar: BinaryFloatingPoint & BitwiseCopyable & Sendable>: Sendable {
  typealias Sides = (z: Int32, y: Int32, x: Int32)

  let allocateReal: @Sendable (Int) -> UnsafeMutablePointer<Scalar>?
  /// Room for complex numbers, as pairs of reals.
  let allocateComplex: @Sendable (Int) -> UnsafeMutablePointer<Scalar>?
  let free: @Sendable (UnsafeMutablePointer<Scalar>) -> Void
  let planForward: @Sendable (Sides, UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>) -> fftw_plan?
  let planInverse: @Sendable (Sides, UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>) -> fftw_plan?
  let execute: @Sendable (fftw_plan) -> Void
  let destroy: @Sendable (fftw_plan) -> Void
  /// Multiplies an array by a number.
  let scale: @Sendable (UnsafeMutableBufferPointer<Scalar>, Scalar) -> Void
}

extension FFTWLibrary<Float> {
  static let single = unsafe FFTWLibrary(
    allocateReal: { unsafe fftwf_alloc_real($0) },
    allocateComplex: { unsafe fftwf_alloc_real(2 * $0) },
    free: { unsafe fftwf_free($0) },
    planForward: { sides, real, complex in
      unsafe fftwf_plan_dft_r2c_3d(
        sides.z, sides.y, sides.x, real, asComplex(complex), UInt32(FFTW_ESTIMATE))
    },
    planInverse: { sides, complex, real in
      unsafe fftwf_plan_dft_c2r_3d(
        sides.z, sides.y, sides.x, asComplex(complex), real, UInt32(FFTW_ESTIMATE))
    },
    execute: { unsafe fftwf_execute($0) },
    destroy: { unsafe fftwf_destroy_plan($0) },
    scale: { values, factor in for i in values.indices { unsafe values[i] *= factor } })
}

extension FFTWLibrary<Double> {
  static let double = unsafe FFTWLibrary(
    allocateReal: { unsafe fftw_alloc_real($0) },
    allocateComplex: { unsafe fftw_alloc_real(2 * $0) },
    free: { unsafe fftw_free($0) },
    planForward: { sides, real, complex in
      unsafe fftw_plan_dft_r2c_3d(
        sides.z, sides.y, sides.x, real, asComplex(complex), UInt32(FFTW_ESTIMATE))
    },
    planInverse: { sides, complex, real in
      unsafe fftw_plan_dft_c2r_3d(
        sides.z, sides.y, sides.x, asComplex(complex), real, UInt32(FFTW_ESTIMATE))
    },
    execute: { unsafe fftw_execute($0) },
    destroy: { unsafe fftw_destroy_plan($0) },
    scale: { values, factor in for i in values.indices { unsafe values[i] *= factor } })
}

/// C's arrays of two come to Swift as pairs.
private func asComplex<Scalar>(_ pairs: UnsafeMutablePointer<Scalar>) -> UnsafeMutablePointer<
  (Scalar, Scalar)
> {
  unsafe UnsafeMutableRawPointer(pairs).assumingMemoryBound(to: (Scalar, Scalar).self)
}
