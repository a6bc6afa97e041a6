import Volumetry

/// Flows through the faces of voxels for a given concentration, in double precision.
///
/// A flow is positive towards higher indices. Units: a face of the axis with the shortest voxel side
/// has conductance 1 between voxels of diffusivity 1.
struct FaceFlows: Sendable {
  let fine: FineOperator
  let cells: PagedArray<UInt8>
  /// 1/D of each class.
  let resistivity: [Double]
  let concentration: PagedArray<Double>
  /// Current that enters at the surface of the phase; nil where faces of the box drive the flux.
  var charge: SurfaceCharge?

  /// One face of a voxel.
  struct Face {
    /// What passes, positive towards higher indices.
    var flow = 0.0
    /// What is dissipated between the two centres (or the centre and the fixed face).
    var power = 0.0
    /// The part of it that is dissipated within the voxel.
    var ownPower = 0.0
  }

  /// The face of an active voxel across `axis`, towards higher (`upper`) or lower indices. Inlined, so
  /// that axis and side are constants where it is used.
  @inline(__always)
  func face(of voxel: Int, at position: Shape, across axis: Axis, upper: Bool) -> Face {
    let own = resistivity[Int(cells[voxel] >> PhaseMap.classShift)]
    let weight = exactWeight(axis)
    var neighbour = voxel + (upper ? stride(axis) : -stride(axis))
    var offset = 0.0
    if position[axis] == (upper ? fine.shape[axis] - 1 : 0) {
      switch fine.boundary[axis] {
      case .insulated: return Face()
      case .fixed:
        let drop = upper ? concentration[voxel] : 1 - concentration[voxel]
        let flow = 2 * weight / own * drop
        return Face(flow: flow, power: flow * drop, ownPower: flow * drop)
      case .groundedBelow, .groundedAbove:
        guard fine.boundary[axis].isFixed(upper: upper) else { return Face() }
        let drop = upper ? concentration[voxel] : -concentration[voxel]
        let flow = 2 * weight / own * drop
        return Face(flow: flow, power: flow * drop, ownPower: flow * drop)
      case .periodic:
        neighbour = voxel + (upper ? 1 - fine.shape[axis] : fine.shape[axis] - 1) * stride(axis)
        if axis == fine.boundary.driven { offset = upper ? -1 : 1 }
      }
    }
    guard fine.isActive(neighbour) else { return Face() }
    let total = own + resistivity[Int(cells[neighbour] >> PhaseMap.classShift)]
    let beyond = concentration[neighbour] + offset
    let drop = upper ? concentration[voxel] - beyond : beyond - concentration[voxel]
    let flow = 2 * weight / total * drop
    return Face(flow: flow, power: flow * drop, ownPower: flow * drop * own / total)
  }

  @inline(__always)
  private func stride(_ axis: Axis) -> Int {
    switch axis {
    case .z: fine.slice
    case .y: fine.shape.x
    case .x: 1
    }
  }

  /// What flows in less what flows out.
  @inline(__always)
  private func netFlow(_ voxel: Int, at position: Shape) -> Double {
    let z =
      face(of: voxel, at: position, across: .z, upper: false).flow
      - face(of: voxel, at: position, across: .z, upper: true).flow
    let y =
      face(of: voxel, at: position, across: .y, upper: false).flow
      - face(of: voxel, at: position, across: .y, upper: true).flow
    let x =
      face(of: voxel, at: position, across: .x, upper: false).flow
      - face(of: voxel, at: position, across: .x, upper: true).flow
    return z + y + x + (charge?.source(of: voxel, at: position, fine) ?? 0)
  }

  /// What the halves of the six faces dissipate within the voxel.
  func ownPower(_ voxel: Int, at position: Shape) -> Double {
    var sum = 0.0
    for upper in [false, true] {
      sum += face(of: voxel, at: position, across: .z, upper: upper).ownPower
      sum += face(of: voxel, at: position, across: .y, upper: upper).ownPower
      sum += face(of: voxel, at: position, across: .x, upper: upper).ownPower
    }
    return sum
  }

  /// Power of the faces that are counted with this voxel: the upper ones, and fixed lower ones.
  @inline(__always)
  func countedPower(_ voxel: Int, at position: Shape) -> Double {
    let axis = fine.boundary.driven
    var sum =
      face(of: voxel, at: position, across: .z, upper: true).power
      + face(of: voxel, at: position, across: .y, upper: true).power
      + face(of: voxel, at: position, across: .x, upper: true).power
    if position[axis] == 0 && fine.boundary[axis].isFixed(upper: false) {
      sum += face(of: voxel, at: position, across: axis, upper: false).power
    }
    return sum
  }

  @inline(__always)
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
  func residual(into output: PagedArray<Float>) -> Double {
    var partial = [Double](repeating: 0, count: fine.shape.z)
    var whole = output.mutableSpan
    var partials = partial.mutableSpan
    Parallel.forEachPiece(
      of: &whole, cuts: fine.sliceCuts, and: &partials, cuts: Array(0...fine.shape.z),
      threads: fine.threads
    ) { z, slab, sums in
      var sum = 0.0
      forEachActive(z: z) { voxel, position in
        let net = netFlow(voxel, at: position)
        slab[voxel - z * fine.slice] = Float(net)
        sum += net * net
      }
      sums[0] = sum
      fine.memory.touched(14 * slab.count)
    }
    return partial.reduce(0, +).squareRoot()
  }

  /// Norm of the right-hand side: what the fixed faces, the fall over a period, or the charge of the surface drive.
  func drivingNorm() throws(VoxelithError) -> Double {
    if let charge { return try chargeNorm(charge) }
    let axis = fine.boundary.driven
    let last = fine.shape[axis] - 1
    let sums = try Parallel.map(fine.shape.z, threads: fine.threads) { z in
      var sum = 0.0
      if axis == .z && z != 0 && z != last { return sum }
      forEachActive(z: z) { voxel, position in
        if position[axis] == 0 {
          let inlet = drive(voxel, at: position, upper: false)
          sum += inlet * inlet
        }
        if position[axis] == last {
          let outlet = drive(voxel, at: position, upper: true)
          sum += outlet * outlet
        }
      }
      fine.memory.touched(2 * fine.slice)
      return sum
    }
    return sums.reduce(0, +).squareRoot()
  }

  private func chargeNorm(_ charge: SurfaceCharge) throws(VoxelithError) -> Double {
    let sums = try Parallel.map(fine.shape.z, threads: fine.threads) { z in
      var sum = 0.0
      forEachActive(z: z) { voxel, position in
        let source = charge.source(of: voxel, at: position, fine)
        sum += source * source
      }
      fine.memory.touched(2 * fine.slice)
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
