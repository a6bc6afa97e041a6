public import Volumetry

/// Area of the surface of a phase per volume of the sample, in 1/um; in a single slice the length of its outline per
/// area, which has the same unit.
///
/// Each voxel face between the phase and another counts with its area times the cosine between the
/// face and the surface, whose normal is the gradient of the smoothed phase: faces alone would count
/// a tilted plane up to 1.73 times (voxel projection method; F. Flin et al., IEEE Trans. Image
/// Process. 14 (2005) 585). Border of the volume and the outside of the sample are no surface.
public enum SpecificSurface {
  /// - Throws: what reading throws, and `usage` where a block does not fit the memory budget.
  public static func measure(
    _ phase: PhaseLabels, resources: Resources = Resources()
  ) throws(VoxelithError) -> Double {
    try field(phase, cells: CellMap(whole: phase.grid), resources: resources).mean
  }

  /// Specific surface in each cell of a coarser grid. A face belongs to the cell of the voxel with
  /// the lower index; NaN where a cell holds no sample.
  public static func field(
    _ phase: PhaseLabels, cells map: CellMap, resources: Resources = Resources()
  ) throws(VoxelithError) -> CellField {
    let grid = phase.grid
    let stage = SurfaceStage(phase: phase, map: map)
    let plan = try BlockPlan(
      shape: grid.shape, halo: stage.halo, bytesPerVoxel: 32, memory: resources.memory / 2,
      inFlight: resources.threads + 1, chunk: phase.labels.chunkShape,
      minimumBlocks: 4 * resources.threads)
    let sums = try BlockStream.reduce(
      plan.blocks, stage: "surface", resources: resources,
      into: [SIMD3<Int64>](repeating: .zero, count: map.count)
    ) { (block) throws(VoxelithError) in
      try stage.faces(of: block)
    } combine: { total, part in
      for (cell, sum) in part { total[cell] &+= sum }
    }
    let counts = try phase.counts(in: map, resources: resources)
    let s = grid.spacing
    let areas = SIMD3(s.y * s.z, s.x * s.z, s.x * s.y)
    return CellField(
      grid: map.coarse,
      sums: sums.map { sum in
        (0..<3).reduce(0.0) { $0 + Double(sum[$1]) / SurfaceStage.one * areas[$1] }
      },
      weights: counts.sample.map { Double($0) * s.x * s.y * s.z })
  }
}

/// Faces of a block, as cosines summed in whole numbers of 2^-36, so that the order does not matter.
private struct SurfaceStage: Sendable {
  static let one = 0x1p36
  let phase: PhaseLabels
  let map: CellMap
  private let normals: SmoothNormals

  init(phase: PhaseLabels, map: CellMap) {
    self.phase = phase
    self.map = map
    normals = SmoothNormals(grid: phase.grid)
  }

  var halo: Shape { normals.halo }

  func faces(of block: Block) throws(VoxelithError) -> [(Int, SIMD3<Int64>)] {
    let shape = block.padded.shape
    let labels = try phase.labels.readLabels(block.padded)
    let indicator = labels.map { $0 == phase.phase ? Float(1) : 0 }
    guard indicator.contains(1) && indicator.contains(0) else { return [] }
    let core = block.core.relative(to: block.padded)
    let slices = core.z.lowerBound..<min(shape.z, core.z.upperBound + 1)
    let (gx, gy, gz) = normals.gradient(indicator, shape: shape, slices: slices)
    let skipped = slices.lowerBound * shape.y * shape.x
    var found: [Int: SIMD3<Int64>] = [:]
    // The cell of the last face, which most often is that of the next.
    var last = -1
    var sum = SIMD3<Int64>.zero
    let steps = [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
    for z in core.z {
      for y in core.y {
        let line = shape.index(z: z, y: y, x: 0)
        for (axis, step) in steps.enumerated() where z + step.0 < shape.z && y + step.1 < shape.y {
          let offset = shape.index(z: step.0, y: step.1, x: step.2)
          let columns = core.x.lowerBound..<min(core.x.upperBound, shape.x - step.2)
          guard !columns.isEmpty,
            let cells = map.row(z: block.padded.lower.z + z, y: block.padded.lower.y + y)
          else { continue }
          let first = line + columns.lowerBound
          let own = indicator.span.extracting(first..<(first + columns.count))
          let next = indicator.span.extracting((first + offset)..<(first + offset + columns.count))
          for place in own.indices where own[place] != next[place] {
            let i = first + place
            let j = i + offset
            let column = map.columns[block.padded.lower.x + columns.lowerBound + place]
            guard column >= 0, phase.isSample(labels[i]), phase.isSample(labels[j]) else { continue }
            let cell = cells + column
            let (a, b) = (i - skipped, j - skipped)
            let normal = SIMD3(
              Double(gx[a] + gx[b]), Double(gy[a] + gy[b]), Double(gz[a] + gz[b]))
            let length = (normal * normal).sum().squareRoot()
            let cosine = length > 0 ? abs(normal[axis]) / length : 1
            if cell != last {
              if last >= 0 { found[last, default: .zero] &+= sum }
              (last, sum) = (cell, .zero)
            }
            sum[axis] += Int64(cosine * Self.one)
          }
        }
      }
    }
    if last >= 0 { found[last, default: .zero] &+= sum }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
