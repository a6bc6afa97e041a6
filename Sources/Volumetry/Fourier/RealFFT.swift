import CFFTW
import Foundation

/// Fourier transform of real volumes in single precision.
public typealias RealFFT = RealTransform<Float>

/// Fourier transform of real volumes in double precision, where whole numbers must come back as whole numbers.
public typealias RealFFT64 = RealTransform<Double>

/// Fourier transform of real volumes, by FFTW.
///
/// The spectrum has the shape (z, y, x / 2 + 1); forward then inverse gives the volume back (the
/// inverse divides by the number of voxels). Plans are made under a lock, since FFTW's planner is not
/// safe on several threads, with FFTW_ESTIMATE, so that the same input gives the same bits.
@safe
public final class RealTransform<Scalar: BinaryFloatingPoint & BitwiseCopyable & Sendable>:
  @unchecked Sendable
{
  public let shape: Shape
  /// Number of complex values of the spectrum.
  public let spectrumCount: Int
  private let library: FFTWLibrary<Scalar>
  private let real: UnsafeMutablePointer<Scalar>
  private let complex: UnsafeMutablePointer<Scalar>
  private let forwardPlan: fftw_plan
  private let inversePlan: fftw_plan

  init(shape: Shape, library: FFTWLibrary<Scalar>) throws(VoxelithError) {
    guard let count = shape.checkedCount, count > 0, count < Int(Int32.max) * 4 else {
      throw VoxelithError(.data, "a volume of \(shape) voxels cannot be transformed")
    }
    let half = shape.z * shape.y * (shape.x / 2 + 1)
    guard let real = unsafe library.allocateReal(count), let complex = unsafe library.allocateComplex(half)
    else {
      throw VoxelithError(.internal, "no memory for the Fourier transform of \(shape) voxels")
    }
    let sides = (Int32(shape.z), Int32(shape.y), Int32(shape.x))
    planner.lock()
    let forward = unsafe library.planForward(sides, real, complex)
    let inverse = unsafe library.planInverse(sides, complex, real)
    planner.unlock()
    guard let forward = unsafe forward, let inverse = unsafe inverse else {
      unsafe library.free(real)
      unsafe library.free(complex)
      throw VoxelithError(.internal, "FFTW made no plan for \(shape) voxels")
    }
    self.shape = shape
    self.library = library
    self.spectrumCount = half
    unsafe self.real = real
    unsafe self.complex = complex
    unsafe self.forwardPlan = forward
    unsafe self.inversePlan = inverse
  }

  deinit {
    planner.lock()
    unsafe library.destroy(forwardPlan)
    unsafe library.destroy(inversePlan)
    planner.unlock()
    unsafe library.free(real)
    unsafe library.free(complex)
  }

  /// Spectrum of a real volume, as interleaved real and imaginary parts.
  ///
  /// One transform object serves one thread at a time.
  public func forward(_ values: [Scalar]) -> [Scalar] {
    precondition(values.count == shape.count)
    unsafe values.withUnsafeBufferPointer { unsafe Self.copy($0, to: real) }
    unsafe library.execute(forwardPlan)
    return unsafe Array(UnsafeBufferPointer(start: complex, count: 2 * spectrumCount))
  }

  /// The real volume of a spectrum of interleaved real and imaginary parts.
  public func inverse(_ spectrum: [Scalar]) -> [Scalar] {
    precondition(spectrum.count == 2 * spectrumCount)
    unsafe spectrum.withUnsafeBufferPointer { unsafe Self.copy($0, to: complex) }
    unsafe library.execute(inversePlan)
    let values = unsafe UnsafeMutableBufferPointer(start: real, count: shape.count)
    unsafe library.scale(values, 1 / Scalar(shape.count))
    return unsafe Array(values)
  }

  private static func copy(_ values: UnsafeBufferPointer<Scalar>, to target: UnsafeMutablePointer<Scalar>) {
    guard let base = values.baseAddress else { return }
    unsafe target.update(from: base, count: values.count)
  }
}

private let planner = NSLock()

extension RealTransform<Float> {
  /// - Throws: `data` for an empty or too large volume, `internal` where FFTW makes no plan, for instance for
  ///   want of memory.
  public convenience init(shape: Shape) throws(VoxelithError) {
    try self.init(shape: shape, library: .single)
  }
}

extension RealTransform<Double> {
  /// - Throws: `data` for an empty or too large volume, `internal` where FFTW makes no plan, for instance for
  ///   want of memory.
  public convenience init(shape: Shape) throws(VoxelithError) {
    try self.init(shape: shape, library: .double)
  }
}
