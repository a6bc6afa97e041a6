import Foundation
public import Volumetry

/// What every XCS voxel holds: the part of each phase, and the active material's lithium.
public struct TwinFields: Sendable {
  public let grid: Grid
  /// Volume fraction of the active material.
  public let active: [Float]
  /// Volume fraction of the active material times its x.
  public let activeLithium: [Float]
  /// Volume fractions of the components, one array per component.
  public let components: [[Float]]

  /// True x of a voxel; NaN where there is hardly any active material.
  public func lithium(_ voxel: Int) -> Float {
    active[voxel] > 0.005 ? activeLithium[voxel] / active[voxel] : .nan
  }

  /// Samples the labels at equal steps within each XCS voxel, through the pose, and blurs with the point spread.
  ///
  /// Without rotation and with whole XCT voxels in an XCS voxel the fractions are exact block averages.
  init(
    grid: Grid, labels: any VolumeSource, pose: RigidPose, lithium: LithiumField, activeLabel: Int,
    componentLabels: [Int], samples: Int, pointSpread: Double, relation: Double = 0, resources: Resources
  ) throws(VoxelithError) {
    let parts = Self.parts(grid, pointSpread: pointSpread)
    let fine = SIMD3<Double>(grid.spacing) / Double(parts)
    let margin = SIMD3<Double>(repeating: pointSpread > 0 ? 4 * pointSpread : 0) / fine
    let pad = Shape(
      z: Int(margin.z.rounded(.up)), y: Int(margin.y.rounded(.up)), x: Int(margin.x.rounded(.up)))
    let shape = Shape(
      z: grid.shape.z * parts + 2 * pad.z, y: grid.shape.y * parts + 2 * pad.y,
      x: grid.shape.x * parts + 2 * pad.x)
    let work = Grid(
      shape: shape, spacing: fine,
      origin: grid.origin - SIMD3(Double(pad.x), Double(pad.y), Double(pad.z)) * fine)
    // Points are single label voxels: as dense as those alone they give their parts of a turned voxel by chance, with an
    // error of 0.01 in the fractions. Where nothing is turned, whole points to a voxel are exact.
    let dense = max(1, (samples * max(1, min(4, 64 / samples)) + parts - 1) / parts)
    let exact = samples / Self.commonDivisor(samples, parts)
    let steps = pose.isIdentity && exact <= 8 ? exact : dense
    let content = try LithiumBlocks(
      lithium, of: work, side: max(1, parts / 4), pose: pose, resources: resources)
    // Labels are read, or made, once for the cells of a voxel.
    let slices = try Parallel.map((shape.z + parts - 1) / parts, threads: resources.threads) {
      (slab) throws(VoxelithError) -> [[Float]] in
      try Self.slab(
        slab * parts..<min(shape.z, (slab + 1) * parts), of: work, labels: labels, pose: pose,
        lithium: content, wanted: [activeLabel] + componentLabels, steps: steps)
    }
    var fields = (0..<(2 + componentLabels.count)).map { index in slices.flatMap { $0[index] } }
    if parts > 1 {
      for index in fields.indices {
        // Means over cells are the voxel's own mean in parts: they blur no more than it does.
        let blurred = SeparableFilter.gaussian(
          fields[index], shape: shape, sigma: SIMD3(repeating: pointSpread) / fine)
        fields[index] = try Self.average(blurred, shape: shape, pad: pad, parts: parts, onto: grid.shape)
      }
    }
    if relation != 0 {
      // Relative to the mean, so that the mean of x stays.
      let mean = fields[0].reduce(0.0) { $0 + Double($1) } / Double(fields[0].count)
      for voxel in fields[0].indices {
        let part = Double(fields[0][voxel])
        fields[1][voxel] += Float(relation * (part - mean) * part)
      }
    }
    self.grid = grid
    active = fields[0]
    activeLithium = fields[1]
    components = Array(fields[2...])
  }

