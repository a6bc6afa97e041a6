import Volumetry

/// Surface of each particle against what is no particle: faces of voxels times the cosine to the normal of the surface of all
/// particles together, as ``SpecificSurface`` has it.
struct ParticleSurface {
  private let labels: Volume<UInt32>
  private let phase: PhaseLabels?

  init(_ separation: ParticleSeparation, phase: PhaseLabels?) {
    labels = separation.labels
    self.phase = phase
    count = separation.count
  }

  private let count: Int
  private static let one = 0x1p36

  /// Square micrometres, in the order of the numbers.
  func measure(resources: Resources) throws(VoxelithError) -> [Double] {
    let grid = labels.grid
    let normals = SmoothNormals(grid: grid)
    let plan = try BlockPlan(
      shape: grid.shape, halo: normals.halo, bytesPerVoxel: 32, memory: resources.memory / 2,
      inFlight: resources.threads + 1, minimumBlocks: 4 * resources.threads)
    let (labels, phase) = (labels, phase)
    let sums = try BlockStream.reduce(
      plan.blocks, stage: "surface of particles", resources: resources,
      into: [SIMD3<Int64>](repeating: .zero, count: count)
    ) { (block) throws(VoxelithError) in
      try Self.faces(of: block, labels: labels, phase: phase, normals: normals)
    } combine: { total, part in
      for (particle, sum) in part { total[particle] &+= sum }
    }
    let s = grid.spacing
    let areas = SIMD3(s.y * s.z, s.x * s.z, s.x * s.y)
    return sums.map { sum in
      (0..<3).reduce(0.0) { $0 + Double(sum[$1]) / Self.one * areas[$1] }
    }
  }

  private static func faces(
    of block: Block, labels: Volume<UInt32>, phase: PhaseLabels?, normals: SmoothNormals
  ) throws(VoxelithError) -> [(Int, SIMD3<Int64>)] {
    let shape = block.padded.shape
    let numbers = labels.crop(block.padded)
    let indicator = numbers.map { $0 != 0 ? Float(1) : 0 }
    guard indicator.contains(1) && indicator.contains(0) else { return [] }
    var isSample = [Bool](repeating: true, count: numbers.count)
    if let phase { isSample = try phase.labels.readLabels(block.padded).map { phase.isSample($0) } }
    let (gx, gy, gz) = normals.gradient(indicator, shape: shape)
    var found: [Int: SIMD3<Int64>] = [:]
    let core = block.core.relative(to: block.padded)
    let steps = [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
    for z in core.z {
      for y in core.y {
        for x in core.x {
          let i = shape.index(z: z, y: y, x: x)
          for (axis, step) in steps.enumerated() {
            guard z + step.0 < shape.z && y + step.1 < shape.y && x + step.2 < shape.x else { continue }
            let j = i + shape.index(z: step.0, y: step.1, x: step.2)
            guard indicator[i] != indicator[j], isSample[i], isSample[j] else { continue }
            let normal = SIMD3(Double(gx[i] + gx[j]), Double(gy[i] + gy[j]), Double(gz[i] + gz[j]))
            let length = (normal * normal).sum().squareRoot()
            let cosine = length > 0 ? abs(normal[axis]) / length : 1
            found[Int(max(numbers[i], numbers[j])) - 1, default: .zero][axis] += Int64(cosine * one)
          }
        }
      }
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
