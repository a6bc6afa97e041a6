public import Volumetry

/// A smooth field of lithium content: a gradient through the depth and a slow lateral variation.
public struct LithiumField: Sendable {
  private let waves: PlaneWaveField
  private let mean: Double
  private let gradient: Double
  private let amplitude: Double
  private let limits: ClosedRange<Double>
  private let depth: (origin: Double, extent: Double)
  /// Takes the place of all of this where lithium spreads.
  private let spreading: SpreadingField?

  /// - Parameters:
  ///   - mean: x in the middle of the depth.
  ///   - gradient: change of x from the first to the last slice.
  ///   - amplitude: standard deviation of the lateral variation.
  ///   - limits: x is kept within, unless lithium spreads.
  ///   - cell: sides over which spreading lithium is averaged about each point.
  ///   - diffusion: has x begin with its mean and a pattern in the plane, and spread from then on; there is no gradient then.
  public init(
    grid: Grid, mean: Double = 0.55, gradient: Double = 0.3, amplitude: Double = 0.07,
    limits: ClosedRange<Double> = 0.05...0.98, diffusion: TwinDiffusion? = nil,
    cell: SIMD3<Double> = .zero, seed: UInt64
  ) {
    let longest = max(grid.extent.x, grid.extent.y, grid.extent.z)
    waves = PlaneWaveField(seed: seed, stream: 3, wavelength: 0.6 * longest, count: 48)
    self.mean = mean
    self.gradient = gradient
    self.amplitude = amplitude
    self.limits = limits
    depth = (grid.origin.z, grid.extent.z)
    spreading = diffusion.map {
      SpreadingField(grid: grid, cell: cell, mean: mean, amplitude: amplitude, diffusion: $0, seed: seed)
    }
  }

  /// x at a point in micrometres.
  public func value(at point: SIMD3<Double>) -> Double {
    if let spreading { return spreading.value(at: point) }
    let relative = (point.z - depth.origin) / depth.extent - 0.5
    let x = mean + gradient * relative + amplitude * waves.value(at: point)
    return min(max(x, limits.lowerBound), limits.upperBound)
  }
}