  /// Cells along each side of a voxel. The blur sees them as steps: four to a standard deviation leave an error of
  /// 0.001 in the fractions.
  private static func parts(_ grid: Grid, pointSpread: Double) -> Int {
    guard pointSpread > 0 else { return 1 }
    let reach = 8 * pointSpread
    func cells(_ parts: Int) -> Double {
      let all = SIMD3(Double(grid.shape.x), Double(grid.shape.y), Double(grid.shape.z)) * grid.spacing + reach
      let counts = all / grid.spacing * Double(parts)
      return counts.x * counts.y * counts.z
    }
    let wanted = Int((4 * grid.spacing.max() / pointSpread).rounded(.up))
    // Fours, so that blocks of cells for lithium fill a voxel.
    var parts = min(16, max(4, 4 * ((wanted + 3) / 4)))
    while parts > 4, cells(parts) > mostCells { parts -= 4 }
    return parts
  }

  private static let mostCells = 3e7

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }

  /// Fractions of some slices of the working grid: active, active times x, then the components.
  private static func slab(
    _ slices: Range<Int>, of grid: Grid, labels: any VolumeSource, pose: RigidPose, lithium: LithiumBlocks,
    wanted: [Int], steps: Int
  ) throws(VoxelithError) -> [[Float]] {
    let shape = grid.shape
    let area = shape.y * shape.x
    var sums = [[Float]](
      repeating: [Float](repeating: 0, count: slices.count * area), count: wanted.count + 1)
    guard let box = box(ofSlices: slices, grid: grid, pose: pose, within: labels.grid) else { return sums }
    let values = try labels.readLabels(box)
    var places = [Int8](repeating: -1, count: 1 + max(0, wanted.max() ?? 0))
    for (index, label) in wanted.enumerated() where label >= 0 {
      places[label] = Int8(truncatingIfNeeded: index)
    }
    let weight = 1 / Float(steps * steps * steps)
    let whole = WholeVoxels(grid, labels: labels.grid, pose: pose, steps: steps)
    var counts = [Int](repeating: 0, count: wanted.count)
    // The way to the labels is linear: a row of cells is its first and a step, and so is a row of points in a cell.
    func at(_ point: SIMD3<Double>) -> SIMD3<Double> { labels.grid.coordinates(of: pose.apply(point)) }
    let corner = grid.center(z: slices.lowerBound, y: 0, x: 0) - 0.5 * grid.spacing
    let origin = at(corner)
    func step(_ offset: SIMD3<Double>) -> SIMD3<Double> { at(corner + offset) - origin }
    let cell = (
      x: step(SIMD3(grid.spacing.x, 0, 0)), y: step(SIMD3(0, grid.spacing.y, 0)),
      z: step(SIMD3(0, 0, grid.spacing.z))
    )
    let n = Double(steps)
    let point = (x: cell.x / n, y: cell.y / n, z: cell.z / n)
    let first = origin + 0.5 * (point.x + point.y + point.z) + 0.5
    for z in slices {
      let slice = first + Double(z - slices.lowerBound) * cell.z
      for y in 0..<shape.y {
        try Cancellation.poll()
        for x in 0..<shape.x {
          let index = (z - slices.lowerBound) * area + y * shape.x + x
          for phase in counts.indices { counts[phase] = 0 }
          if let whole {
            whole.count(values, box, z: z, y: y, x: x, places, &counts)
          } else {
            let start = slice + Double(y) * cell.y + Double(x) * cell.x
            count(values, box, from: start, step: point, steps: steps, places, &counts)
          }
          sums[0][index] = Float(counts[0]) * weight
          sums[1][index] = Float(Double(counts[0]) * lithium.value(z: z, y: y, x: x)) * weight
          for phase in 1..<wanted.count { sums[phase + 1][index] = Float(counts[phase]) * weight }
        }
      }
    }
    return sums
  }

  /// The labels that some slices can touch.
  private static func box(
    ofSlices slices: Range<Int>, grid: Grid, pose: RigidPose, within labels: Grid
  ) -> Region? {
    var low = SIMD3<Double>(repeating: .infinity)
    var high = SIMD3<Double>(repeating: -.infinity)
    for corner in 0..<8 {
      let index = SIMD3(
        corner & 1 == 0 ? 0 : Double(grid.shape.x), corner & 2 == 0 ? 0 : Double(grid.shape.y),
        Double(corner & 4 == 0 ? slices.lowerBound : slices.upperBound))
      let at = labels.coordinates(of: pose.apply(grid.origin + index * grid.spacing))
      low = pointwiseMin(low, at)
      high = pointwiseMax(high, at)
    }
    func range(_ low: Double, _ high: Double, _ count: Int) -> Range<Int>? {
      let first = max(0, Int(max(low, -1).rounded(.down)))
      let last = min(count - 1, Int(min(high, Double(count)).rounded(.up)))
      return first <= last ? first..<(last + 1) : nil
    }
    guard let x = range(low.x, high.x, labels.shape.x), let y = range(low.y, high.y, labels.shape.y),
      let z = range(low.z, high.z, labels.shape.z)
    else { return nil }
    return Region(
      lower: Shape(z: z.lowerBound, y: y.lowerBound, x: x.lowerBound),
      shape: Shape(z: z.count, y: y.count, x: x.count))
  }

  private static func average(
    _ values: [Float], shape: Shape, pad: Shape, parts: Int, onto coarse: Shape
  ) throws(VoxelithError) -> [Float] {
    var result = [Float](repeating: 0, count: coarse.count)
    let weight = 1 / Float(parts * parts * parts)
    for z in 0..<coarse.z {
      try Cancellation.poll()
      for y in 0..<coarse.y {
        for x in 0..<coarse.x {
          var sum: Float = 0
          for dz in 0..<parts {
            for dy in 0..<parts {
              let start = shape.index(
                z: pad.z + z * parts + dz, y: pad.y + y * parts + dy, x: pad.x + x * parts)
              for dx in 0..<parts { sum += values[start + dx] }
            }
          }
          result[coarse.index(z: z, y: y, x: x)] = sum * weight
        }
      }
    }
    return result
  }
}

