import Volumetry

/// How pairs are counted within a memory budget: in columns along z, each as long as the volume and as wide
/// as fits.
///
/// A pair belongs to the column of its first voxel; the second may lie as far beyond it as the longest step.
struct PairPlan: Sendable {
  let lags: Shape
  /// Area of a transform: a column, what its pairs reach, and room for the steps that would wrap around.
  let frame: Shape
  /// Slices that are transformed together.
  let batch: Int
  /// Whether the second voxels of pairs lie in other frames than the first.
  let isCut: Bool
  /// Slices that pairs reach back to, with those of a batch.
  var slots: Int { min(lags.z + batch, volume.z) }
  private let core: Shape
  private let volume: Shape

  private static let usualBatch = PairSums.largestBatch

  /// - Throws: `usage` where not even a column of one voxel fits the budget.
  init(
    _ volume: Shape, lags: Shape, resources: Resources, file: String
  ) throws(VoxelithError) {
    self.volume = volume
    self.lags = lags
    var core = Shape(z: 1, y: volume.y, x: volume.x)
    var batch = min(Self.usualBatch, volume.z)
    while true {
      let frame = Self.frame(core, lags: lags, volume: volume)
      let isCut = core.y < volume.y || core.x < volume.x
      let bytes = Self.bytes(frame, lags: lags, batch: batch, isCut: isCut, threads: resources.threads)
      if bytes <= resources.arrayMemory {
        (self.core, self.frame, self.batch, self.isCut) = (core, frame, batch, isCut)
        return
      }
      if batch > 4 {
        batch /= 2
      } else if core.y > 1 || core.x > 1 {
        if core.y >= core.x { core.y = (core.y + 1) / 2 } else { core.x = (core.x + 1) / 2 }
        batch = min(Self.usualBatch, volume.z)
      } else {
        throw VoxelithError(
          .usage, "the two-point correlation needs \(bytes / 1_000_000 + 1) MB", file: file,
          advice: "raise --memory, or lower the reach")
      }
    }
  }

  /// Lags of both signs along z and y, of one along x.
  static func size(of lags: Shape) -> Shape {
    Shape(z: 2 * lags.z + 1, y: 2 * lags.y + 1, x: lags.x + 1)
  }

  private static func frame(_ core: Shape, lags: Shape, volume: Shape) -> Shape {
    var frame = Shape(z: 1, y: 0, x: 0)
    for axis in [Axis.y, .x] {
      // An axis that is not cut needs room for steps beyond one end only.
      let room = core[axis] < volume[axis] ? 2 * lags[axis] : lags[axis]
      frame[axis] = goodLength(core[axis] + room)
    }
    return frame
  }

  private static func bytes(_ frame: Shape, lags: Shape, batch: Int, isCut: Bool, threads: Int) -> Int {
    let spectrum = 16 * frame.y * (frame.x / 2 + 1 + PairSums.chunk)
    // Sums, slices below, and the batch, once in each order.
    let kept = (lags.z + 1) + (lags.z + batch) + (isCut ? 3 : 1) * batch
    // A transform holds the slice and its spectrum.
    let working = threads * (2 * 8 * frame.count + 2 * spectrum)
    return spectrum * kept + working + size(of: lags).count * 8 * 3
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

  /// Pairs of members by their step, z, y, x from the most negative on.
  func count(
    _ labels: any VolumeSource, _ resources: Resources, _ isMember: @Sendable @escaping (UInt32) -> Bool
  ) throws(VoxelithError) -> [Int64] {
    var total = [Int64](repeating: 0, count: Self.size(of: lags).count)
    var columns: [Region] = []
    for y in stride(from: 0, to: volume.y, by: core.y) {
      for x in stride(from: 0, to: volume.x, by: core.x) {
        columns.append(
          Region(
            lower: Shape(z: 0, y: y, x: x),
            shape: Shape(z: volume.z, y: min(core.y, volume.y - y), x: min(core.x, volume.x - x))))
      }
    }
    let batches = (volume.z + batch - 1) / batch
    let transforms = PairTransforms(frame: frame)
    for (index, column) in columns.enumerated() {
      var sums = PairSums(self)
      let slices = PairSlices(
        self, column: column, volume: volume, labels: labels, transforms: transforms, isMember: isMember)
      for first in stride(from: 0, to: volume.z, by: batch) {
        try resources.cancellation.check()
        let range = first..<min(volume.z, first + batch)
        let spectra = try Parallel.map(range.count, threads: resources.threads) {
          (i) throws(VoxelithError) in try slices.spectra(of: range.lowerBound + i)
        }
        sums.add(spectra, from: first, threads: resources.threads)
        resources.progress.report(
          "correlation", done: index * batches + first / batch + 1, of: columns.count * batches)
      }
      try sums.unpack(into: &total, transforms, threads: resources.threads)
    }
    return total
  }
}

/// The slices of one column, transformed.
private struct PairSlices: Sendable {
  private let plan: PairPlan
  private let core: Region
  private let reach: Region
  private let labels: any VolumeSource
  private let transforms: PairTransforms
  private let isMember: @Sendable (UInt32) -> Bool

  init(
    _ plan: PairPlan, column: Region, volume: Shape, labels: any VolumeSource,
    transforms: PairTransforms, isMember: @Sendable @escaping (UInt32) -> Bool
  ) {
    self.plan = plan
    self.labels = labels
    self.transforms = transforms
    self.isMember = isMember
    core = column
    reach =
      plan.isCut ? column.grown(by: Shape(z: 0, y: plan.lags.y, x: plan.lags.x), within: volume) : column
  }

  /// Spectra of the first voxels and of the second ones; none of these where the volume is not cut.
  func spectra(of z: Int) throws(VoxelithError) -> PairSums.Slice {
    func slice(_ region: Region) -> Region {
      Region(
        lower: Shape(z: z, y: region.lower.y, x: region.lower.x),
        shape: Shape(z: 1, y: region.shape.y, x: region.shape.x))
    }
    let values = try labels.readLabels(slice(reach))
    return try transforms.lend { transform in
      PairSums.Slice(
        first: transform.forward(placed(values, core)),
        second: plan.isCut ? transform.forward(placed(values, reach)) : [])
    }
  }

  /// 1 for the members among the voxels of a box, 0 elsewhere in the frame.
  private func placed(_ values: [UInt32], _ box: Region) -> [Double] {
    var result = [Double](repeating: 0, count: plan.frame.count)
    // The core stands where the first of its steps back still fits.
    let offset = plan.isCut ? plan.lags : Shape(z: 0, y: 0, x: 0)
    for y in box.y {
      let line = (y - reach.lower.y) * reach.shape.x - reach.lower.x
      let target = (y - core.lower.y + offset.y) * plan.frame.x - core.lower.x + offset.x
      for x in box.x where isMember(values[line + x]) { result[target + x] = 1 }
    }
    return result
  }
}
