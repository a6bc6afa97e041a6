import Volumetry

/// Parts a phase at the necks of its distance map, as a watershed from its h-maxima does.
///
/// Voxels are taken from the deepest on. One without a neighbour that was taken is a peak; any other joins the basin of its
/// deepest neighbour. Where basins meet, the lower peak loses its basin to the highest one if it stands less above the
/// meeting point than its rule asks: it is no peak of its own (P. Soille, Morphological Image Analysis, 2003, sections
/// 6.3.4 and 9.2). Peaks and basins come from one pass.
struct BasinFlood {
  /// Basin of each voxel, counted from 0 in the order of their first voxels; -1 outside the phase.
  let basins: [Int32]
  /// The deepest voxel of each basin.
  let peaks: [Int]

  /// - Parameters:
  ///   - depths: distance to the outside in micrometres, zero outside.
  ///   - least: how far above the meeting point a peak must stand, by its depth.
  init(depths: [Float], shape: Shape, least: (Float) -> Float) {
    let neighbours = Neighbourhood(shape: shape)
    var basin = [Int32](repeating: -1, count: shape.count)
    var peak: [Int] = []
    var parent: [Int32] = []
    func root(_ start: Int32) -> Int32 {
      var node = start
      while parent[Int(node)] != node {
        parent[Int(node)] = parent[Int(parent[Int(node)])]
        node = parent[Int(node)]
      }
      return node
    }
    var meeting: [Int32] = []
    for index in FallingOrder.of(depths) {
      let voxel = Int(index)
      var best = -1
      meeting.removeAll(keepingCapacity: true)
      neighbours.forEach(of: voxel) { other in
        guard basin[other] >= 0 else { return }
        if best < 0 || depths[other] > depths[best] { best = other }
        let own = root(basin[other])
        if !meeting.contains(own) { meeting.append(own) }
      }
      guard best >= 0 else {
        basin[voxel] = Int32(peak.count)
        parent.append(Int32(peak.count))
        peak.append(voxel)
        continue
      }
      basin[voxel] = basin[best]
      guard meeting.count > 1 else { continue }
      // Peaks were found from the deepest on, so the lowest number is the highest peak.
      let first = meeting.min() ?? 0
      for other in meeting where other != first {
        let height = depths[peak[Int(other)]]
        if height - depths[voxel] < least(height) { parent[Int(other)] = first }
      }
    }
    var numbers = [Int32](repeating: -1, count: peak.count)
    var kept: [Int] = []
    for voxel in basin.indices where basin[voxel] >= 0 {
      let own = Int(root(basin[voxel]))
      if numbers[own] < 0 {
        numbers[own] = Int32(kept.count)
        kept.append(peak[own])
      }
      basin[voxel] = numbers[own]
    }
    basins = basin
    peaks = kept
  }
}

/// The up to 26 neighbours of a voxel.
struct Neighbourhood: Sendable {
  private let shape: Shape
  private let steps: [(z: Int, y: Int, x: Int, offset: Int)]

  init(shape: Shape) {
    self.shape = shape
    var steps: [(z: Int, y: Int, x: Int, offset: Int)] = []
    for z in -1...1 {
      for y in -1...1 {
        for x in -1...1 where z != 0 || y != 0 || x != 0 {
          steps.append((z, y, x, (z * shape.y + y) * shape.x + x))
        }
      }
    }
    self.steps = steps
  }

  @inline(__always)
  func forEach(of voxel: Int, _ body: (Int) -> Void) {
    let x = voxel % shape.x
    let y = voxel / shape.x % shape.y
    let z = voxel / (shape.x * shape.y)
    let isInner =
      x > 0 && y > 0 && z > 0 && x < shape.x - 1 && y < shape.y - 1 && z < shape.z - 1
    for step in steps {
      if !isInner {
        let (c, b, a) = (z + step.z, y + step.y, x + step.x)
        guard c >= 0, b >= 0, a >= 0, c < shape.z, b < shape.y, a < shape.x else { continue }
      }
      body(voxel + step.offset)
    }
  }
}
