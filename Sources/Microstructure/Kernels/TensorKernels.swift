import Volumetry

/// Weights of a filter at offsets -radius ... +radius.
struct Taps: Sendable {
  private let weights: [Float]
  var count: Int { weights.count }
  var radius: Int { weights.count / 2 }

  init(_ kernel: Kernel) { weights = kernel.weights }

  /// Lends the first weight.
  func withPointer(_ body: (UnsafePointer<Float>) -> Void) {
    unsafe weights.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      unsafe body(base)
    }
  }
}

/// One-dimensional kernels of the structure tensor, in micrometres, for each axis of a grid.
struct TensorKernels: Sendable {
  struct AxisKernels: Sendable {
    /// Gaussian of width sigma.
    let smooth: Taps
    /// Its derivative per micrometre.
    let slope: Taps
    /// Gaussian times distance in micrometres and times its square: moments for masked gradients.
    let first: Taps
    let second: Taps
    /// Window of width rho.
    let window: Taps
  }

  let x: AxisKernels
  let y: AxisKernels
  let z: AxisKernels

  init(spacing: SIMD3<Double>, sigma: Double, rho: Double, truncate: Double) {
    func kernels(_ step: Double) -> AxisKernels {
      let smooth = Kernel.gaussian(sigma: sigma / step, truncate: truncate)
      let slope = Kernel.gaussian(sigma: sigma / step, order: 1, truncate: truncate)
      let distances = (-smooth.radius...smooth.radius).map { Float(Double($0) * step) }
      let first = zip(smooth.weights, distances).map { $0 * $1 }
      return AxisKernels(
        smooth: Taps(smooth), slope: Taps(Kernel(weights: slope.weights.map { $0 / Float(step) })),
        first: Taps(Kernel(weights: first)),
        second: Taps(Kernel(weights: zip(first, distances).map { $0 * $1 })),
        window: Taps(.gaussian(sigma: rho / step, truncate: truncate)))
    }
    x = kernels(spacing.x)
    y = kernels(spacing.y)
    z = kernels(spacing.z)
  }

  /// Reach of the gradient in voxels.
  var gradientHalo: Shape {
    Shape(z: z.smooth.radius, y: y.smooth.radius, x: x.smooth.radius)
  }
  /// Reach of the window in voxels.
  var windowHalo: Shape { Shape(z: z.window.radius, y: y.window.radius, x: x.window.radius) }
}
