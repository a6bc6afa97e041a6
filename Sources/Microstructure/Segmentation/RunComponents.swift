public import Volumetry

/// Which voxels are neighbours.
public enum Connectivity: Int, Sendable, Hashable, Codable, CaseIterable {
  /// Through faces.
  case six = 6
  /// Through faces and edges.
  case eighteen = 18
  /// Through faces, edges and corners.
  case twentySix = 26
}

/// Connected components of a label volume, kept as runs along x: slices are read once and in order,
/// and memory holds 16 bytes for each run of equal labels, not voxels.
public struct RunComponents: Sendable {
  /// Faces of the grid that a component touches.
  public struct Faces: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static func lower(_ axis: Axis) -> Faces { Faces(rawValue: 1 << (2 * axis.number)) }
    public static func upper(_ axis: Axis) -> Faces { Faces(rawValue: 2 << (2 * axis.number)) }

    /// Whether the component reaches from face to face along an axis.
    public func percolates(_ axis: Axis) -> Bool {
      contains([.lower(axis), .upper(axis)])
    }
  }

  /// A component: connected voxels of one label.
  public struct Component: Sendable, Hashable {
    public let label: UInt32
    public var size: Int
    public var faces: Faces
  }

  struct Run: Sendable {
    let start: Int32
    let end: Int32
    /// Component, once labelling has ended.
    var component: Int32
    let label: UInt32
  }

  public let grid: Grid
  public let connectivity: Connectivity
  /// In the order of their first voxels.
  public private(set) var components: [Component] = []
  private(set) var runs: [Run] = []
  /// First run of each row, and one more at the end.
  private(set) var rows: [Int] = [0]

  /// Finds the components of one label, or of every label.
  ///
  /// - Throws: `usage` where the runs do not fit the memory budget, and what reading throws.
  public init(
    _ source: any VolumeSource, label wanted: UInt32? = nil, connectivity: Connectivity = .six,
    resources: Resources = Resources()
  ) throws(VoxelithError) {
    grid = source.grid
    self.connectivity = connectivity
    let shape = grid.shape
    var forest = DisjointSets()
    let slices = Block.slices(of: shape)
    let links = RunLinks(shape: shape, connectivity: connectivity)
    var found: [Run] = []
    var starts = [0]
    starts.reserveCapacity(shape.z * shape.y + 1)
    try BlockStream.run(slices, stage: "components", resources: resources) {
      (block) throws(VoxelithError) -> SliceRuns in
      SliceRuns(try source.readLabels(block.core), shape: shape, wanted: wanted)
    } consume: { (_, slice) throws(VoxelithError) in
      for y in 0..<shape.y {
        found.append(contentsOf: slice.runs[slice.rows[y]..<slice.rows[y + 1]])
        starts.append(found.count)
      }
      guard found.count * 20 <= max(resources.memory, 64 << 20), found.count < Int(Int32.max) else {
        throw VoxelithError(
          .usage, "the components need more than \(resources.memory / 1_000_000) MB",
          file: source.name, advice: "raise --memory, or remove noise first")
      }
      forest.grow(to: found.count)
      links.join(found, starts, &forest)
    }
    runs = found
    rows = starts
    number(forest)
  }

  /// The component of every voxel, counted from 1; 0 where the label was not asked for.
  public func volume() -> Volume<UInt32> {
    var volume = Volume<UInt32>(grid: grid, repeating: 0)
    volume.withVoxels { voxels in
      for row in 0..<(rows.count - 1) {
        for run in runs[rows[row]..<rows[row + 1]] {
          let line = row * grid.shape.x
          for x in Int(run.start)..<Int(run.end) { voxels[line + x] = UInt32(run.component) + 1 }
        }
      }
    }
    return volume
  }

  private mutating func number(_ forest: DisjointSets) {
    var forest = forest
    var numbers = [Int32](repeating: -1, count: runs.count)
    let shape = grid.shape
    for row in 0..<(rows.count - 1) {
      var faces = Faces()
      let z = row / shape.y
      let y = row % shape.y
      if z == 0 { faces.insert(.lower(.z)) }
      if z == shape.z - 1 { faces.insert(.upper(.z)) }
      if y == 0 { faces.insert(.lower(.y)) }
      if y == shape.y - 1 { faces.insert(.upper(.y)) }
      for index in rows[row]..<rows[row + 1] {
        let root = forest.root(index)
        if numbers[root] < 0 {
          numbers[root] = Int32(components.count)
          components.append(Component(label: runs[index].label, size: 0, faces: []))
        }
        let component = Int(numbers[root])
        runs[index].component = numbers[root]
        components[component].size += Int(runs[index].end - runs[index].start)
        components[component].faces.formUnion(faces)
        if runs[index].start == 0 { components[component].faces.insert(.lower(.x)) }
        if Int(runs[index].end) == shape.x { components[component].faces.insert(.upper(.x)) }
      }
    }
  }
}

