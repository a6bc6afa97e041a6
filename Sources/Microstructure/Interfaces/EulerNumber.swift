public import Volumetry

/// Euler number of a phase, and what follows from it.
///
/// Vertices less edges plus faces less voxels of what the phase is made of. With 26 neighbours those are the closed voxels; with 6 they are
/// the centres and what lies between them. The border of the volume is taken as the border of the phase.
public struct EulerNumber: Sendable, Hashable, Codable {
  public let connectivity: Connectivity
  /// Components less tunnels plus cavities.
  public let euler: Int
  public let components: Int
  /// Components of everything else that no face of the volume touches.
  public let cavities: Int
  /// Ways that can be cut without parting a component: components plus cavities less the Euler number.
  public let tunnels: Int

  enum CodingKeys: String, CodingKey {
    case connectivity, components, cavities, tunnels
    case euler = "euler_number"
  }

  /// - Throws: `usage` for a connectivity of 18, whose complement has no connectivity of its own; what reading throws.
  public static func measure(
    _ phase: PhaseLabels, connectivity: Connectivity = .six, resources: Resources = Resources()
  ) throws(VoxelithError) -> EulerNumber {
    guard connectivity != .eighteen else {
      throw VoxelithError(.usage, "an Euler number needs a connectivity of 6 or 26")
    }
    let euler = try count(phase, isOpen: connectivity == .six, resources: resources)
    let own = try RunComponents(
      phase.labels, label: phase.phase, connectivity: connectivity, resources: resources)
    let rest = try RunComponents(
      OtherVoxels(phase: phase), label: 1, connectivity: connectivity == .six ? .twentySix : .six,
      resources: resources)
    // A single slice has no cavities in its plane but holes, which its faces across do not open.
    var open = RunComponents.Faces()
    for axis in Axis.allCases where phase.grid.extends(along: axis) {
      open.formUnion([.lower(axis), .upper(axis)])
    }
    let isFlat = phase.grid.extendedAxes.count < 3 && !phase.grid.extendedAxes.isEmpty
    let cavities = isFlat ? 0 : rest.components.count { $0.faces.isDisjoint(with: open) }
    let components = own.components.count
    return EulerNumber(
      connectivity: connectivity, euler: euler, components: components, cavities: cavities,
      tunnels: components + cavities - euler)
  }

  /// All voxels that are not of the phase, as label 1.
  private struct OtherVoxels: VolumeSource {
    let phase: PhaseLabels
    var grid: Grid { phase.grid }
    var voxelType: VoxelType { .uint8 }
    var chunkShape: Shape { phase.labels.chunkShape }
    var name: String { phase.labels.name }

    func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
      .uint8(try phase.labels.readLabels(region).map { $0 == phase.phase ? 0 : 1 })
    }
  }

  private static func count(
    _ phase: PhaseLabels, isOpen: Bool, resources: Resources
  ) throws(VoxelithError) -> Int {
    let shape = phase.grid.shape
    // A rim of empty voxels makes every corner one of eight voxels.
    let (rows, columns) = (shape.y + 2, shape.x + 2)
    var previous = [UInt8](repeating: 0, count: rows * columns)
    var total = 0
    func add(_ lower: [UInt8], _ upper: [UInt8]) {
      let (a, b) = (lower.span, upper.span)
      for y in 0..<(rows - 1) {
        let line = y * columns
        for x in 0..<(columns - 1) {
          let i = line + x
          let (p, q) = (
            Corner(a[i], a[i + 1], a[i + columns], a[i + columns + 1]),
            Corner(b[i], b[i + 1], b[i + columns], b[i + columns + 1])
          )
          total += isOpen ? Corner.open(p, q) : Corner.closed(p, q)
        }
      }
    }
    try BlockStream.run(Block.slices(of: shape), stage: "euler number", resources: resources) {
      (block) throws(VoxelithError) -> [UInt8] in
      let labels = try phase.labels.readLabels(block.core)
      var slice = [UInt8](repeating: 0, count: rows * columns)
      for y in 0..<shape.y {
        for x in 0..<shape.x where labels[y * shape.x + x] == phase.phase {
          slice[(y + 1) * columns + x + 1] = 1
        }
      }
      return slice
    } consume: { (_, slice) throws(VoxelithError) in
      add(previous, slice)
      previous = slice
    }
    add(previous, [UInt8](repeating: 0, count: rows * columns))
    return total
  }
}

/// Four voxels of a slice about a corner. What belongs to a corner is the vertex there, and the edges, faces and voxel
/// that go from it towards lower indices.
private struct Corner {
  let a: UInt8
  let b: UInt8
  let c: UInt8
  let d: UInt8

  @inline(__always)
  init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    (self.a, self.b, self.c, self.d) = (a, b, c, d)
  }

  /// Closed voxels: a vertex, edge or face is there where any voxel that has it is.
  @inline(__always)
  static func closed(_ p: Corner, _ q: Corner) -> Int {
    let lower = p.a | p.b | p.c | p.d
    let vertex = lower | q.a | q.b | q.c | q.d
    // Edges along z, y, x from the corner down lie between the voxels on the lower side of it.
    let edgeZ = lower
    let edgeY = p.a | p.b | q.a | q.b
    let edgeX = p.a | p.c | q.a | q.c
    let faceX = p.a | p.b
    let faceY = p.a | p.c
    let faceZ = p.a | q.a
    return Int(vertex) - Int(edgeZ) - Int(edgeY) - Int(edgeX) + Int(faceX) + Int(faceY) + Int(faceZ)
      - Int(p.a)
  }

  /// Centres: an edge, face or cube is there where all voxels are that it joins.
  @inline(__always)
  static func open(_ p: Corner, _ q: Corner) -> Int {
    let vertex = q.d
    let edges = Int(q.d & p.d) + Int(q.d & q.b) + Int(q.d & q.c)
    let faces = Int(q.d & p.d & q.b & p.b) + Int(q.d & p.d & q.c & p.c) + Int(q.a & q.b & q.c & q.d)
    let cube = p.a & p.b & p.c & p.d & q.a & q.b & q.c & q.d
    return Int(vertex) - edges + faces - Int(cube)
  }
}
