import Foundation
public import Volumetry

/// What the grey values of a volume are made of: the value of every phase where it is pure, a blur and noise.
///
/// The values of an absorption image are linear in the parts of the phases, whatever its blur. A threshold is not: it
/// moves bent faces. The value of a phase is the mean over voxels whose neighbourhood belongs to it alone; neighbours
/// decide, not the voxel's own value, so that noise does not choose.
public struct GreyModel: Sendable, Codable, Hashable {
  /// Value of each class in rising order.
  public let means: [Double]
  /// Standard deviation of each value: counting, and what the blur may leave at the depth that was used.
  public let meanErrors: [Double]
  /// Standard deviation of a voxel's noise.
  public let noise: Double
  /// Standard deviation of the blur in voxels.
  public let blur: Double
  /// Voxels between those that were used and any of another class.
  public let depth: Int
  /// How many were used, by class.
  public let voxels: [Int]

  enum CodingKeys: String, CodingKey {
    case means, noise, depth, voxels
    case meanErrors = "mean_sigmas"
    case blur = "blur_voxels"
  }

  /// Voxels of a class below which a depth is not used.
  static let fewest = 4000
  static let deepest = 4

  /// - Parameter thresholds: that part the classes, in rising order.
  /// - Throws: `data` where a class is nowhere thick enough to be seen pure.
  public static func fit(
    _ source: any VolumeSource, mask: (any VolumeSource)? = nil, thresholds: [Double],
    resources: Resources = Resources()
  ) throws(VoxelithError) -> GreyModel {
    try checkMask(mask, of: source)
    let classes = thresholds.count + 1
    let reach = 1 + deepest
    let plan = try BlockPlan(
      shape: source.grid.shape, halo: Shape(z: reach, y: reach, x: reach), bytesPerVoxel: 48,
      memory: resources.memory / 2, inFlight: resources.threads + 1, chunk: source.chunkShape,
      minimumBlocks: 2 * resources.threads)
    // Whole numbers of steps far below the noise add up to the same whatever the blocks.
    let fine = try NoiseEstimate.standardDeviation(of: source) / 16
    let scale = GreyScale(
      origin: thresholds[0], step: fine > 0 ? fine : max(abs(thresholds[0]), 1e-30) / 16384)
    // Sums by depth, 0 for all voxels of a class, then by class.
    var sums = [[GreySums]](repeating: [GreySums](repeating: GreySums(), count: classes), count: deepest + 1)
    try BlockStream.run(plan.blocks, stage: "grey model", resources: resources) {
      (block) throws(VoxelithError) -> [[GreySums]] in
      let outer = block.core.grown(
        by: Shape(z: reach, y: reach, x: reach), within: source.grid.shape)
      var grey = try source.readFloats(outer)
      if let mask {
        let weights = try mask.readFloats(outer)
        for i in grey.indices where !(weights[i] > 0) { grey[i] = .nan }
      }
      let limits = thresholds.map { Float($0) }
      let wide = Neighbourhoods(grey, shape: outer.shape)
      return wide.sums(
        of: grey, scale, classes: wide.classes(limits), count: classes,
        core: block.core.relative(to: outer))
    } consume: { (_, part) throws(VoxelithError) in
      for depth in part.indices {
        for index in 0..<classes { sums[depth][index].merge(part[depth][index]) }
      }
    }
    let moments = sums.map { $0.map { $0.moments(scale) } }
    let usable = (1...deepest).filter { depth in moments[depth].allSatisfy { $0.count >= fewest } }
    guard let deepestUsable = usable.last else {
      throw VoxelithError(
        .data, "a phase is nowhere thick enough for its grey value to be seen without its neighbours'",
        file: source.name, advice: "give labels, or a finer scan")
    }
    let blur = try BlurEstimate(source, means: moments[deepestUsable].map(\.mean)).sigma
    let gap = moments[deepestUsable][classes - 1].mean - moments[deepestUsable][0].mean
    // Deeper voxels are purer and fewer.
    func errors(at depth: Int) -> [Double] {
      (0..<classes).map { index in
        let own = moments[depth][index]
        let next = depth < deepest ? moments[depth + 1][index].count : 0
        let shell = Double(own.count - next) / Double(own.count)
        let left = shell * mostLeft(gap: gap, blur: blur, depth: depth)
        return (own.variance / Double(own.count) + left * left).squareRoot()
      }
    }
    func size(_ errors: [Double]) -> Double { errors.reduce(0) { $0 + $1 * $1 } }
    let depth = usable.min { size(errors(at: $0)) < size(errors(at: $1)) } ?? deepestUsable
    let means = moments[depth].map(\.mean)
    var squares = 0.0
    var total = 0.0
    for own in moments[depth] {
      squares += own.variance * Double(own.count)
      total += Double(own.count)
    }
    let noise = (squares / total).squareRoot()
    return GreyModel(
      means: means, meanErrors: errors(at: depth), noise: noise, blur: blur, depth: depth,
      voxels: moments[depth].map(\.count))
  }

