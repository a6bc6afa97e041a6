import Volumetry

/// Numbers of pairs of voxels by the step from one to the other, counted block by block with Fourier
/// transforms.
///
/// A pair belongs to the block of its first voxel; the second may lie as far beyond the block as the
/// longest step. Numbers of pairs are whole, so what double precision leaves of the transform's noise is
/// rounded away, and the sum over the blocks does not depend on the cut.
struct PairCounts: Sendable {
  /// Longest steps along each axis; those along x run from zero, since a pair has two orders.
  let lags: Shape
  /// Pairs within the phase.
  private var pairs: [Int64]
  /// Pairs within the sample; nil where it fills the volume.
  private var all: [Int64]?
  private let volume: Shape

  /// Bytes that a transform takes for each voxel of its frame, all arrays together.
  private static let bytesPerVoxel = 52

  init(_ phase: PhaseLabels, lags: Shape, resources: Resources) throws(VoxelithError) {
    let counts = try phase.counts(in: CellMap(whole: phase.grid), resources: resources)
    guard counts.sample[0] > 0 else {
      throw VoxelithError(.data, "no voxel belongs to the sample", file: phase.labels.name)
    }
    self.lags = lags
    volume = phase.grid.shape
    let empty = [Int64](repeating: 0, count: Self.size(of: lags).count)
    pairs = empty
    all = counts.sample[0] < volume.count ? empty : nil
    let plan = try Self.plan(
      volume, lags: lags, needsSample: all != nil, resources: resources, file: phase.labels.name)
    let lags = lags
    let needsSample = all != nil
    try BlockStream.run(plan.blocks, stage: "correlation", resources: plan.resources) {
      (block) throws(VoxelithError) in
      try Frame(block, phase: phase, lags: lags, shape: plan.frame, offset: plan.offset)
        .counts(needsSample: needsSample)
    } consume: { (_, found) throws(VoxelithError) in
      for i in found.pairs.indices { pairs[i] += found.pairs[i] }
      for i in found.all.indices { all?[i] += found.all[i] }
    }
  }

  /// Pairs at a step, and those of the sample.
  func counted(z: Int, y: Int, x: Int) -> (pairs: Double, all: Double) {
    let i = Self.size(of: lags).index(z: z + lags.z, y: y + lags.y, x: x)
    let free = (volume.z - abs(z)) * (volume.y - abs(y)) * (volume.x - abs(x))
    return (Double(pairs[i]), all.map { Double($0[i]) } ?? Double(free))
  }

  private static func size(of lags: Shape) -> Shape {
    Shape(z: 2 * lags.z + 1, y: 2 * lags.y + 1, x: lags.x + 1)
  }

  /// How the volume is cut: the largest blocks whose frames fit the budget.
  private static func plan(
    _ shape: Shape, lags: Shape, needsSample: Bool, resources: Resources, file: String
  ) throws(VoxelithError) -> (blocks: [Block], frame: Shape, offset: Shape, resources: Resources) {
    var core = shape
    // An axis that is not cut needs room for steps beyond one end only, as x always does.
    func offset() -> Shape {
      Shape(z: core.z < shape.z ? lags.z : 0, y: core.y < shape.y ? lags.y : 0, x: 0)
    }
    func frame() -> Shape {
      var result = core
      for axis in Axis.allCases { result[axis] = goodLength(core[axis] + lags[axis] + offset()[axis]) }
      return result
    }
    let sums = size(of: lags).count * 8 * (needsSample ? 2 : 1)
    func bytes() -> Int { frame().count * bytesPerVoxel + 2 * sums }
    while bytes() + sums > resources.memory {
      let longest = Axis.allCases.max { core[$0] < core[$1] } ?? .z
      guard core[longest] > 1 else {
        throw VoxelithError(
          .usage, "the two-point correlation needs \((bytes() + sums) / 1_000_000 + 1) MB", file: file,
          advice: "raise --memory, or lower the reach")
      }
      core[longest] = (core[longest] + 1) / 2
    }
    var blocks: [Block] = []
    for z in stride(from: 0, to: shape.z, by: core.z) {
      for y in stride(from: 0, to: shape.y, by: core.y) {
        for x in stride(from: 0, to: shape.x, by: core.x) {
          let lower = Shape(z: z, y: y, x: x)
          let sides = Shape(
            z: min(core.z, shape.z - z), y: min(core.y, shape.y - y), x: min(core.x, shape.x - x))
          blocks.append(Block(index: blocks.count, region: Region(lower: lower, shape: sides)))
        }
      }
    }
    var resources = resources
    resources.threads = max(1, min(resources.threads, (resources.memory - sums) / bytes()))
    return (blocks, frame(), offset(), resources)
  }

