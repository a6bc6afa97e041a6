import Foundation
import Testing
import Transport
import Volumetry

@Suite struct TransportEdgeTests {
  /// A pore that ends inside the solid does not percolate: null and a reason, not a number.
  @Test func deadEnd() throws {
    let labels = TransportPhantoms.labels(Shape(z: 10, y: 20, x: 20)) { z, y, x in
      z < 8 && y == 10 && x == 10 ? 1 : 0
    }
    let result = try TransportPhantoms.solve(labels, .z)
    #expect(result.tortuosityFactor == nil && result.tortuosityFactorPercolating == nil)
    #expect(result.effectiveDiffusivity == 0 && result.percolatingPorosity == 0)
    #expect(result.porosity == 8.0 / 4000)
    #expect(result.reason?.contains("across z") == true)
  }

  /// Pockets and pores that touch one face count in the porosity, not in the percolating one.
  @Test func porosityIsTotalPercolatingIsNot() throws {
    let labels = TransportPhantoms.labels(Shape(z: 12, y: 10, x: 10)) { z, y, x in
      x < 5 || (x > 6 && z < 4) ? 1 : 0
    }
    let result = try TransportPhantoms.solve(labels, .z)
    #expect(result.porosity == 0.6 && result.percolatingPorosity == 0.5)
    #expect(abs((result.tortuosityFactor ?? .nan) - 1.2) < 1e-12)
    #expect(abs((result.tortuosityFactorPercolating ?? .nan) - 1) < 1e-12)
  }

  /// Voxels that touch by an edge or a corner only are not joined.
  @Test func cornersDoNotJoin() throws {
    let labels = TransportPhantoms.labels(Shape(z: 6, y: 6, x: 6)) { z, y, x in
      z == y && y == x ? 1 : 0
    }
    #expect(try TransportPhantoms.solve(labels, .z).tortuosityFactor == nil)
  }

  @Test(arguments: [
    Shape(z: 1, y: 9, x: 8), Shape(z: 9, y: 1, x: 8), Shape(z: 9, y: 8, x: 1), Shape(z: 1, y: 1, x: 7),
    Shape(z: 1, y: 1, x: 1),
  ])
  func thinVolumes(_ shape: Shape) throws {
    for axis in Axis.allCases {
      let result = try TransportPhantoms.solve(TransportPhantoms.open(shape), axis)
      if shape[axis] > 1 || shape.count == 1 {
        #expect(abs((result.tortuosityFactor ?? .nan) - 1) < 1e-12)
      } else {
        #expect(result.tortuosityFactor == nil && result.effectiveDiffusivity.isNaN)
        #expect(result.reason == "the volume is one voxel thick along \(axis)")
        #expect(
          String(decoding: try JSONEncoder().encode(result), as: UTF8.self).contains(
            "\"effective_diffusivity\":null"))
      }
    }
    var solver = try TransportSolver(
      labels: TransportPhantoms.open(shape), conductivity: Conductivity(phase: 1))
    let tensor = try solver.tensor()
    for i in 0..<3 { for j in 0..<3 { #expect(abs(tensor.diffusivity[i][j] - (i == j ? 1 : 0)) < 1e-6) } }
  }

  /// One voxel thick with two phases: the plane's own answer, whatever the third axis.
  @Test func thinTwoPhaseVolume() throws {
    let labels = TransportPhantoms.labels(Shape(z: 1, y: 8, x: 12)) { _, _, x in x < 4 ? 1 : 2 }
    let result = try TransportPhantoms.solve(labels, .x, [1: 1, 2: 0.5], tolerance: 1e-10)
    #expect(abs(result.effectiveDiffusivity - 12 / (4 + 16.0)) < 1e-9)
  }

  /// NaN among labels of floating point insulates; numbers above 65535 are labels as others.
  @Test func labelsOfOtherKinds() throws {
    let blobs = TransportPhantoms.blobs(Shape(z: 9, y: 10, x: 11), porosity: 0.6, sigma: 1, seed: 4)
    let floats = Volume<Float>(grid: blobs.grid, voxels: blobs.voxels.map { $0 == 1 ? 1 : .nan })
    let large = Volume<UInt32>(
      grid: blobs.grid, voxels: blobs.voxels.map { $0 == 1 ? 70_001 : 4_000_000_000 })
    var solver = try TransportSolver(labels: blobs, conductivity: Conductivity(phase: 1))
    var missing = try TransportSolver(labels: floats, conductivity: Conductivity(phase: 1))
    var numbered = try TransportSolver(labels: large, conductivity: Conductivity(phase: 70_001))
    let result = try solver.transport(along: .x)
    #expect(try missing.transport(along: .x) == result && numbered.transport(along: .x) == result)
    #expect(missing.missingVoxels == blobs.voxels.count { $0 != 1 } && solver.missingVoxels == 0)
  }

  @Test func missingPhaseIsAnError() throws {
    let box = TransportPhantoms.open(Shape(z: 4, y: 4, x: 4))
    #expect(throws: VoxelithError.self) { try TransportPhantoms.solve(box, .z, [7: 1]) }
    do {
      _ = try TransportPhantoms.solve(box, .z, [7: 1])
    } catch let error as VoxelithError {
      #expect(error.code == .data && error.message.contains("label 7"))
    }
  }

  @Test(
    arguments: [
      [:], [1: 0.0], [1: -1.0], [1: Double.nan], [1: .infinity], [1: 1, 2: 1e-9],
    ] as [[UInt32: Double]])
  func badConductivities(_ phases: [UInt32: Double]) {
    #expect(throws: VoxelithError.self) { try Conductivity(phases) }
  }

  @Test(arguments: [0, -1, 1, Double.nan, 1e-15])
  func badTolerances(_ tolerance: Double) {
    let box = TransportPhantoms.open(Shape(z: 4, y: 4, x: 4))
    #expect(throws: VoxelithError.self) { try TransportPhantoms.solve(box, .z, tolerance: tolerance) }
  }

  /// Labels that are no whole numbers are refused.
  @Test func greyValuesAreRefused() {
    let grid = Grid(unscaled: Shape(z: 2, y: 2, x: 2))
    let grey = Volume<Float>(grid: grid, voxels: [0, 1, 0.5, .nan, 1, 1, 1, 1])
    #expect(throws: VoxelithError.self) {
      try TransportSolver(labels: grey, conductivity: Conductivity(phase: 1))
    }
  }