/// Counts the labels of the points of a cell; coordinates are in voxels, half a voxel added.
private func count(
  _ values: [UInt32], _ box: Region, from corner: SIMD3<Double>,
  step: (x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>), steps: Int, _ places: [Int8],
  _ counts: inout [Int]
) {
  let labels = values.span
  let index = places.span
  var sum = counts.mutableSpan
  let (lower, shape) = (box.lower, box.shape)
  // The largest whole number that is not larger; the function of that name is a call for each number here.
  func whole(_ value: Double) -> Int {
    let number = Int(value)
    return value < Double(number) ? number - 1 : number
  }
  for k in 0..<steps {
    for j in 0..<steps {
      let start = corner + Double(k) * step.z + Double(j) * step.y
      for i in 0..<steps {
        let at = start + Double(i) * step.x
        let x = whole(at.x) - lower.x
        let y = whole(at.y) - lower.y
        let z = whole(at.z) - lower.z
        guard x >= 0, y >= 0, z >= 0, x < shape.x, y < shape.y, z < shape.z else { continue }
        let label = Int(labels[(z * shape.y + y) * shape.x + x])
        let place = label < index.count ? Int(index[label]) : -1
        if place >= 0 { sum[place] += 1 }
      }
    }
  }
}

/// The smooth field of lithium, known once for blocks of cells.
private struct LithiumBlocks {
  private let side: Int
  private let shape: Shape
  private let values: [Double]

  init(
    _ field: LithiumField, of grid: Grid, side: Int, pose: RigidPose, resources: Resources
  ) throws(VoxelithError) {
    let shape = Shape(
      z: (grid.shape.z + side - 1) / side, y: (grid.shape.y + side - 1) / side,
      x: (grid.shape.x + side - 1) / side)
    let corner = grid.center(z: 0, y: 0, x: 0) - 0.5 * grid.spacing
    values = try Parallel.map(shape.z, threads: resources.threads) {
      (z) throws(VoxelithError) -> [Double] in
      (0..<(shape.y * shape.x)).map { index in
        let block = SIMD3(Double(index % shape.x), Double(index / shape.x), Double(z)) + 0.5
        return field.value(at: pose.apply(corner + Double(side) * block * grid.spacing))
      }
    }.flatMap { $0 }
    self.side = side
    self.shape = shape
  }

  func value(z: Int, y: Int, x: Int) -> Double {
    values[shape.index(z: z / side, y: y / side, x: x / side)]
  }
}
