import Volumetry

/// The diagonal of the matrix in one byte a voxel, where all active voxels conduct alike: how many faces
/// across each axis conduct, fixed ones counting twice.
struct DiagonalTable: Sendable {
  /// Diagonal by code.
  let values: [Float]
  /// Code of one face across z, y, x.
  private let steps: Shape
  /// Whether the code itself is the diagonal.
  private let isCubic: Bool

  /// - Parameter weights: conductance of a face across x, y, z.
  init(weights: SIMD3<Double>) {
    isCubic = weights == .one
    // Up to two faces across an axis, each counted up to twice.
    steps = isCubic ? Shape(z: 1, y: 1, x: 1) : Shape(z: 1, y: 5, x: 25)
    values = isCubic ? (0..<13).map { Float($0) } : (0..<125).map { Self.sum($0, weights) }
  }

  private static func sum(_ code: Int, _ weights: SIMD3<Double>) -> Float {
    let faces = SIMD3(Double(code / 25), Double(code / 5 % 5), Double(code % 5))
    return Float((faces * weights).sum())
  }

  /// The codes of all voxels; 0 where inactive.
  func codes(
    active: PagedArray<UInt8>, shape: Shape, boundary: BoundaryConditions, threads: Int
  ) throws(VoxelithError) -> PagedArray<UInt8> {
    let slice = shape.y * shape.x
    let memory = active.memory
    let result = try PagedArray<UInt8>(repeating: 0, count: shape.count, in: memory)
    var span = result.mutableSpan
    Parallel.forEachSlab(of: &span, stride: slice, threads: threads) { z, slab in
      for y in 0..<shape.y {
        for x in 0..<shape.x where active[z * slice + y * shape.x + x] != 0 {
          let position = Shape(z: z, y: y, x: x)
          let z = faces(across: .z, at: position, active, shape, boundary)
          let y = faces(across: .y, at: position, active, shape, boundary)
          let x = faces(across: .x, at: position, active, shape, boundary)
          slab[position.y * shape.x + position.x] = UInt8(z * steps.z + y * steps.y + x * steps.x)
        }
      }
      memory.touched(2 * slab.count)
    }
    return result
  }

  @inline(__always)
  private func faces(
    across axis: Axis, at position: Shape, _ active: PagedArray<UInt8>, _ shape: Shape,
    _ boundary: BoundaryConditions
  ) -> Int {
    var sum = 0
    for step in [-1, 1] {
      var other = position
      other[axis] += step
      if other[axis] < 0 || other[axis] >= shape[axis] {
        if boundary[axis].isFixed(upper: step > 0) { sum += 2 }
        guard boundary[axis] == .periodic else { continue }
        other[axis] = step < 0 ? shape[axis] - 1 : 0
      }
      sum += Int(active[shape.index(z: other.z, y: other.y, x: other.x)])
    }
    return sum
  }

  /// The diagonals of a run.
  func decode(_ codes: Span<UInt8>, to diagonal: inout MutableSpan<Float>) {
    if isCubic {
      convertRow(codes, to: &diagonal)
    } else {
      lookUpRow(codes, values.span, to: &diagonal)
    }
  }
}

private func convertRow(_ codes: Span<UInt8>, to target: inout MutableSpan<Float>) {
  for i in codes.indices { target[i] = Float(codes[i]) }
}

private func lookUpRow(_ codes: Span<UInt8>, _ values: Span<Float>, to target: inout MutableSpan<Float>) {
  for i in codes.indices { target[i] = values[Int(codes[i])] }
}
