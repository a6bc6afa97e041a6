import Foundation
import Volumetry

/// Grey values as whole numbers of steps from an origin.
struct GreyScale: Sendable {
  let origin: Double
  let step: Double

  func steps(_ value: Double) -> Int { nearest(min(max(value / step, -5e4), 5e4)) }
}

/// Search of a volume, block by block, for voxels whose neighbourhood is of one class.
struct PureVoxels {
  let source: any VolumeSource
  let mask: (any VolumeSource)?
  /// Class of each voxel; nil: the mean of its neighbours tells it.
  let labels: (any VolumeSource)?
  let thresholds: [Double]
  let scale: GreyScale
  /// What a first search found; values far from it are left out with all voxels whose neighbourhood holds them.
  var expected: Expected?

  struct Expected: Sendable {
    let means: [Double]
    /// Largest distance of a value from that of its class.
    let reach: [Double]
    /// Standard deviation of the blur in voxels.
    let blur: Double
  }

  /// Depth to which neighbourhoods are told apart, in voxels.
  static let deepest = 4
  /// Standard deviation of the estimated width of the blur, in voxels.
  static let blurError = 0.1

  func sums(_ resources: Resources) throws(VoxelithError) -> PureSums {
    let classes = thresholds.count + 1
    let blurs = expected.map { [$0.blur, $0.blur + Self.blurError] } ?? []
    let reach = max(
      1 + Self.deepest + PureSums.lags,
      blurs.map { $0 > 0 ? Kernel.gaussian(sigma: $0).radius : 0 }.max() ?? 0)
    let halo = Shape(z: reach, y: reach, x: reach)
    let plan = try BlockPlan(
      shape: source.grid.shape, halo: halo, bytesPerVoxel: 56 + 8 * blurs.count * classes,
      memory: resources.memory / 2, inFlight: resources.threads + 1, chunk: source.chunkShape,
      minimumBlocks: 2 * resources.threads)
    var total = PureSums(classes: classes, depths: Self.deepest + 1)
    try BlockStream.run(plan.blocks, stage: "grey model", resources: resources) {
      (block) throws(VoxelithError) -> PureSums in
      let outer = block.core.grown(by: halo, within: source.grid.shape)
      var grey = try source.readFloats(outer)
      if let mask {
        let weights = try mask.readFloats(outer)
        for i in grey.indices where !(weights[i] > 0) { grey[i] = .nan }
      }
      let given = try labels.map { (labels) throws(VoxelithError) in try labels.readFloats(outer) }
      return PureBlock(grey, labels: given, shape: outer.shape, search: self).sums(
        core: block.core.relative(to: outer), blurs: blurs)
    } consume: { (_, part) throws(VoxelithError) in
      total.merge(part)
    }
    return total
  }
}

/// One block of a search.
private struct PureBlock {
  let grey: [Float]
  let shape: Shape
  let search: PureVoxels
  /// Part of a voxel's own class in it after the blur from which its noise is looked at.
  private static let clear: Float = 0.995
  /// Class of each voxel, from 1 on; 0 where a value is missing.
  private let labels: [UInt8]

  init(_ grey: [Float], labels given: [Float]?, shape: Shape, search: PureVoxels) {
    self.grey = grey
    self.shape = shape
    self.search = search
    labels =
      given.map { classes($0.span, grey.span, count: search.thresholds.count + 1) }
      ?? classes(around: grey, shape, limits: search.thresholds.map { Float($0) })
  }

  func sums(core: Region, blurs: [Double]) -> PureSums {
    let count = search.thresholds.count + 1
    // The least and the largest class of each neighbourhood, from 1 on; what is missing is neither the one nor the other, and spreads.
    var least = labels
    if let expected = search.expected {
      leaveOut(
        &least, grey.span, means: expected.means.map { Float($0) }, reach: expected.reach.map { Float($0) })
    }
    var most = least.map { $0 > 0 ? $0 : .max }
    var leaks: [Float] = []
    leaks.reserveCapacity(blurs.count * count * grey.count)
    for blur in blurs { for index in 0..<count { leaks += blurred(index, blur) } }
    // Depth to which the neighbourhood of each voxel is of one class; less than none where the voxel is of none.
    var depths = [Int8](repeating: -1, count: grey.count)
    for depth in 0...PureVoxels.deepest {
      if depth > 0 {
        for axis in Axis.allCases {
          least = combined(axis, least, shape) { min(min($0, $1), $2) }
          most = combined(axis, most, shape) { max(max($0, $1), $2) }
        }
      }
      mark(&depths, Int8(depth), least.span, most.span)
    }
    let classes = labels.map { $0 > 0 ? $0 - 1 : 0 }
    let layers = PureSums.Layers(
      shape: shape, grey: grey, labels: classes, depths: depths, leaks: leaks,
      noise: search.expected.map { remainders($0.means, leaks, classes, depths) } ?? [])
    var result = PureSums(classes: count, depths: PureVoxels.deepest + 1)
    // Each voxel and each pair counts at its largest depth first; those at least so deep are added up at the end.
    for z in core.z {
      for y in core.y { result.add(layers, z: z, y: y, x: core.x, search.scale) }
    }
    result.addDeeper()
    return result
  }

