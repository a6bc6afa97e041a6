public import Volumetry

/// The width of the scan's blur with its error.
///
/// The fit takes faces to lie between voxels. Faces that cut voxels anywhere widen it: a place within a voxel has a
/// variance of 1/12, and labels that follow it add a little. Which of the two a volume has shows in what the blurred labels
/// leave of the voxels near faces: it is compared with what they leave of two scans made from the same labels, one with
/// faces between voxels, one with faces of a smoothed field that cut them.
extension PartialVolume {
  /// Variance of the blur in voxels^2, and the standard deviation of its error.
  public struct BlurVariance: Sendable, Codable, Hashable {
    public let value: Double
    public let sigma: Double

    enum CodingKeys: String, CodingKey {
      case sigma
      case value = "voxels2"
    }
  }

  /// By how much faces that cut voxels widen the fitted variance, in voxels^2.
  private static let widening = 0.1
  /// Error of a fitted variance beside that of the faces, in voxels^2.
  private static let fitError = 0.02
  /// Error of the part of faces that cut voxels: made faces are not those of the volume.
  private static let likeness = 0.3

  /// - Parameter source: the volume that the blur was fitted to.
  public func blurVariance(
    in source: any VolumeSource, resources: Resources = Resources()
  ) throws(VoxelithError) -> BlurVariance {
    let (cut, error) = try cutFaces(in: source)
    let variance = max(0, blur * blur - Self.widening * cut)
    let part = Self.widening * error
    return BlurVariance(
      value: variance, sigma: (part * part + Self.fitError * Self.fitError).squareRoot())
  }

  /// Part of the faces that cut voxels, from 0 to 1, and its error.
  private func cutFaces(in source: any VolumeSource) throws(VoxelithError) -> (part: Double, sigma: Double) {
    let unknown = (part: 0.5, sigma: 0.5)
    // A smoothed face between the outer of three phases would have a film of the middle one.
    guard blur > 0, means.count == 2 else { return unknown }
    let box = Region(centered: Self.side, in: source.grid.shape)
    let shape = box.shape
    let grey = try source.readFloats(box)
    guard grey.allSatisfy({ $0.isFinite }) else { return unknown }
    var tile = PartialVolumeTile(grey, shape: shape, model: self)
    tile.relax()
    let real = FaceResiduals(tile, grey: grey, shape: shape, model: self)
    guard let noise = real.noise else { return unknown }
    let labels = tile.labels.map { Float(means[Int($0)]) }
    func made(_ scan: [Float], variance: Double) -> FaceResiduals {
      let width = max(0, variance).squareRoot()
      var blurred = SeparableFilter.gaussian(
        scan, shape: shape,
        sigma: SIMD3(shape.x > 1 ? width : 0, shape.y > 1 ? width : 0, shape.z > 1 ? width : 0), threads: 1)
      var generator = SeededGenerator(seed: 20242)
      for i in blurred.indices { blurred[i] += Float(noise * generator.normal()) }
      var tile = PartialVolumeTile(blurred, shape: shape, model: self)
      tile.relax()
      return FaceResiduals(tile, grey: blurred, shape: shape, model: self)
    }
    let whole = made(labels, variance: blur * blur)
    let cut = made(Self.smoothlyCut(tile.labels, means, shape), variance: blur * blur - Self.widening)
    let range = cut.excess - whole.excess
    guard range > 0 else { return unknown }
    let part = min(1, max(0, (real.excess - whole.excess) / range))
    let own = real.excessError / range
    // Nothing known beforehand: one half, give or take one half.
    let weight = 1 / (own * own + Self.likeness * Self.likeness)
    let prior = 4.0
    return ((weight * part + prior * 0.5) / (weight + prior), 1 / (weight + prior).squareRoot())
  }

  /// Parts of a voxel along an axis at which a smoothed field is looked at.
  private static let parts = 3

  /// Labels whose faces are those of the smoothed label volume, each voxel the mean over its parts.
  private static func smoothlyCut(_ labels: [UInt8], _ means: [Double], _ shape: Shape) -> [Float] {
    let smooth = SeparableFilter.gaussian(
      labels.map { Float($0) }, shape: shape,
      sigma: SIMD3(shape.x > 1 ? 1 : 0, shape.y > 1 ? 1 : 0, shape.z > 1 ? 1 : 0), threads: 1)
    var result = [Float](repeating: 0, count: labels.count)
    let offsets = (0..<parts).map { (Float($0) + 0.5) / Float(parts) - 0.5 }
    let top = means.count - 1
    let values = means.map { Float($0) }
    let field = smooth.span
    func at(_ z: Int, _ y: Int, _ x: Int) -> Float {
      field[
        shape.index(
          z: min(max(z, 0), shape.z - 1), y: min(max(y, 0), shape.y - 1), x: min(max(x, 0), shape.x - 1))]
    }
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let i = shape.index(z: z, y: y, x: x)
          let middle = field[i]
          let near = [
            at(z - 1, y, x), at(z + 1, y, x), at(z, y - 1, x), at(z, y + 1, x), at(z, y, x - 1),
            at(z, y, x + 1),
          ]
          // Half the slopes to both sides, along each axis.
          func slope(_ low: Float, _ high: Float, _ part: Float) -> Float {
            part < 0 ? part * (middle - low) : part * (high - middle)
          }
          var sum: Float = 0
          for dz in offsets {
            let a = slope(near[0], near[1], dz)
            for dy in offsets {
              let b = slope(near[2], near[3], dy)
              for dx in offsets {
                let value = middle + a + b + slope(near[4], near[5], dx)
                sum += values[min(top, max(0, Int(value.rounded())))]
              }
            }
          }
          result[i] = sum / Float(parts * parts * parts)
        }
      }
    }
    return result
  }
}

/// What blurred labels leave of the voxels near faces, beyond what they leave far from them.
private struct FaceResiduals {
  /// Mean square near faces less that of the noise.
  let excess: Double
  /// Standard deviation of the excess.
  let excessError: Double
  /// Standard deviation of the noise far from faces; nil where there are too few voxels.
  let noise: Double?

  private static let fewest = 1000

  init(_ tile: PartialVolumeTile, grey: [Float], shape: Shape, model: PartialVolume) {
    let blurred = tile.blurredLabels()
    let means = model.means
    let range = (means.last ?? 1) - (means.first ?? 0)
    var (near, far) = (Moments(), Moments())
    for i in grey.indices {
      let own = means[Int(tile.labels[i])]
      let away = abs(Double(blurred[i]) - own)
      let rest = Double(grey[i] - blurred[i])
      if away > 0.1 * range { near.add(rest * rest) } else if away < 1e-3 * range { far.add(rest * rest) }
    }
    noise = far.count >= Self.fewest && near.count >= Self.fewest ? far.mean.squareRoot() : nil
    excess = near.mean - far.mean
    excessError =
      (near.variance / Double(max(1, near.count)) + far.variance / Double(max(1, far.count))).squareRoot()
  }
}
