public import Volumetry

/// The gradient of a map per µm, by a plane fitted to the voxels around each, with weights 1 / sigma^2.
///
/// Errors are those of the plane's slopes by the errors of the values, which neighbours do not share; gradients of
/// neighbouring voxels share values and are not independent. Along an axis of one voxel the gradient is not known (NaN).
public struct GradientField: Sendable {
  public let values: any VolumeSource
  public let sigmas: any VolumeSource
  /// Voxels to each side.
  public let radius: Int

  public init(values: any VolumeSource, sigmas: any VolumeSource, radius: Int = 1) {
    self.values = values
    self.sigmas = sigmas
    self.radius = radius
  }

  /// Components x, y, z of a block, and their errors.
  public struct BlockResult: Sendable {
    public var gradient: [[Float]]
    public var sigma: [[Float]]
  }

  /// - Throws: errors of reading.
  public func run(
    resources: Resources, consume: (Block, BlockResult) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    let shape = values.grid.shape
    let plan = try BlockPlan(
      shape: shape, halo: Shape(z: radius, y: radius, x: radius), bytesPerVoxel: 40,
      memory: resources.memory, inFlight: resources.threads + 1, minimumBlocks: 2 * resources.threads)
    try BlockStream.run(plan.blocks, stage: "gradient", resources: resources) {
      (block) throws(VoxelithError) in
      fit(block, try values.readFloats(block.padded), try sigmas.readFloats(block.padded))
    } consume: { (block, result) throws(VoxelithError) in
      try consume(block, result)
    }
  }

  private func fit(_ block: Block, _ value: [Float], _ sigma: [Float]) -> BlockResult {
    let shape = values.grid.shape
    let spacing = values.grid.spacing
    let padded = block.padded.shape
    let core = block.core.relative(to: block.padded)
    let nothing = [[Float]](repeating: [Float](repeating: .nan, count: core.count), count: 3)
    var result = BlockResult(gradient: nothing, sigma: nothing)
    let axes = [(0, shape.x), (1, shape.y), (2, shape.z)].filter { $0.1 > 1 }.map(\.0)
    guard !axes.isEmpty else { return result }
    let size = axes.count + 1
    var terms = [Double](repeating: 1, count: size)
    var right = terms
    var out = -1
    for z in core.z {
      for y in core.y {
        for x in core.x {
          out += 1
          let center = value[padded.index(z: z, y: y, x: x)]
          guard center.isFinite else { continue }
          var normal = Matrix(zeros: size, size)
          for i in 0..<size { right[i] = 0 }
          for dz in max(0, z - radius)...min(padded.z - 1, z + radius) {
            for dy in max(0, y - radius)...min(padded.y - 1, y + radius) {
              for dx in max(0, x - radius)...min(padded.x - 1, x + radius) {
                let index = padded.index(z: dz, y: dy, x: dx)
                let (number, error) = (Double(value[index]), Double(sigma[index]))
                guard number.isFinite, error.isFinite, error > 0 else { continue }
                let weight = 1 / (error * error)
                let offset = SIMD3(Double(dx - x), Double(dy - y), Double(dz - z)) * spacing
                for (i, axis) in axes.enumerated() { terms[i + 1] = offset[axis] }
                for i in 0..<size {
                  right[i] += weight * terms[i] * (number - Double(center))
                  for j in 0..<size { normal[i, j] += weight * terms[i] * terms[j] }
                }
              }
            }
          }
          guard let factor = Cholesky(normal, tolerance: 1e-9) else { continue }
          let slopes = factor.solve(right)
          let covariance = factor.inverse
          for (i, axis) in axes.enumerated() {
            result.gradient[axis][out] = Float(slopes[i + 1])
            result.sigma[axis][out] = Float(covariance[i + 1, i + 1].squareRoot())
          }
        }
      }
    }
    return result
  }
}