  /// What the blurred classes leave of the values, in steps, of voxels that are clear and lie at least 1 deep: what a wrong width
  /// leaves at faces is structure and no noise.
  private func remainders(
    _ means: [Double], _ parts: [Float], _ classes: [UInt8], _ depths: [Int8]
  ) -> [Int32] {
    let voxels = grey.count
    var result = [Int32](repeating: PureSums.Layers.unclear, count: voxels)
    let values = grey.span
    let own = classes.span
    let depth = depths.span
    let part = parts.span
    for i in values.indices where depth[i] > 0 && part[Int(own[i]) * voxels + i] >= Self.clear {
      var model = 0.0
      for index in means.indices { model += means[index] * Double(part[index * voxels + i]) }
      result[i] = Int32(search.scale.steps(Double(values[i]) - model))
    }
    return result
  }

  /// Part of a class in every voxel after the blur, from the classes of the voxels.
  private func blurred(_ index: Int, _ blur: Double) -> [Float] {
    let wanted = UInt8(clamping: index + 1)
    let own = labels.map { $0 == wanted ? Float(1) : 0 }
    guard blur > 0 else { return own }
    let sigma = SIMD3(shape.x > 1 ? blur : 0, shape.y > 1 ? blur : 0, shape.z > 1 ? blur : 0)
    return SeparableFilter.gaussian(own, shape: shape, sigma: sigma, threads: 1)
  }
}

/// Classes from labels, from 1 on; 0 where the label is none of `count` classes or the value is missing.
private func classes(_ labels: Span<Float>, _ grey: Span<Float>, count: Int) -> [UInt8] {
  let end = Float(count)
  var result = [UInt8](repeating: 0, count: labels.count)
  var target = result.mutableSpan
  for i in labels.indices where labels[i] >= 0 && labels[i] < end && grey[i].isFinite {
    target[i] = UInt8(truncatingIfNeeded: Int(labels[i]) + 1)
  }
  return result
}

/// Classes by the means of the 3 x 3 x 3 neighbourhoods without their middles, from 1 on; 0 where a value is missing.
private func classes(around grey: [Float], _ shape: Shape, limits: [Float]) -> [UInt8] {
  var sums = grey
  var counts = [Float](repeating: 1, count: grey.count)
  for axis in Axis.allCases {
    sums = combined(axis, sums, shape) { $0 + $1 + $2 }
    counts = combined(axis, counts, shape) { $0 + $1 + $2 }
  }
  var result = [UInt8](repeating: 0, count: grey.count)
  var target = result.mutableSpan
  let (sum, number, value) = (sums.span, counts.span, grey.span)
  for i in value.indices {
    let around = (sum[i] - value[i]) / max(1, number[i] - 1)
    guard around.isFinite else { continue }
    var label: UInt8 = 1
    for limit in limits where around > limit { label += 1 }
    target[i] = label
  }
  return result
}

/// Leaves out what lies further from the mean of its class than this reaches.
private func leaveOut(_ labels: inout [UInt8], _ grey: Span<Float>, means: [Float], reach: [Float]) {
  var target = labels.mutableSpan
  let (mean, far) = (means.span, reach.span)
  for i in target.indices where target[i] > 0 {
    let own = Int(target[i]) - 1
    if !(abs(grey[i] - mean[own]) <= far[own]) { target[i] = 0 }
  }
}

/// Marks the voxels whose neighbourhood holds one class.
private func mark(_ depths: inout [Int8], _ depth: Int8, _ least: Span<UInt8>, _ most: Span<UInt8>) {
  var target = depths.mutableSpan
  for i in least.indices { target[i] = least[i] == most[i] ? depth : target[i] }
}

/// Combines every value with its two neighbours along an axis; beyond the border the volume is mirrored.
@inline(__always)
private func combined<Value: BitwiseCopyable>(
  _ axis: Axis, _ values: [Value], _ shape: Shape, _ combine: (Value, Value, Value) -> Value
) -> [Value] {
  let length = shape[axis]
  guard length > 1 else { return values }
  let step = axis == .x ? 1 : axis == .y ? shape.x : shape.x * shape.y
  var result = values
  let source = values.span
  var target = result.mutableSpan
  for z in 0..<shape.z {
    for y in 0..<shape.y {
      let row = shape.index(z: z, y: y, x: 0)
      if axis == .x {
        let last = row + length - 1
        combineRow(
          source.extracting(row..<(last - 1)), source.extracting((row + 1)..<last),
          source.extracting((row + 2)..<(last + 1)), into: &target, at: row + 1, combine)
        target[row] = combine(source[row + 1], source[row], source[row + 1])
        target[last] = combine(source[last - 1], source[last], source[last - 1])
        continue
      }
      let place = axis == .y ? y : z
      let before = place > 0 ? row - step : row + step
      let after = place + 1 < length ? row + step : row - step
      combineRow(
        source.extracting(before..<(before + shape.x)), source.extracting(row..<(row + shape.x)),
        source.extracting(after..<(after + shape.x)), into: &target, at: row, combine)
    }
  }
  return result
}

@inline(__always)
private func combineRow<Value: BitwiseCopyable>(
  _ before: Span<Value>, _ middle: Span<Value>, _ after: Span<Value>, into target: inout MutableSpan<Value>,
  at start: Int, _ combine: (Value, Value, Value) -> Value
) {
  var row = target._mutatingExtracting(start..<(start + middle.count))
  for i in middle.indices { row[i] = combine(before[i], middle[i], after[i]) }
}