  /// A budget far below the estimate pages the arrays from disk and changes no bit.
  @Test(arguments: [[1: 1], [1: 1, 0: 0.25]] as [[UInt32: Double]])
  func smallBudgetGivesTheSame(phases: [UInt32: Double]) throws {
    let box = TransportPhantoms.blobs(Shape(z: 100, y: 90, x: 110), porosity: 0.5, sigma: 2, seed: 5)
    let conductivity = try Conductivity(phases)
    var results: [[AxisTransport]] = []
    var tensors: [[[Double]]] = []
    for memory in [2 << 30, 8 << 20] {
      var solver = try TransportSolver(
        labels: box, conductivity: conductivity, resources: Resources(threads: 2, memory: memory))
      results.append([try solver.transport(along: .z), try solver.transport(along: .x)])
      tensors.append(try solver.tensor().diffusivity)
    }
    #expect(results[0] == results[1])
    #expect(tensors[0] == tensors[1])
  }

  /// A field stays what it was while the solver goes on to another axis.
  @Test func fieldOutlivesTheNextSolve() throws {
    let box = TransportPhantoms.blobs(Shape(z: 40, y: 40, x: 40), porosity: 0.6, sigma: 1.5, seed: 9)
    for memory in [2 << 30, 1 << 20] {
      var solver = try TransportSolver(
        labels: box, conductivity: Conductivity(phase: 1), resources: Resources(memory: memory))
      let field = try #require(try solver.field(along: .z))
      let before = try field.transport()
      _ = try solver.field(along: .x)
      #expect(try field.transport() == before)
    }
  }

  @Test func cancellationStops() throws {
    let cancellation = Cancellation()
    let labels = TransportPhantoms.blobs(Shape(z: 24, y: 24, x: 24), porosity: 0.6, sigma: 1.5, seed: 1)
    var solver = try TransportSolver(
      labels: labels, conductivity: Conductivity(phase: 1),
      resources: Resources(threads: 2, cancellation: cancellation))
    cancellation.cancel()
    do {
      _ = try solver.transport(along: .z)
      Issue.record("the solver did not stop")
    } catch {
      #expect(error.code == .cancelled)
    }
  }

  /// Too few iterations are an error, not a wrong number.
  @Test func iterationLimitIsAnError() throws {
    let labels = TransportPhantoms.blobs(Shape(z: 32, y: 32, x: 32), porosity: 0.5, sigma: 1.5, seed: 2)
    var solver = try TransportSolver(
      labels: labels, conductivity: Conductivity(phase: 1),
      options: TransportOptions(tolerance: 1e-8, maximumIterations: 2))
    #expect(throws: VoxelithError.self) { try solver.transport(along: .z) }
  }

  /// The same bits for any number of threads, uniform and layered, along every axis.
  @Test(arguments: [[1: 1.0], [1: 1.0, 0: 0.02]] as [[UInt32: Double]])
  func threadsDoNotShow(_ phases: [UInt32: Double]) throws {
    let labels = TransportPhantoms.blobs(Shape(z: 41, y: 36, x: 50), porosity: 0.5, sigma: 1.5, seed: 9)
    var reference: [UInt64]?
    for threads in [1, 2, 3, 8] {
      var solver = try TransportSolver(
        labels: labels, conductivity: Conductivity(phases), resources: Resources(threads: threads))
      var bits: [UInt64] = []
      for axis in Axis.allCases {
        let field = try #require(try solver.field(along: axis))
        let result = try field.transport()
        bits += [result.effectiveDiffusivity, result.residual ?? 0, result.fluxImbalance ?? 0].map(
          \.bitPattern)
        for z in 0..<41 { bits.append(field.concentration(z: z, y: 17, x: 21).bitPattern) }
      }
      bits += try solver.tensor().diffusivity.flatMap { $0.map(\.bitPattern) }
      if let reference { #expect(bits == reference) }
      reference = bits
    }
  }
}
