import Transport
import Volumetry

/// Label volumes whose transport is known.
enum TransportPhantoms {
  static func labels(
    _ shape: Shape, spacing: SIMD3<Double> = .one, _ label: (Int, Int, Int) -> UInt16
  ) -> LabelVolume {
    var voxels: [UInt16] = []
    voxels.reserveCapacity(shape.count)
    for z in 0..<shape.z { for y in 0..<shape.y { for x in 0..<shape.x { voxels.append(label(z, y, x)) } } }
    return LabelVolume(grid: Grid(shape: shape, spacing: spacing), voxels: voxels)
  }

  static func open(_ shape: Shape, spacing: SIMD3<Double> = .one) -> LabelVolume {
    labels(shape, spacing: spacing) { _, _, _ in 1 }
  }

  /// A sphere of label 0 in the middle of a cube of label 1; radius as a share of the cube's side.
  static func sphere(_ shape: Shape, radius: Double) -> LabelVolume {
    let sides = SIMD3(Double(shape.x), Double(shape.y), Double(shape.z))
    return labels(shape, spacing: SIMD3(repeating: 64) / sides) { z, y, x in
      let point = (SIMD3(Double(x), Double(y), Double(z)) + 0.5) / sides - 0.5
      return (point * point).sum() < radius * radius ? 0 : 1
    }
  }

  /// Random label blobs: smoothed noise cut at the level that leaves `porosity` of label 1.
  static func blobs(_ shape: Shape, porosity: Double, sigma: Double, seed: UInt64) -> LabelVolume {
    var generator = SeededGenerator(seed: seed)
    let noise = (0..<shape.count).map { _ in Float(Double(generator.next() >> 11) * 0x1p-53) }
    let smooth = SeparableFilter.gaussian(noise, shape: shape, sigma: SIMD3(repeating: sigma))
    let level = smooth.sorted()[min(shape.count - 1, Int(porosity * Double(shape.count)))]
    return LabelVolume(
      grid: Grid(shape: shape, spacing: .one), voxels: smooth.map { $0 < level ? 1 : 0 })
  }

  static func solve(
    _ labels: LabelVolume, _ axis: Axis, _ phases: [UInt32: Double] = [1: 1], tolerance: Double = 1e-8,
    threads: Int = 2
  ) throws -> AxisTransport {
    var solver = try TransportSolver(
      labels: labels, conductivity: Conductivity(phases), options: TransportOptions(tolerance: tolerance),
      resources: Resources(threads: threads))
    return try solver.transport(along: axis)
  }
}
