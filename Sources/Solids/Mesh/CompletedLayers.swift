import Volumetry

/// Gives layers their normals and colours.
///
/// A vertex is known to all its triangles once the next layer is there, so a layer comes out when the next goes in.
struct CompletedLayers {
  private var reader: SurfaceColorReader?
  /// The last layer; of its normals those of its own vertices are sums that the next layer goes on with.
  private var pending: SurfaceLayer?

  init(reader: SurfaceColorReader?) { self.reader = reader }

  /// - Returns: the layer before, complete.
  mutating func add(_ layer: SurfaceLayer) throws(VoxelithError) -> SurfaceLayer? {
    var next = layer
    var before = pending
    pending = nil
    var sums: [SIMD3<Float>] = []
    sums.reserveCapacity(next.vertices.count)
    if let before { sums.append(contentsOf: before.normals[before.own]) }
    sums.append(contentsOf: repeatElement(.zero, count: next.vertices.count - sums.count))
    SurfaceNormals.add(next.triangles.span, next.vertices.span, to: &sums)
    if reader != nil, let before { next.colors = Array(before.colors[before.own]) }
    if reader != nil { try reader?.append(to: &next.colors, next.vertices[next.own]) }
    if var completed = before {
      before = nil
      let start = completed.earlier
      for i in 0..<next.earlier {
        sums[i] = SurfaceNormals.normalized(sums[i])
        completed.normals[start + i] = sums[i]
      }
      next.normals = sums
      pending = next
      return completed
    }
    next.normals = sums
    pending = next
    return nil
  }

  /// - Returns: the last layer, complete.
  mutating func finish() throws(VoxelithError) -> SurfaceLayer? {
    guard var last = pending else { return nil }
    pending = nil
    for i in last.own { last.normals[i] = SurfaceNormals.normalized(last.normals[i]) }
    return last
  }
}
