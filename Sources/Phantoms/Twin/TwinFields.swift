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
    componentLabels: [Int], samples: Int, pointSpread: Double, resources: Resources
  ) throws(VoxelithError) {
    let parts = pointSpread > 0 ? 4 : 1
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
    let steps = max(1, (samples + parts - 1) / parts)
    let slices = try Parallel.map(shape.z, threads: resources.threads) {
      (z) throws(VoxelithError) -> [[Float]] in
      try resources.cancellation.check()
      return try Self.slice(
        z, of: work, labels: labels, pose: pose, lithium: lithium,
        wanted: [activeLabel] + componentLabels, steps: steps)
    }
    var fields = (0..<(2 + componentLabels.count)).map { index in slices.flatMap { $0[index] } }
    if parts > 1 {
      for index in fields.indices {
        let sigma = SIMD3(repeating: pointSpread) / fine
        let blurred = SeparableFilter.gaussian(fields[index], shape: shape, sigma: sigma)
        fields[index] = Self.average(blurred, shape: shape, pad: pad, parts: parts, onto: grid.shape)
      }
    }
    self.grid = grid
    active = fields[0]
    activeLithium = fields[1]
    components = Array(fields[2...])
  }

  /// Fractions of one slice of the working grid: active, active times x, then the components.
  private static func slice(
    _ z: Int, of grid: Grid, labels: any VolumeSource, pose: RigidPose, lithium: LithiumField, wanted: [Int],
    steps: Int
  ) throws(VoxelithError) -> [[Float]] {
    let shape = grid.shape
    var sums = [[Float]](repeating: [Float](repeating: 0, count: shape.y * shape.x), count: wanted.count + 1)
    guard let box = box(ofSlice: z, grid: grid, pose: pose, within: labels.grid) else { return sums }
    let values = try labels.readLabels(box)
    let weight = 1 / Float(steps * steps * steps)
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let corner = grid.center(z: z, y: y, x: x) - 0.5 * grid.spacing
        let index = y * shape.x + x
        var counts = [Int](repeating: 0, count: wanted.count)
        for step in 0..<(steps * steps * steps) {
          let part =
            SIMD3(
              (Double(step % steps) + 0.5), (Double(step / steps % steps) + 0.5),
              (Double(step / (steps * steps)) + 0.5)) / Double(steps)
          let at = labels.grid.coordinates(of: pose.apply(corner + part * grid.spacing))
          let vx = Int(at.x.rounded()) - box.lower.x
          let vy = Int(at.y.rounded()) - box.lower.y
          let vz = Int(at.z.rounded()) - box.lower.z
          guard vx >= 0, vy >= 0, vz >= 0, vx < box.shape.x, vy < box.shape.y, vz < box.shape.z else {
            continue
          }
          let label = Int(values[box.shape.index(z: vz, y: vy, x: vx)])
          for (phase, wantedLabel) in wanted.enumerated() where wantedLabel == label { counts[phase] += 1 }
        }
        let x = lithium.value(at: pose.apply(corner + 0.5 * grid.spacing))
        sums[0][index] = Float(counts[0]) * weight
        sums[1][index] = Float(Double(counts[0]) * x) * weight
        for phase in 1..<wanted.count { sums[phase + 1][index] = Float(counts[phase]) * weight }
      }
    }
    return sums
  }

  /// The labels that a slice can touch.
  private static func box(
    ofSlice z: Int, grid: Grid, pose: RigidPose, within labels: Grid
  ) -> Region? {
    var low = SIMD3<Double>(repeating: .infinity)
    var high = SIMD3<Double>(repeating: -.infinity)
    for corner in 0..<8 {
      let index = SIMD3(
        corner & 1 == 0 ? 0 : Double(grid.shape.x), corner & 2 == 0 ? 0 : Double(grid.shape.y),
        Double(z) + (corner & 4 == 0 ? 0 : 1))
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
  ) -> [Float] {
    var result = [Float](repeating: 0, count: coarse.count)
    let weight = 1 / Float(parts * parts * parts)
    for z in 0..<coarse.z {
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
