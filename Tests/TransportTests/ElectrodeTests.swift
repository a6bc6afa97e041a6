import Foundation
import Testing
import Transport
import Volumetry

/// Electrode tortuosity and periodic sides against closed forms.
@Suite struct ElectrodeTests {
  private func electrode(
    _ labels: LabelVolume, _ axis: Axis = .z, separator: SeparatorFace = .lower, charged: Bool = false,
    sides: TransportSides = .insulated, threads: Int = 2
  ) throws -> ElectrodeTransport {
    var solver = try TransportSolver(
      labels: labels, conductivity: Conductivity(phase: 1),
      options: TransportOptions(tolerance: 1e-9, sides: sides), resources: Resources(threads: threads))
    return try solver.electrode(along: axis, separator: separator, chargesSides: charged)
  }

  /// A slot of width w and depth d layers below the separator, on a line: layer k from the bottom carries what enters at k layers of
  /// walls and at the bottom. The separator lies half a voxel before the first centre.
  private func slot(width: Double, depth: Int, walls: Double, step: Double) -> Double {
    let current = { (layers: Int) in walls * Double(layers) + width }
    let all = current(depth)
    var resistance = 0.5 * step / width
    for layers in 1..<depth { resistance += step / width * (current(layers) / all) * (current(layers) / all) }
    return resistance
  }

  @Test(arguments: Axis.allCases, [SeparatorFace.lower, .upper])
  func slotThroughTheBox(_ axis: Axis, _ separator: SeparatorFace) throws {
    // Walls on both sides in the plane, none across the slice. The sides of a layer carry 2 steps, the end 1 width.
    let depth = 60
    var shape = Shape(z: 1, y: 1, x: 1)
    shape[axis] = depth
    let across: Axis = axis == .z ? .x : .z
    shape[across] = 9
    let labels = TransportPhantoms.labels(shape) { z, y, x in
      Shape(z: z, y: y, x: x)[across] == 4 ? 1 : 0
    }
    let result = try electrode(labels, axis, separator: separator)
    let resistance = slot(width: 1, depth: depth, walls: 2, step: 1)
    let relative = resistance / (Double(depth) / 9)
    #expect(abs((result.relativeResistance ?? .nan) / relative - 1) < 1e-6)
    #expect(abs((result.tortuosityFactor ?? .nan) / (3 * relative / 9) - 1) < 1e-6)
    #expect(abs((result.tortuosityFactor ?? .nan) - 1) < 0.02)
    #expect(abs((result.surface ?? 0) - Double(2 * depth + 1)) < 1e-6)
  }

  /// A dead end, voxels that are not cubes, and a pocket that touches nothing.
  @Test func deadEnd() throws {
    let (depth, length) = (30, 40)
    let step = 2.5
    let labels = TransportPhantoms.labels(
      Shape(z: length, y: 1, x: 12), spacing: SIMD3(0.5, 1, step)
    ) { z, _, x in (x == 5 && z < depth) || (x == 9 && z > 35) ? 1 : 0 }
    let result = try electrode(labels)
    // Widths in units of the thickness of the slice.
    let resistance = slot(width: 0.5, depth: depth, walls: 2 * step, step: step)
    let relative = resistance / (Double(length) * step / 6)
    #expect(abs((result.relativeResistance ?? .nan) / relative - 1) < 1e-6)
    let accessible = Double(depth) / Double(labels.shape.count)
    #expect(abs(result.accessiblePorosity - accessible) < 1e-12)
    #expect(abs((result.tortuosityFactorAccessible ?? .nan) / (3 * accessible * relative) - 1) < 1e-6)
    #expect(result.porosity > accessible)
  }