extension Axis {
  /// Position in the order z, y, x.
  var number: Int {
    switch self {
    case .z: 0
    case .y: 1
    case .x: 2
    }
  }
}

/// Runs of equal labels of one slice.
struct SliceRuns: Sendable {
  var runs: [RunComponents.Run] = []
  var rows: [Int] = [0]

  init(_ labels: [UInt32], shape: Shape, wanted: UInt32?) {
    for y in 0..<shape.y {
      let line = y * shape.x
      var x = 0
      while x < shape.x {
        let label = labels[line + x]
        let start = x
        repeat { x += 1 } while x < shape.x && labels[line + x] == label
        if wanted == nil || wanted == label {
          runs.append(
            RunComponents.Run(
              start: Int32(start), end: Int32(x), component: -1, label: label))
        }
      }
      rows.append(runs.count)
    }
  }
}

/// Sets that are joined; the root of a set is its first member.
struct DisjointSets: Sendable {
  private var parents: [Int32] = []

  mutating func grow(to count: Int) {
    while parents.count < count { parents.append(Int32(parents.count)) }
  }

  mutating func root(_ member: Int) -> Int {
    var here = member
    while Int(parents[here]) != here {
      parents[here] = parents[Int(parents[here])]
      here = Int(parents[here])
    }
    return here
  }

  mutating func join(_ a: Int, _ b: Int) {
    let first = root(a)
    let second = root(b)
    if first < second { parents[second] = Int32(first) }
    if second < first { parents[first] = Int32(second) }
  }
}

/// Joins the runs of a slice with those of the rows before.
private struct RunLinks {
  let shape: Shape
  /// Rows before: steps along z and y, and how far runs may miss each other along x.
  let neighbours: [(z: Int, y: Int, gap: Int32)]

  init(shape: Shape, connectivity: Connectivity) {
    self.shape = shape
    switch connectivity {
    case .six: neighbours = [(0, -1, 0), (-1, 0, 0)]
    case .eighteen: neighbours = [(0, -1, 1), (-1, 0, 1), (-1, -1, 0), (-1, 1, 0)]
    case .twentySix: neighbours = [(0, -1, 1), (-1, 0, 1), (-1, -1, 1), (-1, 1, 1)]
    }
  }

  private func touch(_ a: RunComponents.Run, _ b: RunComponents.Run, _ gap: Int32) -> Bool {
    a.label == b.label && a.start < b.end + gap && b.start < a.end + gap
  }

  /// Joins the slice that `rows` ends with.
  func join(_ runs: [RunComponents.Run], _ rows: [Int], _ forest: inout DisjointSets) {
    let first = rows.count - 1 - shape.y
    let runs = runs.span
    for y in 0..<shape.y {
      for neighbour in neighbours {
        guard (0..<shape.y).contains(y + neighbour.y) else { continue }
        let other = first + y + neighbour.z * shape.y + neighbour.y
        guard other >= 0 else { continue }
        var a = rows[first + y]
        var b = rows[other]
        while a < rows[first + y + 1] && b < rows[other + 1] {
          if touch(runs[a], runs[b], neighbour.gap) { forest.join(a, b) }
          if runs[a].end < runs[b].end {
            a += 1
          } else {
            // With equal ends, each may touch the successor of the other at a corner.
            let next = a + 1
            if runs[a].end == runs[b].end && next < rows[first + y + 1]
              && touch(runs[next], runs[b], neighbour.gap)
            {
              forest.join(next, b)
            }
            b += 1
          }
        }
      }
    }
  }
}
