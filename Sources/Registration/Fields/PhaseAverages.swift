public import Volumetry

/// Phases of a label volume averaged over boxes of voxels: small volumes of fractions that stand for labels larger
/// than memory wherever the resolution of a coarse voxel is enough.
public struct PhaseAverages: Sendable {
  public let grid: Grid
  /// Fractions of each phase, in the order in which they were asked for.
  public let fractions: [Volume<Float>]

  /// Averages in one pass over the labels.
  ///
  /// - Parameter factor: voxels per box along each axis, cut to the sides of the volume; boxes that would not be
  ///   full at the far border are left out.
  /// - Throws: `usage` for an empty list or a label twice, and what reading throws.
  public init(
    of labels: any VolumeSource, phases: [Int], by factor: Shape, resources: Resources = Resources()
  ) throws(VoxelithError) {
    try Self.check(phases)
    let view = BinnedVolume(labels, by: factor)
    let box = view.factor
    let grid = view.grid
    var fractions = [Volume<Float>](repeating: Volume(grid: grid, repeating: 0), count: phases.count)
    let plan = try BlockPlan(
      shape: grid.shape, bytesPerVoxel: 4 * box.count + 4 * phases.count, memory: resources.memory,
      inFlight: resources.threads + 1, minimumBlocks: 2 * resources.threads)
    try BlockStream.run(plan.blocks, stage: "average phases", resources: resources) {
      (block) throws(VoxelithError) -> [[Float]] in
      let core = block.core
      let piece = Region(
        lower: Shape(z: core.lower.z * box.z, y: core.lower.y * box.y, x: core.lower.x * box.x),
        shape: Shape(z: core.shape.z * box.z, y: core.shape.y * box.y, x: core.shape.x * box.x))
      let classes = Self.classes(of: try labels.readLabels(piece), phases: phases)
      return Self.average(classes, shape: piece.shape, box: box, phases: phases.count)
    } consume: { (block, values) throws(VoxelithError) in
      for phase in phases.indices { fractions[phase].paste(values[phase], into: block.core) }
    }
    self.grid = grid
    self.fractions = fractions
  }

  static func check(_ phases: [Int]) throws(VoxelithError) {
    guard !phases.isEmpty, phases.count < 128, Set(phases).count == phases.count,
      phases.allSatisfy({ (0...65535).contains($0) })
    else {
      throw VoxelithError(.usage, "the phases must be different labels from 0 to 65535: \(phases)")
    }
  }

  /// Place of each label in the list of phases; -1 where it is not among them.
  static func classes(of labels: [UInt32], phases: [Int]) -> [Int8] {
    var table = [Int8](repeating: -1, count: 1 + (phases.max() ?? 0))
    for (index, phase) in phases.enumerated() { table[phase] = Int8(truncatingIfNeeded: index) }
    return labels.map { $0 < table.count ? table[Int($0)] : -1 }
  }

  private static func average(_ classes: [Int8], shape: Shape, box: Shape, phases: Int) -> [[Float]] {
    let coarse = Shape(z: shape.z / box.z, y: shape.y / box.y, x: shape.x / box.x)
    var sums = [[Float]](repeating: [Float](repeating: 0, count: coarse.count), count: phases)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let start = (z * shape.y + y) * shape.x
        let target = (z / box.z * coarse.y + y / box.y) * coarse.x
        for x in 0..<shape.x where classes[start + x] >= 0 {
          sums[Int(classes[start + x])][target + x / box.x] += 1
        }
      }
    }
    let weight = 1 / Float(box.count)
    return sums.map { $0.map { $0 * weight } }
  }
}
