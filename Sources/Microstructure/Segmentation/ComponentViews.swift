import Volumetry

/// Labels that are drawn from runs: each run has one new label.
struct RunView: VolumeSource {
  let grid: Grid
  let name: String
  let runs: [RunComponents.Run]
  let rows: [Int]
  let labels: [UInt8]

  init(_ components: RunComponents, name: String, labels: [UInt8]) {
    grid = components.grid
    self.name = name
    runs = components.runs
    rows = components.rows
    self.labels = labels
  }

  var voxelType: VoxelType { .uint8 }
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    var result = [UInt8](repeating: 0, count: region.count)
    var line = 0
    for z in region.z {
      for y in region.y {
        let row = z * grid.shape.y + y
        for index in rows[row]..<rows[row + 1] {
          let start = max(Int(runs[index].start), region.x.lowerBound)
          let end = min(Int(runs[index].end), region.x.upperBound)
          guard start < end else { continue }
          for x in start..<end { result[line + x - region.x.lowerBound] = labels[index] }
        }
        line += region.shape.x
      }
    }
    return .uint8(result)
  }
}

/// Two classes by hysteresis, from labels 0, 1 (above the low threshold) and 2 (above the high one).
struct HysteresisView: VolumeSource {
  private let view: RunView

  init(
    _ labels: any VolumeSource, connectivity: Connectivity, outside: UInt8, resources: Resources
  ) throws(VoxelithError) {
    let joined = try RunComponents(
      Candidates(labels: labels, outside: outside), connectivity: connectivity,
      resources: resources)
    let strong = try StrongRuns(labels, joined, resources: resources)
    view = RunView(
      joined, name: labels.name,
      labels: joined.runs.map { run in
        run.label == 2
          ? outside : run.label == 1 && strong.components.contains(Int(run.component)) ? 1 : 0
      })
  }

  var grid: Grid { view.grid }
  var voxelType: VoxelType { .uint8 }
  var chunkShape: Shape { view.chunkShape }
  var name: String { view.name }
  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer { try view.read(region) }

  /// 1 above the low threshold, 2 outside.
  private struct Candidates: VolumeSource {
    let labels: any VolumeSource
    let outside: UInt8
    var grid: Grid { labels.grid }
    var voxelType: VoxelType { .uint16 }
    var chunkShape: Shape { labels.chunkShape }
    var name: String { labels.name }

    func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
      .uint16(
        try labels.readLabels(region).map { $0 == UInt32(outside) ? 2 : UInt16(min($0, 1)) })
    }
  }

  /// Components with a voxel above the high threshold.
  private struct StrongRuns {
    var components: Set<Int> = []

    init(
      _ labels: any VolumeSource, _ joined: RunComponents, resources: Resources
    ) throws(VoxelithError) {
      let shape = labels.grid.shape
      for z in 0..<shape.z {
        try resources.cancellation.check()
        let values = try labels.readLabels(Region(slices: z..<(z + 1), of: shape))
        for y in 0..<shape.y {
          let row = z * shape.y + y
          for run in joined.runs[joined.rows[row]..<joined.rows[row + 1]] where run.label == 1 {
            let line = y * shape.x
            if values[(line + Int(run.start))..<(line + Int(run.end))].contains(2) {
              components.insert(Int(run.component))
            }
          }
        }
      }
    }
  }
}

/// Labels without small components: each takes the label that touches most of its faces.
struct IslandView: VolumeSource {
  let report: SegmentationReport.Islands
  private let view: RunView

  init(
    _ labels: any VolumeSource, smallerThan minimum: Int, connectivity: Connectivity,
    outside: UInt8, resources: Resources
  ) throws(VoxelithError) {
    let found = try RunComponents(labels, connectivity: connectivity, resources: resources)
    let small = found.components.map { $0.size < minimum && $0.label != UInt32(outside) }
    var contacts = Contacts(small: small, outside: UInt32(outside))
    contacts.count(found)
    let chosen = found.components.indices.map { component in
      small[component]
        ? contacts.best(component) ?? UInt8(truncatingIfNeeded: found.components[component].label)
        : UInt8(truncatingIfNeeded: found.components[component].label)
    }
    let changed = found.components.indices.filter {
      UInt32(chosen[$0]) != found.components[$0].label
    }
    report = SegmentationReport.Islands(
      minimumVoxels: minimum, connectivity: connectivity.rawValue,
      components: found.components.count, removedComponents: changed.count,
      removedVoxels: changed.reduce(0) { $0 + found.components[$1].size })
    view = RunView(found, name: labels.name, labels: found.runs.map { chosen[Int($0.component)] })
  }

  var grid: Grid { view.grid }
  var voxelType: VoxelType { .uint8 }
  var chunkShape: Shape { view.chunkShape }
  var name: String { view.name }
  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer { try view.read(region) }

  /// Faces that small components share with labels of large ones.
  private struct Contacts {
    let small: [Bool]
    let outside: UInt32
    private var faces: [Int: [UInt32: Int]] = [:]

    init(small: [Bool], outside: UInt32) {
      self.small = small
      self.outside = outside
    }

    mutating func count(_ found: RunComponents) {
      let shape = found.grid.shape
      for row in 0..<(found.rows.count - 1) {
        let mine = found.rows[row]..<found.rows[row + 1]
        for index in mine.dropFirst() { add(found.runs[index - 1], found.runs[index], 1) }
        if row % shape.y > 0 { overlap(found, mine, row - 1) }
        if row >= shape.y { overlap(found, mine, row - shape.y) }
      }
    }

    /// The label of the most faces; the lower label where two have as many.
    func best(_ component: Int) -> UInt8? {
      let ranked = faces[component]?.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      return ranked?.first.map { UInt8(truncatingIfNeeded: $0.key) }
    }

    private mutating func overlap(_ found: RunComponents, _ mine: Range<Int>, _ row: Int) {
      var a = mine.lowerBound
      var b = found.rows[row]
      while a < mine.upperBound && b < found.rows[row + 1] {
        let (one, two) = (found.runs[a], found.runs[b])
        let shared = Int(min(one.end, two.end)) - Int(max(one.start, two.start))
        if shared > 0 { add(one, two, shared) }
        if one.end < two.end { a += 1 } else { b += 1 }
      }
    }

    private mutating func add(_ a: RunComponents.Run, _ b: RunComponents.Run, _ count: Int) {
      guard a.component != b.component else { return }
      for (one, other) in [(a, b), (b, a)] {
        let mine = Int(one.component)
        if small[mine] && !small[Int(other.component)] && other.label != outside {
          faces[mine, default: [:]][other.label, default: 0] += count
        }
      }
    }
  }
}
