import Volumetry

extension Grid {
  /// What to add to the source of a voxel size: along which axes nothing tells it.
  func bareSource(_ places: (z: Int?, y: Int?, x: Int?), of axes: [NexusAxis?]) -> String {
    let bare = zip(Axis.allCases, Axis.allCases.map { axis in place(axis, of: places).flatMap { axes[$0] } })
      .filter { axis, found in found?.extent(count: side(axis)) == nil }.map(\.0)
    return Self.finest(bare)
  }

  /// Where the origin came from: places less half a voxel, edges, or nothing, by axis.
  func cornerSource(_ places: (z: Int?, y: Int?, x: Int?), of axes: [NexusAxis?]) -> String {
    var (edges, bare): ([Axis], [Axis]) = ([], [])
    for axis in Axis.allCases {
      guard let found = place(axis, of: places).flatMap({ axes[$0] }), found.extent(count: side(axis)) != nil
      else {
        bare.append(axis)
        continue
      }
      if found.values.count == side(axis) + 1 { edges.append(axis) }
    }
    var text =
      edges.count + bare.count == 3 && !edges.isEmpty
      ? "the lowest edge" : "half a voxel below the lowest place"
    if !edges.isEmpty, edges.count + bare.count < 3 { text += ", along \(Self.list(edges)) the lowest edge" }
    if !bare.isEmpty { text += "; 0 along \(Self.list(bare)), for which the file does not give it" }
    return text
  }

  /// What to add to the sources of size and origin of a scan that has positions along some axes only.
  func bareSource(_ known: some Collection<Axis>) -> (size: String, corner: String) {
    let bare = Axis.allCases.filter { !known.contains($0) }
    return (
      Self.finest(bare),
      bare.isEmpty ? "" : "; 0 along \(Self.list(bare)), for which the file does not give it"
    )
  }

  private static func finest(_ bare: [Axis]) -> String {
    bare.isEmpty || bare.count == 3
      ? "" : "; along \(list(bare)) the file does not give it: that of the finest other axis is taken"
  }

  private static func list(_ axes: [Axis]) -> String {
    axes.map(\.rawValue).sorted().joined(separator: " and ")
  }

  private func place(_ axis: Axis, of places: (z: Int?, y: Int?, x: Int?)) -> Int? {
    switch axis {
    case .x: places.x
    case .y: places.y
    case .z: places.z
    }
  }

  private func side(_ axis: Axis) -> Int {
    switch axis {
    case .x: shape.x
    case .y: shape.y
    case .z: shape.z
    }
  }
}
