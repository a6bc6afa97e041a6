import Testing
import Transport
import Volumetry

/// Structures whose transport is known in closed form.
@Suite struct TransportExactTests {
  @Test(arguments: Axis.allCases)
  func openBoxIsOne(_ axis: Axis) throws {
    let box = TransportPhantoms.open(Shape(z: 17, y: 20, x: 13), spacing: SIMD3(0.7, 1.9, 1.1))
    let result = try TransportPhantoms.solve(box, axis)
    #expect(result.iterations == 0)
    #expect(abs((result.tortuosityFactor ?? .nan) - 1) < 1e-12)
    #expect(abs(result.effectiveDiffusivity - 1) < 1e-12)
    #expect(result.porosity == 1 && result.percolatingPorosity == 1)
  }

  /// Channels one to three voxels wide: D is the porosity, to rounding.
  @Test func parallelChannels() throws {
    let channels = TransportPhantoms.labels(Shape(z: 21, y: 12, x: 30)) { _, y, x in
      y % 4 < 1 + x / 10 && x % 4 < 2 ? 1 : 0
    }
    let result = try TransportPhantoms.solve(channels, .z)
    #expect(abs((result.tortuosityFactor ?? .nan) - 1) < 1e-12)
    #expect(abs(result.effectiveDiffusivity - result.porosity) < 1e-12)
    let across = try TransportPhantoms.solve(channels, .x)
    #expect(across.tortuosityFactor == nil && across.reason != nil)
    #expect(across.effectiveDiffusivity == 0)
  }

  /// Layers in series: lengths over diffusivities add up.
  @Test(arguments: Axis.allCases)
  func seriesLayers(_ axis: Axis) throws {
    let thickness = [5, 3, 9, 4]
    let phases: [UInt32: Double] = [0: 1, 1: 0.05, 2: 0.4, 3: 2.5]
    let byLayer = thickness.enumerated().flatMap { [UInt16](repeating: UInt16($0.offset), count: $0.element) }
    var shape = Shape(z: 6, y: 7, x: 8)
    shape[axis] = byLayer.count
    let labels = TransportPhantoms.labels(shape, spacing: SIMD3(2, 1, 0.5)) { z, y, x in
      byLayer[Shape(z: z, y: y, x: x)[axis]]
    }
    let result = try TransportPhantoms.solve(labels, axis, phases, tolerance: 1e-10)
    let resistance = zip(thickness, [1, 0.05, 0.4, 2.5]).reduce(0) { $0 + Double($1.0) / $1.1 }
    let truth = Double(byLayer.count) / resistance
    #expect(abs(result.effectiveDiffusivity / truth - 1) < 1e-9)
    let mean = zip(thickness, [1, 0.05, 0.4, 2.5]).reduce(0) { $0 + Double($1.0) * $1.1 } / 21
    #expect(abs((result.tortuosityFactor ?? .nan) / (mean / truth) - 1) < 1e-9)
    #expect((result.fluxImbalance ?? 1) < 1e-7)
  }

  /// Layers side by side: the arithmetic mean.
  @Test func laminateAlongItsLayers() throws {
    let labels = TransportPhantoms.labels(Shape(z: 15, y: 10, x: 6)) { _, y, _ in y < 3 ? 1 : 2 }
    let result = try TransportPhantoms.solve(labels, .z, [1: 1, 2: 0.3])
    #expect(abs(result.effectiveDiffusivity - (0.3 + 0.7 * 0.3)) < 1e-12)
    #expect(abs((result.tortuosityFactor ?? .nan) - 1) < 1e-12)
  }

  /// One phase of diffusivity 0.5 everywhere still has a tortuosity factor of 1.
  @Test func uniformDiffusivityScales() throws {
    let result = try TransportPhantoms.solve(
      TransportPhantoms.open(Shape(z: 9, y: 8, x: 7)), .y, [1: 0.5])
    #expect(abs(result.effectiveDiffusivity - 0.5) < 1e-12)
    #expect(abs((result.tortuosityFactor ?? .nan) - 1) < 1e-12)
  }

  /// The slanted strip of TauFactor's own tests, 7.51667 to five decimals.
  @Test func slantedStrip() throws {
    let labels = TransportPhantoms.labels(Shape(z: 20, y: 21, x: 21)) { z, y, x in
      (z...(z + 1)).contains(y) && (z...(z + 1)).contains(x) ? 1 : 0
    }
    let result = try TransportPhantoms.solve(labels, .z, tolerance: 1e-9)
    #expect(abs((result.tortuosityFactor ?? .nan) - 7.51667) < 5e-6)
  }

  /// A path of single voxels, up and down: its length in faces and its two half faces give D.
  @Test func windingPathOfSingleVoxels() throws {
    let labels = TransportPhantoms.labels(Shape(z: 9, y: 6, x: 1)) { z, y, _ in
      z % 2 == 0 ? 1 : (y == (z % 4 == 1 ? 5 : 0) ? 1 : 0)
    }
    let result = try TransportPhantoms.solve(labels, .z, tolerance: 1e-10)
    // Row 0 is entered over its six half faces at once; likewise the last row is left.
    #expect(result.tortuosityFactor ?? 0 > 9)
    let reference = WindingPath.effectiveDiffusivity(layers: 9, width: 6)
    #expect(abs(result.effectiveDiffusivity / reference - 1) < 1e-8)
  }
}

/// The winding path as a chain of resistors: the first and last rows are ladders to a fixed face.
private enum WindingPath {
  static func effectiveDiffusivity(layers: Int, width: Int) -> Double {
    // Conductance of a ladder of `width` voxels seen from its far end: half faces of 2 to the fixed
    // face, faces of 1 between neighbours.
    var ladder = 2.0
    for _ in 1..<width { ladder = 2 + 1 / (1 + 1 / ladder) }
    let rows = layers / 2 + 1
    let inner = Double((rows - 2) * (width - 1))
    let links = Double(2 * (rows - 1))
    let resistance = 2 / ladder + inner + links
    return Double(layers) / Double(width) / resistance
  }
}
