import CFFTW
import Foundation

/// Fourier transform of real volumes in double precision, by FFTW: as ``RealFFT``, where whole numbers must
/// come back as whole numbers.
@safe public final class RealFFT64: @unchecked Sendable {
  public let shape: Shape
  /// Number of complex values of the spectrum.
  public let spectrumCount: Int
  private let real: UnsafeMutablePointer<Double>
  private let complex: UnsafeMutablePointer<fftw_complex>
  private let forwardPlan: fftw_plan
  private let inversePlan: fftw_plan

  private static let planner = NSLock()

  /// - Throws: `internal` where FFTW makes no plan, for instance for want of memory.
  public init(shape: Shape) throws(VoxelithError) {
    guard let count = shape.checkedCount, count > 0, count < Int(Int32.max) * 4 else {
      throw VoxelithError(.data, "a volume of \(shape) voxels cannot be transformed")
    }
    let half = shape.z * shape.y * (shape.x / 2 + 1)
    guard let real = unsafe fftw_alloc_real(count), let complex = unsafe fftw_alloc_complex(half) else {
      throw VoxelithError(.internal, "no memory for the Fourier transform of \(shape) voxels")
    }
    Self.planner.lock()
    let forward = unsafe fftw_plan_dft_r2c_3d(
      Int32(shape.z), Int32(shape.y), Int32(shape.x), real, complex, UInt32(FFTW_ESTIMATE))
    let inverse = unsafe fftw_plan_dft_c2r_3d(
      Int32(shape.z), Int32(shape.y), Int32(shape.x), complex, real, UInt32(FFTW_ESTIMATE))
    Self.planner.unlock()
    guard let forward = unsafe forward, let inverse = unsafe inverse else {
      unsafe fftw_free(real)
      unsafe fftw_free(complex)
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
    unsafe fftw_destroy_plan(forwardPlan)
    unsafe fftw_destroy_plan(inversePlan)
    Self.planner.unlock()
    unsafe fftw_free(real)
    unsafe fftw_free(complex)
  }

  /// Spectrum of a real volume, as interleaved real and imaginary parts.
  ///
  /// One transform object serves one thread at a time.
  public func forward(_ values: [Double]) -> [Double] {
    precondition(values.count == shape.count)
    for index in 0..<values.count { unsafe real[index] = values[index] }
    unsafe fftw_execute(forwardPlan)
    return unsafe [Double](unsafeUninitializedCapacity: 2 * spectrumCount) { buffer, count in
      for index in 0..<spectrumCount {
        unsafe buffer[2 * index] = complex[index].0
        unsafe buffer[2 * index + 1] = complex[index].1
      }
      count = 2 * spectrumCount
    }
  }

  /// The real volume of a spectrum of interleaved real and imaginary parts.
  public func inverse(_ spectrum: [Double]) -> [Double] {
    precondition(spectrum.count == 2 * spectrumCount)
    for index in 0..<spectrumCount {
      unsafe complex[index].0 = spectrum[2 * index]
      unsafe complex[index].1 = spectrum[2 * index + 1]
    }
    unsafe fftw_execute(inversePlan)
    let scale = 1 / Double(shape.count)
    return unsafe [Double](unsafeUninitializedCapacity: shape.count) { buffer, count in
      for index in 0..<shape.count { unsafe buffer[index] = real[index] * scale }
      count = shape.count
    }
  }
}