  /// Most that a blur carries over a plane face into voxels whose nearest of another class is one voxel more than `depth`
  /// away: the tail of the normal distribution, for two faces, with the width a tenth of a voxel above the estimate.
  private static func mostLeft(gap: Double, blur: Double, depth: Int) -> Double {
    gap * erfc((Double(depth) + 0.5) / (2.0.squareRoot() * (blur + 0.1)))
  }
}

/// Grey values as whole numbers of steps from an origin.
private struct GreyScale {
  let origin: Double
  let step: Double
}

/// Sums that do not depend on their order.
private struct GreySums {
  var count = 0
  var sum = 0
  var squares = 0

  mutating func add(_ value: Float, _ scale: GreyScale) {
    let number = (Double(value) - scale.origin) / scale.step
    let steps = Int(min(max(number, -5e4), 5e4).rounded())
    count += 1
    sum += steps
    squares += steps * steps
  }

  mutating func merge(_ other: GreySums) {
    count += other.count
    sum += other.sum
    squares += other.squares
  }

  func moments(_ scale: GreyScale) -> (count: Int, mean: Double, variance: Double) {
    guard count > 1 else { return (count, .nan, .nan) }
    let n = Double(count)
    let mean = Double(sum) / n
    let variance = max(0, (Double(squares) - Double(sum) * mean) / (n - 1))
    return (count, scale.origin + scale.step * mean, variance * scale.step * scale.step)
  }
}

/// Classes of voxels by the mean of their neighbours, and how deep in their class they lie.
private struct Neighbourhoods {
  let shape: Shape
  /// Mean of the 3 x 3 x 3 neighbourhood without its middle; NaN where a value is missing.
  private let around: [Float]

  init(_ grey: [Float], shape: Shape) {
    self.shape = shape
    var counts = [Float](repeating: 1, count: grey.count)
    var sums = grey
    for axis in Axis.allCases {
      sums = Self.along(axis, sums, shape) { $0 + $1 + $2 }
      counts = Self.along(axis, counts, shape) { $0 + $1 + $2 }
    }
    var result = sums
    for i in sums.indices { result[i] = (sums[i] - grey[i]) / max(1, counts[i] - 1) }
    around = result
  }

  func classes(_ limits: [Float]) -> [Float] {
    around.map { value in
      guard value.isFinite else { return .nan }
      var label: Float = 0
      for limit in limits where value > limit { label += 1 }
      return label
    }
  }

  /// Sums over the grey values of the core by depth and class.
  func sums(
    of grey: [Float], _ scale: GreyScale, classes: [Float], count: Int, core: Region
  ) -> [[GreySums]] {
    var least = classes
    var most = classes
    var result: [[GreySums]] = []
    for depth in 0...GreyModel.deepest {
      if depth > 0 {
        for axis in Axis.allCases {
          least = Self.along(axis, least, shape) { lower(lower($0, $1), $2) }
          most = Self.along(axis, most, shape) { upper(upper($0, $1), $2) }
        }
      }
      var part = [GreySums](repeating: GreySums(), count: count)
      for z in core.z {
        for y in core.y {
          let row = shape.index(z: z, y: y, x: 0)
          for x in core.x where least[row + x] == most[row + x] && grey[row + x].isFinite {
            part[Int(least[row + x])].add(grey[row + x], scale)
          }
        }
      }
      result.append(part)
    }
    return result
  }

  /// Combines every value with its two neighbours along an axis; beyond the border the volume is mirrored.
  private static func along(
    _ axis: Axis, _ values: [Float], _ shape: Shape, _ combine: (Float, Float, Float) -> Float
  ) -> [Float] {
    let length = shape[axis]
    guard length > 1 else { return values }
    let step = axis == .x ? 1 : axis == .y ? shape.x : shape.x * shape.y
    var result = values
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let row = shape.index(z: z, y: y, x: 0)
        for x in 0..<shape.x {
          let place = axis == .x ? x : axis == .y ? y : z
          let i = row + x
          let before = values[place > 0 ? i - step : i + step]
          let after = values[place + 1 < length ? i + step : i - step]
          result[i] = combine(before, values[i], after)
        }
      }
    }
    return result
  }
}

/// The smaller value; NaN where one is, so that missing voxels spread.
private func lower(_ a: Float, _ b: Float) -> Float { a.isNaN || b.isNaN ? .nan : min(a, b) }

private func upper(_ a: Float, _ b: Float) -> Float { a.isNaN || b.isNaN ? .nan : max(a, b) }
