public import Volumetry

/// A slow multiplicative course of grey that comes from the scanner and not from the sample: beam
/// hardening, a polynomial of the distance from the axis of rotation, and drift from slice to slice.
///
/// The grey value of a voxel is divided by `radial(r) * slices[z]`; both have mean 1 over the sample.
public struct BiasModel: Sendable, Hashable, Codable {
  /// Which courses are fitted.
  public struct Options: Sendable, Hashable {
    public var radial: Bool
    public var drift: Bool
    /// Axis of rotation (x, y) in micrometres; the middle of the grid where nil.
    public var center: SIMD2<Double>?

    public init(radial: Bool = false, drift: Bool = false, center: SIMD2<Double>? = nil) {
      self.radial = radial
      self.drift = drift
      self.center = center
    }
  }

  public let center: [Double]
  /// Distance at which the scaled radius is 1, in micrometres.
  public let radius: Double
  /// Coefficients of 1, s, s^2, s^3 with s the square of the scaled radius.
  public let radial: [Double]
  public let slices: [Double]

  enum CodingKeys: String, CodingKey {
    case radial, slices
    case center = "center_xy_um"
    case radius = "radius_um"
  }

  /// Factor at a scaled squared radius.
  func radialFactor(_ s: Double) -> Double {
    radial[0] + s * (radial[1] + s * (radial[2] + s * radial[3]))
  }

  /// Fits the courses to the means over rings and over slices.
  ///
  /// The means follow the bias only where phases are mixed alike at every radius and in every slice,
  /// which holds for a representative sample; that is the assumption behind the correction.
  ///
  /// - Throws: `data` where no voxel lies in the mask, or a mean is not positive.
  public static func fit(
    _ source: any VolumeSource, mask: (any VolumeSource)? = nil, options: Options,
    resources: Resources = Resources()
  ) throws(VoxelithError) -> BiasModel {
    try checkMask(mask, of: source)
    let grid = source.grid
    let rings = RingMap(grid: grid, center: options.center)
    let slices = Block.slices(of: grid.shape)
    var means: [Double] = []
    var sums = [SIMD2<Double>](repeating: .zero, count: RingMap.count)
    try BlockStream.run(slices, stage: "bias of grey", resources: resources) {
      (block) throws(VoxelithError) -> [SIMD2<Double>] in
      rings.sums(try source.readFloats(block.core), try mask?.readFloats(block.core))
    } consume: { (_, part) throws(VoxelithError) in
      let slice = part.reduce(SIMD2<Double>.zero, +)
      means.append(slice.y > 0 ? slice.x / slice.y : .nan)
      for ring in sums.indices { sums[ring] += part[ring] }
    }
    let total = sums.reduce(SIMD2<Double>.zero, +)
    let mean = total.x / total.y
    guard mean.isFinite && mean > 0 else {
      throw VoxelithError(
        .data, "the mean grey value is \(mean), and a bias is a factor of a positive grey",
        file: source.name, advice: "check the mask, or shift the grey values above zero")
    }
    let radial = options.radial ? rings.fit(sums, mean: mean) : [1, 0, 0, 0]
    return BiasModel(
      center: [rings.center.x, rings.center.y], radius: rings.radius, radial: radial,
      slices: means.map { options.drift && $0.isFinite && $0 > 0 ? $0 / mean : 1 })
  }
}

/// Rings of equal area about the axis of rotation.
private struct RingMap: Sendable {
  static let count = 64
  let center: SIMD2<Double>
  let radius: Double
  private let grid: Grid

  init(grid: Grid, center: SIMD2<Double>?) {
    self.grid = grid
    self.center = center ?? SIMD2(grid.middle.x, grid.middle.y)
    var farthest = 0.0
    for x in [grid.origin.x, grid.origin.x + grid.extent.x] {
      for y in [grid.origin.y, grid.origin.y + grid.extent.y] {
        let d = SIMD2(x, y) - self.center
        farthest = max(farthest, (d * d).sum())
      }
    }
    radius = farthest.squareRoot()
  }

  /// Sum of grey and number of voxels for each ring of one slice.
  func sums(_ values: [Float], _ mask: [Float]?) -> [SIMD2<Double>] {
    var result = [SIMD2<Double>](repeating: .zero, count: Self.count)
    var i = 0
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        defer { i += 1 }
        guard values[i].isFinite && (mask.map { $0[i] > 0 } ?? true) else { continue }
        let p = grid.center(z: 0, y: y, x: x)
        let d = SIMD2(p.x, p.y) - center
        let ring = Int((d * d).sum() / (radius * radius) * Double(Self.count))
        result[min(ring, Self.count - 1)] += SIMD2(Double(values[i]), 1)
      }
    }
    return result
  }

  /// Cubic in the squared radius through the ring means, weighted by their voxels.
  func fit(_ sums: [SIMD2<Double>], mean: Double) -> [Double] {
    let terms = min(4, sums.count { $0.y > 0 })
    var normal = Matrix(zeros: terms, terms)
    var right = [Double](repeating: 0, count: terms)
    for (ring, sum) in sums.enumerated() where sum.y > 0 {
      let s = (Double(ring) + 0.5) / Double(Self.count)
      var powers = [1.0]
      for _ in 1..<max(2, terms) { powers.append(powers[powers.count - 1] * s) }
      for a in 0..<terms {
        right[a] += powers[a] * sum.x / mean
        for b in 0..<terms { normal[a, b] += powers[a] * powers[b] * sum.y }
      }
    }
    guard let factor = Cholesky(normal) else { return [1, 0, 0, 0] }
    return factor.solve(right) + [Double](repeating: 0, count: 4 - terms)
  }
}

/// A volume freed of a bias.
public struct BiasCorrectedView: VolumeSource {
  public let source: any VolumeSource
  public let model: BiasModel

  public init(_ source: any VolumeSource, _ model: BiasModel) {
    self.source = source
    self.model = model
  }

  public var grid: Grid { source.grid }
  public var voxelType: VoxelType { .float32 }
  public var chunkShape: Shape { source.chunkShape }
  public var name: String { source.name }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    var values = try source.readFloats(region)
    var i = 0
    for z in region.z {
      for y in region.y {
        let dy = grid.origin.y + (Double(y) + 0.5) * grid.spacing.y - model.center[1]
        for x in region.x {
          let dx = grid.origin.x + (Double(x) + 0.5) * grid.spacing.x - model.center[0]
          let s = (dx * dx + dy * dy) / (model.radius * model.radius)
          values[i] /= Float(model.radialFactor(s) * model.slices[z])
          i += 1
        }
      }
    }
    return .float32(values)
  }
}
