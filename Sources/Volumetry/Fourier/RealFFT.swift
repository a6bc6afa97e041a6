import CFFTW
import Foundation

/// Fourier transform of real volumes in single precision, by FFTW.
///
/// The spectrum has the shape (z, y, x / 2 + 1); forward then inverse gives the volume back (the
/// inverse divides by the number of voxels). Plans are made under a lock, since FFTW's planner is not
/// safe on several threads, with FFTW_ESTIMATE, so that the same input gives the same bits.
@safe public final class RealFFT: @unchecked Sendable {
  public let shape: Shape
  /// Number of complex values of the spectrum.
  public let spectrumCount: Int
  private let real: UnsafeMutablePointer<Float>
  private let complex: UnsafeMutablePointer<fftwf_complex>
  private let forwardPlan: fftwf_plan
  private let inversePlan: fftwf_plan

  private static let planner = NSLock()

  /// - Throws: `internal` where FFTW makes no plan, for instance for want of memory.
  public init(shape: Shape) throws(VoxelithError) {
    guard let count = shape.checkedCount, count > 0, count < Int(Int32.max) * 4 else {
      throw VoxelithError(.data, "a volume of \(shape) voxels cannot be transformed")
    }
    let half = shape.z * shape.y * (shape.x / 2 + 1)
    guard let real = unsafe fftwf_alloc_real(count), let complex = unsafe fftwf_alloc_complex(half)
    else {
      throw VoxelithError(.internal, "no memory for the Fourier transform of \(shape) voxels")
    }
    Self.planner.lock()
    let forward = unsafe fftwf_plan_dft_r2c_3d(
      Int32(shape.z), Int32(shape.y), Int32(shape.x), real, complex, UInt32(FFTW_ESTIMATE))
    let inverse = unsafe fftwf_plan_dft_c2r_3d(
      Int32(shape.z), Int32(shape.y), Int32(shape.x), complex, real, UInt32(FFTW_ESTIMATE))
    Self.planner.unlock()
    guard let forward = unsafe forward, let inverse = unsafe inverse else {
      unsafe fftwf_free(real)
      unsafe fftwf_free(complex)
      throw VoxelithError(.internal, "FFTW made no plan for \(shape) voxels")
    }
    self.shape = shape
    self.spectrumCount = half
    unsafe self.real = real
    unsafe self.complex = complex
    unsafe self.forwardPlan = forward
    unsafe self.inversePlan = inverse
  }

  deinit {
    Self.planner.lock()
    unsafe fftwf_destroy_plan(forwardPlan)
    unsafe fftwf_destroy_plan(inversePlan)
    Self.planner.unlock()
    unsafe fftwf_free(real)
    unsafe fftwf_free(complex)
  }

  /// Spectrum of a real volume, as interleaved real and imaginary parts.
  ///
  /// One transform object serves one thread at a time.
  public func forward(_ values: [Float]) -> [Float] {
    precondition(values.count == shape.count)
    for index in 0..<values.count { unsafe real[index] = values[index] }
    unsafe fftwf_execute(forwardPlan)
    return unsafe [Float](unsafeUninitializedCapacity: 2 * spectrumCount) { buffer, count in
      for index in 0..<spectrumCount {
        unsafe buffer[2 * index] = complex[index].0
        unsafe buffer[2 * index + 1] = complex[index].1
      }
      count = 2 * spectrumCount
    }
  }

  /// The real volume of a spectrum of interleaved real and imaginary parts.
  public func inverse(_ spectrum: [Float]) -> [Float] {
    precondition(spectrum.count == 2 * spectrumCount)
    for index in 0..<spectrumCount {
      unsafe complex[index].0 = spectrum[2 * index]
      unsafe complex[index].1 = spectrum[2 * index + 1]
    }
    unsafe fftwf_execute(inversePlan)
    let scale = 1 / Float(shape.count)
    return unsafe [Float](unsafeUninitializedCapacity: shape.count) { buffer, count in
      for index in 0..<shape.count { unsafe buffer[index] = real[index] * scale }
      count = shape.count
    }
  }
}
