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
  ///
  /// - Parameter slices: those that are wanted, of all where nil; their surroundings are read all the same.
  func gradient(
    _ indicator: [Float], shape: Shape, slices: Range<Int>? = nil
  ) -> (x: [Float], y: [Float], z: [Float]) {
    let slices = slices ?? 0..<shape.z
    let slice = shape.y * shape.x
    let part = Shape(z: slices.count, y: shape.y, x: shape.x)
    func along(_ kernel: Kernel) -> [Float] {
      let all = SeparableFilter.convolve(indicator, shape: shape, along: .z, with: kernel, threads: 1)
      return part.z == shape.z ? all : Array(all[(slices.lowerBound * slice)..<(slices.upperBound * slice)])
    }
    func across(_ values: [Float], _ y: Kernel, _ x: Kernel) -> [Float] {
      let rows = SeparableFilter.convolve(values, shape: part, along: .y, with: y, threads: 1)
      return SeparableFilter.convolve(rows, shape: part, along: .x, with: x, threads: 1)
    }
    let alongZ = along(smooth[2])
    return (
      across(alongZ, smooth[1], slope[0]), across(alongZ, slope[1], smooth[0]),
      across(along(slope[2]), smooth[1], smooth[0])
    )
  }
}