  @Test func noSurfaceAndNoWay() throws {
    let open = TransportPhantoms.open(Shape(z: 12, y: 5, x: 4))
    // The collector alone: all current runs the whole length but for half a voxel.
    let result = try electrode(open)
    #expect(abs((result.relativeResistance ?? .nan) - 11.5 / 12) < 1e-6)
    let closed = TransportPhantoms.labels(Shape(z: 6, y: 4, x: 4)) { z, _, _ in z > 2 ? 1 : 0 }
    let none = try electrode(closed)
    #expect(
      none.tortuosityFactor == nil
        && none.reason == "no conducting voxel touches the separator's face across z")
    #expect(try electrode(closed, separator: .upper).tortuosityFactor != nil)
    #expect(try electrode(TransportPhantoms.open(Shape(z: 1, y: 5, x: 4))).reason != nil)
  }

  /// TauFactor 1.2.1, `ElectrodeSolver`, on its own cases of 100 x 100 pixels (`Tests/Benchmarks/transport/electrode.py`).
  @Test(arguments: [(75, 45..<55, 0.60132), (100, 4..<6, 1.00506)])
  func asTauFactor(_ depth: Int, _ columns: Range<Int>, _ peer: Double) throws {
    let labels = TransportPhantoms.labels(Shape(z: 100, y: 1, x: 100)) { z, _, x in
      z < depth && columns.contains(x) ? 1 : 0
    }
    let result = try electrode(labels, charged: true)
    #expect(abs((result.tortuosityFactor ?? .nan) / peer - 1) < 0.005)
  }

  /// A medium in three dimensions beside a sparse direct solver of the same equations (`Tests/Benchmarks/transport/electrode.py`, "waves").
  @Test func asSparseSolver() throws {
    let labels = TransportPhantoms.labels(Shape(z: 20, y: 18, x: 16)) { z, y, x in
      let (z, y, x) = (Double(z), Double(y), Double(x))
      return cos(0.61 * z + 0.2) + cos(0.73 * y + 0.17 * x) + cos(0.53 * x - 0.4 * z) > -0.3 ? 1 : 0
    }
    let result = try electrode(labels, charged: true)
    #expect(abs((result.tortuosityFactor ?? .nan) / 1.77820256 - 1) < 1e-7)
  }

  @Test func chargedSidesAndThreads() throws {
    let blobs = TransportPhantoms.blobs(Shape(z: 24, y: 20, x: 22), porosity: 0.5, sigma: 2, seed: 3)
    let plain = try electrode(blobs, threads: 1)
    #expect(plain == (try electrode(blobs, threads: 3)))
    let charged = try electrode(blobs, charged: true)
    #expect((charged.surface ?? 0) > (plain.surface ?? .infinity))
    let twice = TransportPhantoms.labels(Shape(z: 24, y: 20, x: 44)) { z, y, x in
      blobs[z, y, x < 22 ? x : 43 - x]
    }
    // A mirror is no flux: the same resistance, periodic or not.
    for sides in TransportSides.allCases {
      let mirrored = try electrode(twice, sides: sides)
      if sides == .insulated {
        #expect(abs((mirrored.tortuosityFactor ?? 0) / (plain.tortuosityFactor ?? .nan) - 1) < 1e-6)
      } else {
        #expect((mirrored.surface ?? 0) > 0)
      }
    }
  }

  /// A slanted stripe that leaves at one side and comes back at the other: straight in the sheared frame.
  @Test func periodicSides() throws {
    let side = 24
    func stripe(_ z: Int, _ x: Int) -> Bool { ((x - z) % side + side) % side < 8 }
    let labels = TransportPhantoms.labels(Shape(z: side, y: 1, x: side)) { z, _, x in stripe(z, x) ? 1 : 0 }
    func factor(_ sides: TransportSides) throws -> AxisTransport {
      var solver = try TransportSolver(
        labels: labels, conductivity: Conductivity(phase: 1),
        options: TransportOptions(tolerance: 1e-9, sides: sides))
      return try solver.transport(along: .z)
    }
    let result = try factor(.periodic)
    #expect(try factor(.insulated).effectiveDiffusivity < 0.8 * result.effectiveDiffusivity)
    // Twice the length and half the width of a straight stripe in the plane: a factor of 2, but for staircases and ends.
    #expect(abs((result.tortuosityFactor ?? .nan) - 2) < 0.35)
    let same = try TransportPhantoms.solve(TransportPhantoms.open(Shape(z: 6, y: 5, x: 4)), .z)
    var open = try TransportSolver(
      labels: TransportPhantoms.open(Shape(z: 6, y: 5, x: 4)), conductivity: Conductivity(phase: 1),
      options: TransportOptions(sides: .periodic))
    #expect(try open.transport(along: .z).tortuosityFactor == same.tortuosityFactor)
  }

  /// A volume that is shifted along its periodic sides is the same volume.
  @Test func shiftsDoNotShow() throws {
    let shape = Shape(z: 20, y: 16, x: 18)
    let blobs = TransportPhantoms.blobs(shape, porosity: 0.45, sigma: 1.5, seed: 8)
    let shifted = TransportPhantoms.labels(shape) { z, y, x in blobs[z, (y + 5) % 16, (x + 11) % 18] }
    func values(_ labels: LabelVolume) throws -> [Double] {
      var solver = try TransportSolver(
        labels: labels, conductivity: Conductivity(phase: 1),
        options: TransportOptions(tolerance: 1e-10, sides: .periodic))
      return [
        try solver.transport(along: .z).tortuosityFactor ?? .nan,
        try solver.electrode(along: .z).tortuosityFactor ?? .nan,
      ]
    }
    for (a, b) in zip(try values(blobs), try values(shifted)) { #expect(abs(a / b - 1) < 1e-7) }
  }
}
