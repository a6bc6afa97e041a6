import Volumetry

/// Flows through the faces of voxels for a given concentration, in double precision.
///
/// A flow is positive towards higher indices. Units: a face of the axis with the shortest voxel side
/// has conductance 1 between voxels of diffusivity 1.
struct FaceFlows: Sendable {
  let fine: FineOperator
  let cells: [UInt8]
  /// 1/D of each class.
  let resistivity: [Double]
  let concentration: [Double]

  /// One face: what passes, and what is dissipated in the half of the face that lies in the voxel.
  struct Face {
    var flow = 0.0
    var dissipation = 0.0
  }

  func face(of voxel: Int, at position: Shape, across axis: Axis, upper: Bool) -> Face {
    let own = resistivity[Int(cells[voxel] >> PhaseMap.classShift)]
    let weight = exactWeight(axis)
    let isDriven = axis == fine.boundary.driven
    var other = position
    other[axis] += upper ? 1 : -1
    var offset = 0.0
    if other[axis] < 0 || other[axis] >= fine.shape[axis] {
      switch fine.boundary[axis] {
      case .insulated: return Face()
      case .fixed:
        let drop = upper ? concentration[voxel] : 1 - concentration[voxel]
        let flow = 2 * weight / own * drop
        return Face(flow: flow, dissipation: flow * drop)
      case .periodic:
        other[axis] = upper ? 0 : fine.shape[axis] - 1
        if isDriven { offset = upper ? -1 : 1 }
      }
    }
    let neighbour = fine.shape.index(z: other.z, y: other.y, x: other.x)
    guard fine.isActive(neighbour) else { return Face() }
    let total = own + resistivity[Int(cells[neighbour] >> PhaseMap.classShift)]
    let beyond = concentration[neighbour] + offset
    let drop = upper ? concentration[voxel] - beyond : beyond - concentration[voxel]
    let flow = 2 * weight / total * drop
    return Face(flow: flow, dissipation: flow * drop * own / total)
  }

  func exactWeight(_ axis: Axis) -> Double {
    switch axis {
    case .z: fine.exactWeights.z
    case .y: fine.exactWeights.y
    case .x: fine.exactWeights.x
    }
  }

  /// Calls `body(voxel, position)` for the active voxels of a slice.
  func forEachActive(z: Int, _ body: (Int, Shape) -> Void) {
    for y in 0..<fine.shape.y {
      for run in fine.runs.runs(ofRow: z * fine.shape.y + y) {
        for x in fine.runs.extent(of: run) {
          let voxel = fine.shape.index(z: z, y: y, x: x)
          if fine.isActive(voxel) { body(voxel, Shape(z: z, y: y, x: x)) }
        }
      }
    }
  }

  /// What flows in less what flows out, per voxel; returns the norm.
  func residual(into output: inout [Float]) -> Double {
    var partial = [Double](repeating: 0, count: fine.shape.z)
    Parallel.forEachPiece(
      of: &output, cuts: fine.sliceCuts, and: &partial, cuts: Array(0...fine.shape.z),
      threads: fine.threads
    ) { z, slab, sums in
      var sum = 0.0
      forEachActive(z: z) { voxel, position in
        var net = 0.0
        for axis in Axis.allCases {
          net += face(of: voxel, at: position, across: axis, upper: false).flow
          net -= face(of: voxel, at: position, across: axis, upper: true).flow
        }
        slab[voxel - z * fine.slice] = Float(net)
        sum += net * net
      }
      sums[0] = sum
    }
    return partial.reduce(0, +).squareRoot()
  }

  /// Norm of the right-hand side: what the fixed faces, or the fall over a period, drive.
  func drivingNorm() throws(VoxelithError) -> Double {
    let axis = fine.boundary.driven
    let last = fine.shape[axis] - 1
    let empty = FaceFlows(fine: fine, cells: cells, resistivity: resistivity, concentration: concentration)
    let sums = try Parallel.map(fine.shape.z, threads: fine.threads) { z in
      var sum = 0.0
      empty.forEachActive(z: z) { voxel, position in
        for upper in [false, true] where position[axis] == (upper ? last : 0) {
          let drive = empty.drive(voxel, at: position, upper: upper)
          sum += drive * drive
        }
      }
      return sum
    }
    return sums.reduce(0, +).squareRoot()
  }

  private func drive(_ voxel: Int, at position: Shape, upper: Bool) -> Double {
    let axis = fine.boundary.driven
    let own = resistivity[Int(cells[voxel] >> PhaseMap.classShift)]
    if fine.boundary[axis] == .fixed { return upper ? 0 : 2 * exactWeight(axis) / own }
    var other = position
    other[axis] = upper ? 0 : fine.shape[axis] - 1
    let neighbour = fine.shape.index(z: other.z, y: other.y, x: other.x)
    guard fine.isActive(neighbour) else { return 0 }
    return 2 * exactWeight(axis) / (own + resistivity[Int(cells[neighbour] >> PhaseMap.classShift)])
  }
}
