import Foundation
import Volumetry

/// How lithium spreads in a twin whose states follow each other.
public struct TwinDiffusion: Sendable, Hashable {
  /// Effective diffusivity along x, y, z in µm²/s.
  public var diffusivity: SIMD3<Double>
  /// Exchange coefficient at the separator's face, the lower one across z, in µm/s, and x outside.
  public var exchange: Double
  public var outside: Double
  /// Seconds since the first state.
  public var seconds: Double

  public init(diffusivity: SIMD3<Double>, exchange: Double, outside: Double, seconds: Double = 0) {
    self.diffusivity = diffusivity
    self.exchange = exchange
    self.outside = outside
    self.seconds = seconds
  }
}

/// x in a box while lithium passes one face, in closed form.
///
/// At the start x has one mean and a pattern of cosines in the plane; from then on it is exchanged at the lower face across z. Along the depth
/// the solution is the series of eigenfunctions cos(mu zeta) with mu tan mu = h L / D (J. Crank, The Mathematics of Diffusion, 2nd ed. 1975, equation
/// 4.50), and each cosine in the plane fades by its own exponential.
struct SpreadingField: Sendable {
  private let grid: Grid
  private let mean: Double
  private let outside: Double
  /// Roots mu, and the part of each at this time.
  private let roots: [(mu: Double, part: Double)]
  /// Half waves along x and y, and the amplitude of each at this time.
  private let patterns: [(x: Double, y: Double, amplitude: Double)]

  /// - Parameters:
  ///   - cell: sides of the cells about the points that are asked for, over which x is averaged; zero for x at the points.
  ///   - mean: x at the start.
  ///   - amplitude: standard deviation of the pattern at the start.
  init(
    grid: Grid, cell: SIMD3<Double>, mean: Double, amplitude: Double, diffusion: TwinDiffusion, seed: UInt64
  ) {
    /// What the mean over a cell leaves of a cosine.
    func left(_ wave: Double, _ side: Double) -> Double {
      let half = 0.5 * wave * side
      return half > 0 ? sin(half) / half : 1
    }
    self.grid = grid
    self.mean = mean
    outside = diffusion.outside
    let (depth, time) = (grid.extent.z, diffusion.seconds)
    let biot = diffusion.exchange * depth / diffusion.diffusivity.z
    // At the start x is the same at all depths, which the series gives at infinity only.
    roots = (0..<(time > 0 ? 120 : 0)).map { n in
      // The root lies between n pi and (n + 1/2) pi.
      var (low, high) = (Double(n) * .pi, (Double(n) + 0.5) * .pi)
      for _ in 0..<80 {
        let middle = 0.5 * (low + high)
        if middle * tan(middle) < biot { low = middle } else { high = middle }
      }
      let mu = 0.5 * (low + high)
      let start = 2 * sin(mu) / (mu + sin(mu) * cos(mu))
      return (
        mu,
        left(mu / depth, cell.z) * start * exp(-diffusion.diffusivity.z * mu * mu * time / (depth * depth))
      )
    }
    var random = SeededGenerator(seed: seed, stream: 11)
    var list: [(Double, Double, Double)] = []
    for p in 0...3 { for q in 0...3 where p + q > 0 { list.append((Double(p), Double(q), random.normal())) } }
    let power = list.reduce(0.0) { $0 + $1.2 * $1.2 * ($1.0 > 0 ? 0.5 : 1) * ($1.1 > 0 ? 0.5 : 1) }
    patterns = list.map { p, q, size in
      let (kx, ky) = (.pi * p / grid.extent.x, .pi * q / grid.extent.y)
      let rate = diffusion.diffusivity.x * kx * kx + diffusion.diffusivity.y * ky * ky
      let part = left(kx, cell.x) * left(ky, cell.y) * exp(-rate * time)
      return (p, q, amplitude * size / power.squareRoot() * part)
    }
  }

  /// x at a point in micrometres.
  func value(at point: SIMD3<Double>) -> Double {
    var place = (point - grid.origin) / grid.extent
    for axis in 0..<3 { place[axis] = min(max(place[axis], 0), 1) }
    let away = 1 - place.z
    let depth = roots.isEmpty ? 1 : roots.reduce(0.0) { $0 + $1.part * cos($1.mu * away) }
    let plane = patterns.reduce(0.0) {
      $0 + $1.amplitude * cos(.pi * $1.x * place.x) * cos(.pi * $1.y * place.y)
    }
    return outside + (mean - outside + plane) * depth
  }
}
