import Volumetry

/// Transforms of one area that threads use again: a plan takes as long as a transform.
struct PairTransforms: Sendable {
  private let frame: Shape
  private let idle = Guarded<[RealFFT64]>([])

  init(frame: Shape) { self.frame = frame }

  /// Lends a transform to this thread alone.
  func lend<Result>(_ body: (RealFFT64) -> Result) throws(VoxelithError) -> Result {
    let known = idle.withLock { $0.popLast() }
    let transform = if let known { known } else { try RealFFT64(shape: frame) }
    defer { idle.withLock { $0.append(transform) } }
    return body(transform)
  }
}
