import Volumetry

/// White noise in the frequencies of a field and its mirror images, the same for every field of that shape.
struct SurrogateNoise: Sendable {
  /// Of the field with its mirror images.
  let shape: Shape
  private let seed: UInt64
  /// Transforms that no thread uses: a plan takes as long as a transform.
  private let idle = Guarded<[RealFFT]>([])

  /// - Parameter shape: of the field.
  init(shape: Shape, seed: UInt64) {
    func side(_ n: Int) -> Int { n > 1 ? 2 * n : 1 }
    self.shape = Shape(z: side(shape.z), y: side(shape.y), x: side(shape.x))
    self.seed = seed
  }

  /// Spectrum of one field of noise, real and imaginary parts after each other.
  func spectrum(_ number: Int) throws(VoxelithError) -> [Float] {
    var random = SeededGenerator(seed: seed, stream: 0x5A_0000 + UInt64(number))
    let values = (0..<shape.count).map { _ in Float(random.normal()) }
    return try withTransform { $0.forward(values) }
  }

  /// Lends a transform to this thread alone.
  func withTransform<Result>(_ body: (RealFFT) -> Result) throws(VoxelithError) -> Result {
    let known = idle.withLock { $0.popLast() }
    let fft = if let known { known } else { try RealFFT(shape: shape) }
    defer { idle.withLock { $0.append(fft) } }
    return body(fft)
  }
}
