public import Volumetry

/// A surface of triangles in micrometres.
public struct Mesh: Sendable {
  /// Points (x, y, z).
  public internal(set) var vertices: [SIMD3<Float>]
  /// Three vertices each, counterclockwise seen from outside.
  public internal(set) var triangles: [SIMD3<UInt32>]
  /// A colour per vertex; empty where the surface has none.
  public var colors: [Color] = []

  public init(vertices: [SIMD3<Float>], triangles: [SIMD3<UInt32>]) {
    self.vertices = vertices
    self.triangles = triangles
  }

  /// Square micrometres.
  public var area: Double { summary.area }

  /// Cubic micrometres within a closed surface (divergence theorem).
  public var volume: Double { summary.volume }

  private var summary: SurfaceSummary {
    var summary = SurfaceSummary()
    summary.add(triangles.span, vertices.span)
    return summary
  }

  /// Whether every edge is shared by exactly two triangles that run along it in opposite directions.
  public var isClosed: Bool {
    var balance: [UInt64: Int32] = [:]
    var uses: [UInt64: Int32] = [:]
    balance.reserveCapacity(3 * triangles.count / 2)
    uses.reserveCapacity(3 * triangles.count / 2)
    for t in triangles {
      for (a, b) in [(t.x, t.y), (t.y, t.z), (t.z, t.x)] {
        let key = UInt64(min(a, b)) << 32 | UInt64(max(a, b))
        balance[key, default: 0] += a < b ? 1 : -1
        uses[key, default: 0] += 1
      }
    }
    return balance.values.allSatisfy { $0 == 0 } && uses.values.allSatisfy { $0 % 2 == 0 }
  }

  /// Vertices less edges plus triangles: 2 for every ball, 0 for every ring of a closed surface.
  public var eulerCharacteristic: Int {
    var edges = Set<UInt64>()
    for t in triangles {
      for (a, b) in [(t.x, t.y), (t.y, t.z), (t.z, t.x)] {
        edges.insert(UInt64(min(a, b)) << 32 | UInt64(max(a, b)))
      }
    }
    return vertices.count - edges.count + triangles.count
  }

  /// Directions out of the surface at the vertices, from the triangles around them weighed by area.
  public var normals: [SIMD3<Float>] {
    var sums = [SIMD3<Float>](repeating: .zero, count: vertices.count)
    SurfaceNormals.add(triangles.span, vertices.span, to: &sums)
    return sums.map(SurfaceNormals.normalized)
  }
}
