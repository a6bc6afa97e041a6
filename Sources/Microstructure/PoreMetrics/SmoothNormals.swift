import Volumetry

/// Which way a surface between voxels faces: gradients of indicators that a Gaussian has smoothed.
struct SmoothNormals: Sendable {
  /// Width of the Gaussian in units of the longest side of a voxel.
  static let width = 1.8

  private let smooth: [Kernel]
  private let slope: [Kernel]

  init(grid: Grid) {
    let sigma = Self.width * grid.longestSide
    let axes: [Axis] = [.x, .y, .z]
    // Nothing varies across a single slice, however thin.
    smooth = axes.map {
      grid.extends(along: $0)
        ? .gaussian(sigma: sigma / grid.spacing(along: $0), truncate: 3) : Kernel(weights: [1])
    }
    slope = axes.map { axis in
      guard grid.extends(along: axis) else { return Kernel(weights: [0]) }
      let kernel = Kernel.gaussian(sigma: sigma / grid.spacing(along: axis), order: 1, truncate: 3)
      return Kernel(weights: kernel.weights.map { $0 / Float(grid.spacing(along: axis)) })
    }
  }

  /// Voxels around one that its normal depends on, and one more for the neighbour across a face.
  var halo: Shape {
    Shape(z: smooth[2].radius + 1, y: smooth[1].radius + 1, x: smooth[0].radius + 1)
  }

  /// Components x, y, z per micrometre.
  func gradient(_ indicator: [Float], shape: Shape) -> (x: [Float], y: [Float], z: [Float]) {
    func filter(_ values: [Float], _ axis: Axis, _ kernel: Kernel) -> [Float] {
      SeparableFilter.convolve(values, shape: shape, along: axis, with: kernel, threads: 1)
    }
    let alongZ = filter(indicator, .z, smooth[2])
    return (
      filter(filter(alongZ, .y, smooth[1]), .x, slope[0]),
      filter(filter(alongZ, .y, slope[1]), .x, smooth[0]),
      filter(filter(filter(indicator, .z, slope[2]), .y, smooth[1]), .x, smooth[0])
    )
  }
}