  /// The next length whose only factors are 2, 3, 5 and 7.
  static func goodLength(_ least: Int) -> Int {
    var length = least
    while true {
      var rest = length
      for factor in [2, 3, 5, 7] { while rest % factor == 0 { rest /= factor } }
      if rest == 1 { return length }
      length += 1
    }
  }

  /// The voxels of a block and those that its pairs reach, in a frame with room for all steps.
  private struct Frame {
    let lags: Shape
    let shape: Shape
    let offset: Shape
    let core: Region
    let reach: Region
    let labels: [UInt16]
    let phase: PhaseLabels

    init(
      _ block: Block, phase: PhaseLabels, lags: Shape, shape: Shape, offset: Shape
    ) throws(VoxelithError) {
      self.lags = lags
      self.shape = shape
      self.offset = offset
      self.phase = phase
      core = block.core
      var reach = block.core.grown(by: lags, within: phase.grid.shape)
      reach.shape.x -= block.core.lower.x - reach.lower.x
      reach.lower.x = block.core.lower.x
      self.reach = reach
      labels = try phase.labels.readLabels(reach)
    }

    func counts(needsSample: Bool) throws(VoxelithError) -> (pairs: [Int64], all: [Int64]) {
      let transform = try RealFFT64(shape: shape)
      let wanted = phase.phase
      let pairs = count(transform) { $0 == wanted }
      guard needsSample, let outside = phase.outside else { return (pairs, []) }
      return (pairs, count(transform) { $0 != outside })
    }

    private func count(_ transform: RealFFT64, _ isMember: (UInt16) -> Bool) -> [Int64] {
      var spectrum = transform.forward(values(core, isMember))
      if core == reach {
        square(&spectrum)
      } else {
        let other = transform.forward(values(reach, isMember))
        multiply(&spectrum, by: other.span)
      }
      let sums = transform.inverse(spectrum)
      var result: [Int64] = []
      result.reserveCapacity(PairCounts.size(of: lags).count)
      for z in -lags.z...lags.z {
        for y in -lags.y...lags.y {
          let line = shape.index(z: (z + shape.z) % shape.z, y: (y + shape.y) % shape.y, x: 0)
          for x in 0...lags.x { result.append(Int64(sums[line + x].rounded())) }
        }
      }
      return result
    }

    /// 1 for the members among the voxels of a box, 0 elsewhere in the frame.
    private func values(_ box: Region, _ isMember: (UInt16) -> Bool) -> [Double] {
      var values = [Double](repeating: 0, count: shape.count)
      for z in box.z {
        for y in box.y {
          let line = reach.shape.index(
            z: z - reach.lower.z, y: y - reach.lower.y, x: box.lower.x - reach.lower.x)
          let target = shape.index(
            z: z - core.lower.z + offset.z, y: y - core.lower.y + offset.y,
            x: box.lower.x - core.lower.x)
          for x in 0..<box.shape.x where isMember(labels[line + x]) { values[target + x] = 1 }
        }
      }
      return values
    }
  }
}

/// Squares of the absolute values.
private func square(_ spectrum: inout [Double]) {
  var values = spectrum.mutableSpan
  for i in stride(from: 0, to: values.count, by: 2) {
    values[i] = values[i] * values[i] + values[i + 1] * values[i + 1]
    values[i + 1] = 0
  }
}

/// Conjugate of the first spectrum times the second.
private func multiply(_ spectrum: inout [Double], by second: Span<Double>) {
  var values = spectrum.mutableSpan
  for i in stride(from: 0, to: values.count, by: 2) {
    let (a, b) = (values[i], values[i + 1])
    let (c, d) = (second[i], second[i + 1])
    values[i] = a * c + b * d
    values[i + 1] = a * d - b * c
  }
}
