import Foundation
public import Volumetry

/// Which principal axis of a tensor is the direction of a structure.
public enum PrincipalAxis: String, Sendable, Hashable, Codable {
  /// Of the smallest eigenvalue: along fibres and pores for a structure tensor of grey-value gradients.
  case smallest
  /// Of the largest eigenvalue: for orientation tensors, means of n n^T.
  case largest
}

/// Orientation on the coarse grid, in the fixed frame.
public struct OrientationFields: Sendable {
  /// Unit vectors (x, y, z) with z not negative, one volume per component.
  public let direction: [Volume<Float>]
  /// Angle between the direction and the z axis (the beam, through the thickness), degrees, 0 to 90.
  public let polarAngle: Volume<Float>
  /// Eigenvalues in rising order.
  public let eigenvalues: [Volume<Float>]
  /// Fractional anisotropy of the mean tensor: 0 for isotropic, 1 for a single direction (Basser and
  /// Pierpaoli, J. Magn. Reson. B 111 (1996) 209).
  public let anisotropy: Volume<Float>
}

extension FieldProjection {
  /// Mean orientation: tensors are averaged, turned into the fixed frame, and then decomposed. Averaging
  /// vectors instead would let n and -n cancel.
  ///
  /// - Parameter tensor: components xx, yy, zz, xy, xz, yz in the frame of the fine volume.
  /// - Throws: `usage` where there are not six components, and what ``means(of:within:phases:resources:)`` throws.
  public func orientation(
    tensor: [any VolumeSource], axis: PrincipalAxis, within labels: (any VolumeSource)? = nil,
    phases: Set<Int> = [], resources: Resources = Resources()
  ) throws(VoxelithError) -> OrientationFields {
    guard tensor.count == 6 else {
      throw VoxelithError(
        .usage, "a tensor has six components (xx, yy, zz, xy, xz, yz), not \(tensor.count)")
    }
    return decompose(
      try means(of: tensor, within: labels, phases: phases, resources: resources), axis: axis)
  }

  /// The same from a field of vectors (x, y, z), of which only the line counts: n n^T is averaged. Vectors of
  /// length zero are missing.
  public func orientation(
    vectors: [any VolumeSource], within labels: (any VolumeSource)? = nil, phases: Set<Int> = [],
    resources: Resources = Resources()
  ) throws(VoxelithError) -> OrientationFields {
    guard vectors.count == 3 else {
      throw VoxelithError(.usage, "a vector has three components (x, y, z), not \(vectors.count)")
    }
    let first = vectors[0]
    for source in vectors + [labels].compactMap({ $0 }) where source.grid != first.grid {
      throw VoxelithError(.data, "the grids of \(first.name) and \(source.name) differ", file: source.name)
    }
    let products = try project(
      from: first.grid, name: first.name, channels: 6, coverage: minimumShare, resources: resources
    ) { (box) throws(VoxelithError) in
      let x = try vectors[0].readFloats(box)
      let y = try vectors[1].readFloats(box)
      let z = try vectors[2].readFloats(box)
      let mask = try labels?.readLabels(box).map { phases.contains(Int($0)) }
      var channels = [[Float]](repeating: [Float](repeating: .nan, count: x.count), count: 6)
      for i in x.indices where mask?[i] ?? true {
        let square = x[i] * x[i] + y[i] * y[i] + z[i] * z[i]
        guard square > 0 else { continue }
        channels[0][i] = x[i] * x[i] / square
        channels[1][i] = y[i] * y[i] / square
        channels[2][i] = z[i] * z[i] / square
        channels[3][i] = x[i] * y[i] / square
        channels[4][i] = x[i] * z[i] / square
        channels[5][i] = y[i] * z[i] / square
      }
      return .values(channels)
    }
    return decompose(Array(products.dropLast()), axis: .largest)
  }

  private func decompose(_ mean: [Volume<Float>], axis: PrincipalAxis) -> OrientationFields {
    let scale = transform.scale
    let toFixed = (1 / scale) * transform.linear.transposed
    let count = target.shape.count
    var direction = [[Float]](repeating: [Float](repeating: .nan, count: count), count: 3)
    var eigenvalues = direction
    var anisotropy = [Float](repeating: .nan, count: count)
    var angle = anisotropy
    for i in 0..<count {
      let t = mean.map { Double($0.voxels[i]) }
      if t.contains(where: \.isNaN) { continue }
      let moving = LinearMap(
        rows: SIMD3(t[0], t[3], t[4]), SIMD3(t[3], t[1], t[5]), SIMD3(t[4], t[5], t[2]))
      let (values, vectors) = symmetricEigen(toFixed * moving * toFixed.transposed)
      for k in 0..<3 { eigenvalues[k][i] = Float(values[k]) }
      let sum = values[0] + values[1] + values[2]
      let squares = values[0] * values[0] + values[1] * values[1] + values[2] * values[2]
      let third = sum / 3
      let spread = values.reduce(0) { $0 + ($1 - third) * ($1 - third) }
      anisotropy[i] = squares > 0 ? Float((1.5 * spread / squares).squareRoot()) : 0
      var v = axis == .smallest ? vectors[0] : vectors[2]
      if v.z < 0 { v = -v }
      for k in 0..<3 { direction[k][i] = Float(v[k]) }
      angle[i] = Float(acos(min(1, v.z)) * 180 / .pi)
    }
    func volume(_ voxels: [Float]) -> Volume<Float> { Volume(grid: target, voxels: voxels) }
    return OrientationFields(
      direction: direction.map(volume), polarAngle: volume(angle), eigenvalues: eigenvalues.map(volume),
      anisotropy: volume(anisotropy))
  }
}

/// Eigenvalues in rising order and unit eigenvectors of a symmetric matrix, by Jacobi rotations.
func symmetricEigen(_ matrix: LinearMap) -> ([Double], [SIMD3<Double>]) {
  var a = [
    [matrix.x.x, matrix.x.y, matrix.x.z], [matrix.y.x, matrix.y.y, matrix.y.z],
    [matrix.z.x, matrix.z.y, matrix.z.z],
  ]
  var v = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]
  for _ in 0..<50 {
    let off = a[0][1] * a[0][1] + a[0][2] * a[0][2] + a[1][2] * a[1][2]
    let size = a[0][0] * a[0][0] + a[1][1] * a[1][1] + a[2][2] * a[2][2]
    if off <= 1e-30 * size || off == 0 { break }
    for (p, q) in [(0, 1), (0, 2), (1, 2)] where a[p][q] != 0 {
      let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
      let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
      let c = 1 / (t * t + 1).squareRoot()
      let s = t * c
      for k in 0..<3 {
        let (kp, kq) = (a[k][p], a[k][q])
        a[k][p] = c * kp - s * kq
        a[k][q] = s * kp + c * kq
      }
      for k in 0..<3 {
        let (pk, qk) = (a[p][k], a[q][k])
        a[p][k] = c * pk - s * qk
        a[q][k] = s * pk + c * qk
        let (vp, vq) = (v[k][p], v[k][q])
        v[k][p] = c * vp - s * vq
        v[k][q] = s * vp + c * vq
      }
    }
  }
  let order = [0, 1, 2].sorted { (a[$0][$0], $0) < (a[$1][$1], $1) }
  return (order.map { a[$0][$0] }, order.map { SIMD3(v[0][$0], v[1][$0], v[2][$0]) })
}
