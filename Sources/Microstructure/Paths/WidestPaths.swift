import Volumetry

/// The width of the widest way from each voxel to a face: its narrowest place decides, and of all ways the one whose narrowest
/// place is widest.
enum WidestPaths {
  /// Diameters in micrometres; NaN outside and where no way leads to the face.
  static func diameters(
    _ inside: [Bool], grid: Grid, face: GeodesicPaths.Face, resources: Resources
  ) throws(VoxelithError) -> [Float] {
    let shape = grid.shape
    // Without anything outside the phase, no ball has a largest size: the volume itself bounds it.
    let bound = Float(0.5 * grid.extent.max())
    var radii = DistanceMap.squared(inside, grid: grid, threads: resources.threads)
    Parallel.forEachSlab(of: &radii, stride: shape.y * shape.x, threads: resources.threads) { _, span in
      for i in span.indices { span[i] = min(bound, span[i].squareRoot()) }
    }
    var widths = [Float](repeating: .nan, count: shape.count)
    var queue = VoxelQueue()
    let near = face.isUpper ? shape[face.axis] - 1 : 0
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x where Shape(z: z, y: y, x: x)[face.axis] == near {
          let i = shape.index(z: z, y: y, x: x)
          guard inside[i] else { continue }
          widths[i] = radii[i]
          queue.push(i, key: -radii[i])
        }
      }
    }
    var isDone = [Bool](repeating: false, count: shape.count)
    let steps = [(Axis.z, shape.x * shape.y), (.y, shape.x), (.x, 1)]
    var count = 0
    while let (voxel, _) = queue.pop() {
      if isDone[voxel] { continue }
      isDone[voxel] = true
      count += 1
      if count & 0xFFFF == 0 { try resources.cancellation.check() }
      let place = Shape(
        z: voxel / (shape.x * shape.y), y: voxel / shape.x % shape.y, x: voxel % shape.x)
      for (axis, step) in steps {
        for sign in [-1, 1] where place[axis] + sign >= 0 && place[axis] + sign < shape[axis] {
          let other = voxel + sign * step
          guard inside[other], !isDone[other] else { continue }
          let width = min(widths[voxel], radii[other])
          guard widths[other].isNaN || width > widths[other] else { continue }
          widths[other] = width
          queue.push(other, key: -width)
        }
      }
    }
    let inset = DistanceMap.inset(grid)
    for i in widths.indices { widths[i] = 2 * (widths[i] - inset) }
    return widths
  }
}
