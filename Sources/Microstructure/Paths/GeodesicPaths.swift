import Foundation
public import Volumetry

/// Shortest ways through a phase from every voxel to a face of the volume: how long they are, how much longer than straight,
/// and how wide the widest way is at its narrowest place.
///
/// A way is a chain of straight lines between centres of voxels that see each other within the phase, and then straight to
/// the face. Chains are found from the face on in the order of their length, each voxel looking past its neighbour to the
/// bend before it (lazy Theta*; A. Nash, S. Koenig, C. Tovey, AAAI 2010): lengths are those of lines in any direction, not of steps
/// to 26 neighbours, which are up to 13 % too long. Rejected: fast marching, whose first order is 2 to 5 % too long in
/// channels a few voxels wide.
///
/// The whole volume is held in memory, at some 45 bytes a voxel; the order of the ways knows no blocks.
public struct GeodesicPaths: Sendable {
  /// Which face ways lead to.
  public struct Face: Sendable, Hashable {
    public let axis: Axis
    public let isUpper: Bool

    public init(_ axis: Axis, isUpper: Bool) {
      self.axis = axis
      self.isUpper = isUpper
    }
  }

  public let face: Face
  /// Micrometres from the centre of each voxel to the face; NaN outside the phase and where no way leads there.
  public let lengths: Volume<Float>
  /// Length over the distance of the centre to the face, straight; NaN as the lengths.
  public let tortuosity: Volume<Float>
  /// Diameter in micrometres of the largest ball that can move from the voxel to the face; NaN as the lengths.
  public let widths: Volume<Float>
  /// Voxels of the phase.
  public let phaseVoxels: Int

  /// Mask, length, tortuosity, width, depth, bend, and the queue.
  static let bytesPerVoxel = 45

  /// - Throws: `usage` where the volume does not fit the memory budget or is one voxel thick across the face; `data` where no
  ///   voxel has the label; what reading throws.
  public init(
    _ phase: PhaseLabels, to face: Face, resources: Resources = Resources()
  ) throws(VoxelithError) {
    let grid = phase.grid
    guard grid.extends(along: face.axis) else {
      throw VoxelithError(
        .usage, "the volume is one voxel thick along \(face.axis)", file: phase.labels.name,
        advice: "choose another axis")
    }
    let needed = grid.shape.count * Self.bytesPerVoxel
    guard needed <= resources.memory, grid.shape.count < Int(Int32.max) else {
      throw VoxelithError(
        .usage, "paths through \(grid.shape) voxels need \(needed / 1_000_000 + 1) MB",
        file: phase.labels.name, advice: "raise --memory, or crop or bin the volume")
    }
    let inside = try phase.membership(resources: resources)
    let count = inside.count { $0 }
    guard count > 0 else {
      throw VoxelithError(
        .data, "no voxel has the label \(phase.phase)", file: phase.labels.name,
        advice: "inspect the volume for the labels that it holds")
    }
    self.face = face
    phaseVoxels = count
    resources.progress.report("shortest paths", done: 0, of: 2)
    var front = PathFront(inside, grid: grid, face: face)
    try front.run(resources.cancellation)
    resources.progress.report("widest paths", done: 1, of: 2)
    let lengths = front.lengths
    let shape = grid.shape
    var ratio = lengths
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let i = shape.index(z: z, y: y, x: x)
          ratio[i] /= Float(face.distance(of: Shape(z: z, y: y, x: x), grid: grid))
        }
      }
    }
    self.lengths = Volume(grid: grid, voxels: lengths)
    tortuosity = Volume(grid: grid, voxels: ratio)
    widths = Volume(
      grid: grid, voxels: try WidestPaths.diameters(inside, grid: grid, face: face, resources: resources))
    resources.progress.report("widest paths", done: 2, of: 2)
  }

  /// Means over the voxels that a way leads from, and over those of the opposite layer.
  public func summary() -> PathSummary {
    let shape = lengths.shape
    let far = face.isUpper ? 0 : shape[face.axis] - 1
    var all = (count: 0, tortuosity: 0.0)
    var through = (count: 0, length: 0.0, shortest: Double.infinity, widest: 0.0)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let i = shape.index(z: z, y: y, x: x)
          guard !lengths.voxels[i].isNaN else { continue }
          all.count += 1
          all.tortuosity += Double(tortuosity.voxels[i])
          guard Shape(z: z, y: y, x: x)[face.axis] == far else { continue }
          // The last half voxel to the far face is added.
          let length = Double(lengths.voxels[i]) + 0.5 * lengths.grid.spacing(along: face.axis)
          through.count += 1
          through.length += length
          through.shortest = min(through.shortest, length)
          through.widest = max(through.widest, Double(widths.voxels[i]))
        }
      }
    }
    let thickness = Double(shape[face.axis]) * lengths.grid.spacing(along: face.axis)
    let crosses = through.count > 0
    return PathSummary(
      reached: Double(all.count) / Double(phaseVoxels),
      meanTortuosity: all.count > 0 ? all.tortuosity / Double(all.count) : nil,
      throughTortuosity: crosses ? through.length / Double(through.count) / thickness : nil,
      shortestTortuosity: crosses ? through.shortest / thickness : nil,
      throughWidth: crosses ? through.widest : nil,
      reason: all.count == 0
        ? "no voxel of the phase touches the face"
        : crosses ? nil : "no way through the phase joins the two faces across \(face.axis)")
  }
}

