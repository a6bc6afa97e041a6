import Foundation
public import Volumetry

/// A pair of volumes of one object with a known misalignment and closed forms on both sides: Gaussian
/// blobs of density, seen by a fine instrument at points and by a coarse one through a Gaussian point
/// spread averaged over its voxels (products of error functions, exact for any rotation).
public struct BlobTwin: Sendable {
  public struct Blob: Sendable {
    /// In the frame of the fine volume, um.
    public var center: SIMD3<Double>
    public var sigma: Double
    public var amplitude: Double
  }

  public var blobs: [Blob]
  public var base = 1.0
  /// 4x4 by rows from coarse (fixed) to fine (moving) points; rigid.
  public var matrix: [[Double]]

  /// Blobs of several sizes, most of them pores, spread over a box grown by a fifth.
  public init(
    extent: SIMD3<Double>, origin: SIMD3<Double> = .zero, sizes: ClosedRange<Double>, count: Int,
    matrix: [[Double]], seed: UInt64
  ) {
    var random = SeededGenerator(seed: seed, stream: 11)
    blobs = (0..<count).map { _ in
      let place = SIMD3(random.uniform(), random.uniform(), random.uniform())
      let sigma = sizes.lowerBound * pow(sizes.upperBound / sizes.lowerBound, random.uniform())
      let sign = random.uniform() < 0.7 ? -1.0 : 1.0
      return Blob(
        center: origin + (1.2 * place - 0.1) * extent, sigma: sigma,
        amplitude: sign * (0.1 + 0.4 * random.uniform()))
    }
    self.matrix = matrix
  }

  /// What the fine instrument measures, with white noise.
  public func fine(grid: Grid, noise: Double, seed: UInt64) -> Volume<Float> {
    var volume = Volume<Float>(grid: grid, repeating: Float(base))
    volume.withVoxels { voxels in
      for blob in blobs { add(blob, to: &voxels, grid) }
      if noise > 0 {
        var random = SeededGenerator(seed: seed, stream: 12)
        for i in voxels.indices { voxels[i] += Float(noise * random.normal()) }
      }
    }
    return volume
  }

  private func add(_ blob: Blob, to voxels: inout [Float], _ grid: Grid) {
    let center = grid.coordinates(of: blob.center)
    let reach = 4.5 * blob.sigma / grid.spacing
    func range(_ c: Double, _ r: Double, _ n: Int) -> Range<Int> {
      let low = max(0, Int((c - r).rounded(.up)))
      let high = min(n - 1, Int((c + r).rounded(.down)))
      return low <= high ? low..<(high + 1) : 0..<0
    }
    func profile(_ range: Range<Int>, _ c: Double, _ h: Double) -> [Float] {
      range.map { Float(exp(-0.5 * pow((Double($0) - c) * h / blob.sigma, 2))) }
    }
    let xs = range(center.x, reach.x, grid.shape.x)
    let ys = range(center.y, reach.y, grid.shape.y)
    let zs = range(center.z, reach.z, grid.shape.z)
    let px = profile(xs, center.x, grid.spacing.x)
    let py = profile(ys, center.y, grid.spacing.y)
    let pz = profile(zs, center.z, grid.spacing.z)
    for (k, z) in zs.enumerated() {
      for (j, y) in ys.enumerated() {
        let scale = Float(blob.amplitude) * pz[k] * py[j]
        let start = grid.shape.index(z: z, y: y, x: xs.lowerBound)
        for i in px.indices { voxels[start + i] += scale * px[i] }
      }
    }
  }

  /// Mean density that the coarse instrument sees in each voxel; standard deviation `spread` um.
  public func coarse(grid: Grid, spread: SIMD3<Double>) -> Volume<Double> {
    var values = [Double](repeating: base, count: grid.shape.count)
    let rotation = matrix.prefix(3).map { Array($0.prefix(3)) }
    let shift = (0..<3).map { matrix[$0][3] }
    for blob in blobs {
      // The inverse of a rigid map: R^T (c - t).
      let d = (0..<3).map { blob.center[$0] - shift[$0] }
      var center = SIMD3<Double>.zero
      for i in 0..<3 { center[i] = (0..<3).reduce(0) { $0 + rotation[$1][i] * d[$1] } }
      func profile(_ axis: Int, _ n: Int) -> [Double] {
        let s = (blob.sigma * blob.sigma + spread[axis] * spread[axis]).squareRoot()
        let w = grid.spacing[axis]
        return (0..<n).map { i in
          let x = grid.origin[axis] + Double(i) * w - center[axis]
          let root = 2.0.squareRoot() * s
          return (erf((x + w) / root) - erf(x / root)) / w * (Double.pi / 2).squareRoot() * blob.sigma
        }
      }
      let px = profile(0, grid.shape.x)
      let py = profile(1, grid.shape.y)
      let pz = profile(2, grid.shape.z)
      for z in 0..<grid.shape.z where pz[z] > 1e-12 {
        for y in 0..<grid.shape.y where py[y] > 1e-12 {
          let scale = blob.amplitude * pz[z] * py[y]
          let start = grid.shape.index(z: z, y: y, x: 0)
          for x in px.indices { values[start + x] += scale * px[x] }
        }
      }
    }
    return Volume(grid: grid, voxels: values)
  }

  /// Poisson counts of the coarse instrument: `counts` in a voxel of density one.
  public func counts(
    grid: Grid, spread: SIMD3<Double>, counts: Double, seed: UInt64
  ) -> (values: Volume<Float>, variance: Volume<Float>) {
    let density = coarse(grid: grid, spread: spread)
    var random = SeededGenerator(seed: seed, stream: 13)
    let values = density.voxels.map { Float(random.poisson(max(0, counts * $0))) }
    return (
      Volume(grid: grid, voxels: values),
      Volume(grid: grid, voxels: values.map { max(1, $0) })
    )
  }
}
