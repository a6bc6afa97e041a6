import Volumetry

/// The equations of the spatial prior: (P + strength L) x = P x_measured, with the information P of every voxel and the
/// Laplacian L of neighbours that share a face, weighted by the guide and divided by their distance squared.
struct PriorSystem: Sendable {
  let map: NoisyMap
  /// Couplings to the next voxel along x, y and z in 1/um^2; 0 where one of the two is missing.
  let alongX: [Float]
  let alongY: [Float]
  let alongZ: [Float]
  /// Information of every voxel; 0 where it is missing.
  let information: [Float]
  /// Usable voxels.
  let voxels: Int
  /// Median information of usable voxels.
  let typicalInformation: Double

  init(_ map: NoisyMap, guide: PriorGuide, threads: Int) throws(VoxelithError) {
    let shape = map.grid.shape
    let information = map.x.indices.map { map.isUsable($0) ? map.information[$0] : 0 }
    let slice = shape.y * shape.x
    func couplings(_ axis: Axis, step: Int) throws(VoxelithError) -> [Float] {
      let length = map.grid.spacing(along: axis)
      let slices = try Parallel.map(shape.z, threads: threads) { (z) throws(VoxelithError) in
        var result = [Float](repeating: 0, count: slice)
        for place in 0..<slice {
          let position = axis == .z ? z : axis == .y ? place / shape.x : place % shape.x
          guard position + 1 < shape[axis] else { continue }
          let a = z * slice + place
          guard information[a] > 0, information[a + step] > 0 else { continue }
          result[place] = Float(guide.weight(a, a + step) / (length * length))
        }
        return result
      }
      return slices.flatMap { $0 }
    }
    alongX = try couplings(.x, step: 1)
    alongY = try couplings(.y, step: shape.x)
    alongZ = try couplings(.z, step: slice)
    let known = information.lazy.filter { $0 > 0 }.map(Double.init).sorted()
    voxels = known.count
    typicalInformation = known.isEmpty ? 0 : Quantiles.quantile(sorted: known, 0.5)
    self.information = information
    self.map = map
  }

  /// Length in um over which the prior of a strength carries.
  func length(_ strength: Double) -> Double {
    typicalInformation > 0 ? (strength / typicalInformation).squareRoot() : 0
  }

  /// The strength that carries over a length.
  func strength(length: Double) -> Double { typicalInformation * length * length }

  /// Voxels on each side of a voxel that its kernel may use: three lengths, and no more than `limit`.
  func reach(_ strength: Double, limit: Int) -> Shape {
    func voxels(_ axis: Axis) -> Int {
      let lengths = 3 * length(strength) / map.grid.spacing(along: axis)
      return min(max(1, Int(min(lengths, 1e6).rounded(.up))), limit)
    }
    return Shape(z: voxels(.z), y: voxels(.y), x: voxels(.x))
  }
}
