public import Volumetry

/// A view of a volume on another grid, through a transform. Reading a box reads only the part of the
/// source that the box needs, so that sources and targets larger than memory pass through.
///
/// Values are float32, but `.nearest` keeps the type of the source. A voxel outside the source, and one
/// that rests on missing values, is NaN (for whole-number types: `fill`).
public struct ResampledVolume: VolumeSource {
  public let source: any VolumeSource
  public let grid: Grid
  /// From points of `grid` to points of the source.
  public let transform: SpatialTransform
  public let interpolation: Interpolation
  /// Value outside the source where the type has no NaN.
  public let fill: Double
  /// Bytes that one read may load of the source at once; larger boxes are read in parts.
  public let memory: Int
  let map: VoxelMap

  public var voxelType: VoxelType { interpolation == .nearest ? source.voxelType : .float32 }
  public var chunkShape: Shape {
    Shape(z: min(32, grid.shape.z), y: min(64, grid.shape.y), x: min(64, grid.shape.x))
  }
  public var name: String { source.name }

  /// - Throws: `data` where a grid is unusable or its voxel size is not known.
  public init(
    _ source: any VolumeSource, on grid: Grid, through transform: SpatialTransform = .identity,
    interpolation: Interpolation = .linear, fill: Double = 0, memory: Int = 256 << 20
  ) throws(VoxelithError) {
    try grid.validate()
    try source.grid.validate(file: source.name)
    try source.grid.requireSpacing(source.name)
    try grid.requireSpacing("the target grid")
    self.source = source
    self.grid = grid
    self.transform = transform
    self.interpolation = interpolation
    self.fill = fill
    self.memory = max(1 << 16, memory)
    map = VoxelMap(from: grid, through: transform, to: source.grid)
  }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    if interpolation == .nearest { return try readNearest(region) }
    return .float32(try interpolated(region))
  }

  private var support: Int { interpolation == .cubic ? 2 : 1 }
  private var margin: Double { interpolation == .area ? 0.5 : 0 }

  /// Two halves of a box that is too large to serve at once; nil where it fits or cannot be cut.
  private func split(_ region: Region, footprint: Region, bytesPerVoxel: Int) -> (Region, Region, Axis)? {
    guard footprint.count * bytesPerVoxel > memory, region.count > 1 else { return nil }
    let axis = Axis.allCases.max { region.shape[$0] < region.shape[$1] } ?? .z
    var first = region
    var second = region
    first.shape[axis] = region.shape[axis] / 2
    second.shape[axis] = region.shape[axis] - first.shape[axis]
    second.lower[axis] += first.shape[axis]
    return (first, second, axis)
  }

  private func interpolated(_ region: Region) throws(VoxelithError) -> [Float] {
    guard let box = map.footprint(of: region, margin: margin, support: support, in: source.grid.shape) else {
      return [Float](repeating: .nan, count: region.count)
    }
    if let (first, second, _) = split(region, footprint: box, bytesPerVoxel: 12) {
      var joined = Volume<Float>(grid: grid.cropped(to: region), repeating: 0)
      joined.paste(try interpolated(first), into: first.relative(to: region))
      joined.paste(try interpolated(second), into: second.relative(to: region))
      return joined.voxels
    }
    let voxels = try source.readFloats(box)
    if interpolation == .area && map.isAxisAligned {
      return AreaAverage.average(voxels, box: box, targets: region, map: map)
    }
    let sampler = BoxSampler(box: box, whole: source.grid.shape)
    var result = [Float](repeating: 0, count: region.count)
    if interpolation == .linear {
      interpolateRows(region, sampler, voxels, into: &result)
      return result
    }
    let subdivision = interpolation == .area ? subdivision : (x: 1, y: 1, z: 1)
    Parallel.forEachSlab(of: &result, stride: region.shape.x, threads: 1) { index, row in
      let z = region.lower.z + index / region.shape.y
      let y = region.lower.y + index % region.shape.y
      for i in row.indices {
        let x = region.lower.x + i
        row[i] =
          interpolation == .cubic
          ? sampler.cubic(voxels.span, map(x: Double(x), y: Double(y), z: Double(z)))
          : average(sampler, voxels.span, x, y, z, subdivision)
      }
    }
    return result
  }

  /// Trilinear values row by row; a point's place follows from its numbers in the whole grid, so that boxes agree.
  private func interpolateRows(
    _ region: Region, _ sampler: BoxSampler, _ voxels: [Float], into result: inout [Float]
  ) {
    let step = map.columns.x
    Parallel.forEachSlab(of: &result, stride: region.shape.x, threads: 1) { index, row in
      let z = region.lower.z + index / region.shape.y
      let y = region.lower.y + index % region.shape.y
      sampler.linearRow(
        voxels.span, from: map(x: 0, y: Double(y), z: Double(z)), step: step, first: region.lower.x,
        into: &row)
    }
  }

  /// Points per axis of a target voxel so that no step is longer than a source voxel.
  private var subdivision: (x: Int, y: Int, z: Int) {
    func count(_ step: SIMD3<Double>) -> Int { max(1, Int(length(step).rounded(.up))) }
    let columns = map.columns
    return (count(columns.x), count(columns.y), count(columns.z))
  }

  private func average(
    _ sampler: BoxSampler, _ voxels: Span<Float>, _ x: Int, _ y: Int, _ z: Int,
    _ n: (x: Int, y: Int, z: Int)
  ) -> Float {
    var sum = 0.0
    var hits = 0
    for k in 0..<n.z {
      for j in 0..<n.y {
        for i in 0..<n.x {
          let value = sampler.linear(
            voxels,
            map(
              x: Double(x) + (Double(i) + 0.5) / Double(n.x) - 0.5,
              y: Double(y) + (Double(j) + 0.5) / Double(n.y) - 0.5,
              z: Double(z) + (Double(k) + 0.5) / Double(n.z) - 0.5))
          if !value.isNaN {
            sum += Double(value)
            hits += 1
          }
        }
      }
    }
    return 2 * hits >= n.x * n.y * n.z ? Float(sum / Double(hits)) : .nan
  }

  private func readNearest(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    guard let box = map.footprint(of: region, margin: 0, support: 1, in: source.grid.shape) else {
      return try source.read(Region(lower: region.lower.zeroed, shape: Shape(z: 1, y: 1, x: 1)))
        .gathered([Int](repeating: -1, count: region.count), fill: fill)
    }
    if let (first, second, axis) = split(region, footprint: box, bytesPerVoxel: source.voxelType.size) {
      return try readNearest(first).joined(
        with: try readNearest(second), shapes: first.shape, second.shape, along: axis)
    }
    let buffer = try source.read(box)
    let sampler = BoxSampler(box: box, whole: source.grid.shape)
    var indices: [Int] = []
    indices.reserveCapacity(region.count)
    for z in region.z {
      for y in region.y {
        for x in region.x {
          indices.append(sampler.nearest(map(x: Double(x), y: Double(y), z: Double(z))))
        }
      }
    }
    return buffer.gathered(indices, fill: fill)
  }
}

extension Shape {
  fileprivate var zeroed: Shape { Shape(z: 0, y: 0, x: 0) }
}

extension Grid {
  /// - Throws: `data` where nobody told the size of the voxels, so that micrometres mean nothing.
  package func requireSpacing(_ name: String) throws(VoxelithError) {
    guard hasKnownSpacing else {
      throw VoxelithError(
        .data, "the size of the voxels is not known", file: name,
        advice: "give the voxel size in µm (z, y, x)")
    }
  }
}