/// What the paths of a phase come to.
public struct PathSummary: Sendable, Hashable, Codable {
  /// Share of the phase that a way leads from.
  public let reached: Double
  /// Mean tortuosity over these voxels.
  public let meanTortuosity: Double?
  /// Mean length from face to face over the thickness, over the voxels of the opposite layer that a way leads from.
  public let throughTortuosity: Double?
  /// Length of the shortest way from face to face over the thickness.
  public let shortestTortuosity: Double?
  /// Diameter of the largest ball that can move from face to face, in micrometres.
  public let throughWidth: Double?
  /// Why something is missing.
  public let reason: String?

  enum CodingKeys: String, CodingKey {
    case reason
    case reached = "reached_share"
    case meanTortuosity = "mean_tortuosity"
    case throughTortuosity = "through_tortuosity"
    case shortestTortuosity = "shortest_tortuosity"
    case throughWidth = "through_width_um"
  }

  /// Missing numbers are written as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(reached, forKey: .reached)
    try container.encode(meanTortuosity, forKey: .meanTortuosity)
    try container.encode(throughTortuosity, forKey: .throughTortuosity)
    try container.encode(shortestTortuosity, forKey: .shortestTortuosity)
    try container.encode(throughWidth, forKey: .throughWidth)
    try container.encodeIfPresent(reason, forKey: .reason)
  }
}

extension GeodesicPaths.Face {
  /// Distance in micrometres from the centre of a voxel, straight.
  func distance(of place: Shape, grid: Grid) -> Double {
    let layer = isUpper ? grid.shape[axis] - 1 - place[axis] : place[axis]
    return (Double(layer) + 0.5) * grid.spacing(along: axis)
  }
}

/// The ways, from the face on.
private struct PathFront {
  private let inside: [Bool]
  private let grid: Grid
  private let sight: LineOfSight
  private let neighbours: Neighbourhood
  private(set) var lengths: [Float]
  /// The voxel of the next bend; -1 where the way is straight to the face.
  private var bends: [Int32]
  private var queue = VoxelQueue()
  private var candidates: [(length: Float, bend: Int32)] = []

  init(_ inside: [Bool], grid: Grid, face: GeodesicPaths.Face) {
    self.inside = inside
    self.grid = grid
    let shape = grid.shape
    sight = LineOfSight(shape: shape)
    neighbours = Neighbourhood(shape: shape)
    lengths = [Float](repeating: .nan, count: shape.count)
    bends = [Int32](repeating: -1, count: shape.count)
    // What sees the face straight on.
    var other = shape
    other[face.axis] = 1
    for z in 0..<other.z {
      for y in 0..<other.y {
        for x in 0..<other.x {
          var place = Shape(z: z, y: y, x: x)
          for layer in 0..<shape[face.axis] {
            place[face.axis] = face.isUpper ? shape[face.axis] - 1 - layer : layer
            let i = shape.index(z: place.z, y: place.y, x: place.x)
            guard inside[i] else { break }
            lengths[i] = Float(face.distance(of: place, grid: grid))
            queue.push(i, key: lengths[i])
          }
        }
      }
    }
  }

  mutating func run(_ cancellation: Cancellation) throws(VoxelithError) {
    var isDone = [Bool](repeating: false, count: inside.count)
    var steps = 0
    while let (voxel, key) = queue.pop() {
      if isDone[voxel] || key != lengths[voxel] { continue }
      steps += 1
      if steps & 0xFFFF == 0 { try cancellation.check() }
      // A bend was taken over from one neighbour, in sight or not: now all of them are asked.
      if bends[voxel] >= 0 {
        let (bend, length) = nearest(voxel, isDone)
        guard bend >= 0 else { continue }
        bends[voxel] = Int32(bend)
        lengths[voxel] = length
        if length > key * (1 + 1e-6) {
          queue.push(voxel, key: length)
          continue
        }
      }
      isDone[voxel] = true
      let bend = bends[voxel] >= 0 ? Int(bends[voxel]) : voxel
      let base = lengths[bend]
      neighbours.forEach(of: voxel) { other in
        guard inside[other], !isDone[other], bends[other] >= 0 || lengths[other].isNaN else { return }
        let length = base + distance(bend, other)
        guard lengths[other].isNaN || length < lengths[other] else { return }
        // The step itself must be one through faces, for otherwise nothing joins the two.
        guard sight.isOpen(inside.span, from: voxel, to: other) else { return }
        lengths[other] = length
        bends[other] = Int32(bend)
        queue.push(other, key: length)
      }
    }
  }

  /// The shortest way over a neighbour that is done, over its bend, or over the bend before that, of what is in sight.
  private mutating func nearest(_ voxel: Int, _ isDone: [Bool]) -> (bend: Int, length: Float) {
    candidates.removeAll(keepingCapacity: true)
    neighbours.forEach(of: voxel) { other in
      guard isDone[other] else { return }
      var bend = Int32(other)
      for _ in 0..<3 where bend >= 0 {
        if !candidates.contains(where: { $0.bend == bend }) {
          candidates.append((lengths[Int(bend)] + distance(Int(bend), voxel), bend))
        }
        bend = bends[Int(bend)]
      }
    }
    candidates.sort { ($0.length, $0.bend) < ($1.length, $1.bend) }
    for candidate in candidates where sight.isOpen(inside.span, from: Int(candidate.bend), to: voxel) {
      return (Int(candidate.bend), candidate.length)
    }
    return (-1, .infinity)
  }

  private func distance(_ a: Int, _ b: Int) -> Float {
    let shape = grid.shape
    let slice = shape.x * shape.y
    let steps = SIMD3(
      Double(a % shape.x - b % shape.x), Double(a / shape.x % shape.y - b / shape.x % shape.y),
      Double(a / slice - b / slice))
    let way = steps * grid.spacing
    return Float((way * way).sum().squareRoot())
  }
}
