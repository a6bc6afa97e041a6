import Foundation
import Testing
import Transport
import Volumetry

/// The tensor, the flux maps and the local values.
@Suite struct TransportFieldTests {
  private func solver(_ labels: LabelVolume, _ phases: [UInt32: Double] = [1: 1], tolerance: Double = 1e-8)
    throws -> TransportSolver
  {
    try TransportSolver(
      labels: labels, conductivity: Conductivity(phases), options: TransportOptions(tolerance: tolerance),
      resources: Resources(threads: 2))
  }

  /// A laminate: harmonic mean across, arithmetic mean along, nothing off the diagonal.
  @Test func tensorOfLaminate() throws {
    let labels = TransportPhantoms.labels(Shape(z: 8, y: 12, x: 10), spacing: SIMD3(1, 0.5, 2)) { _, y, _ in
      y < 3 ? 1 : 2
    }
    var solver = try solver(labels, [1: 1, 2: 0.2], tolerance: 1e-10)
    let tensor = try solver.tensor()
    let along = 0.25 + 0.75 * 0.2
    let across = 1 / (0.25 + 0.75 / 0.2)
    let truth = [[along, 0, 0], [0, across, 0], [0, 0, along]]
    for i in 0..<3 { for j in 0..<3 { #expect(abs(tensor.diffusivity[i][j] - truth[i][j]) < 1e-8) } }
  }

  /// Separate channels that climb one voxel in y per voxel in x carry flux along (1, 1, 0) only, so
  /// the tensor has rank one there.
  @Test func tensorOfSlantedChannels() throws {
    let labels = TransportPhantoms.labels(Shape(z: 4, y: 16, x: 16)) { _, y, x in
      (y - x + 32) % 8 < 4 ? 1 : 0
    }
    var solver = try solver(labels, tolerance: 1e-9)
    let tensor = try solver.tensor()
    let d = tensor.diffusivity
    #expect(d[0][0] > 0.1)
    for (i, j) in [(0, 1), (1, 0), (1, 1)] { #expect(abs(d[i][j] / d[0][0] - 1) < 1e-6) }
    for (i, j) in [(0, 2), (1, 2)] { #expect(abs(d[i][j]) < 1e-9) }
    #expect(abs(d[2][2] - 0.5) < 1e-9)
    #expect(tensor.asymmetry < 1e-6)
  }

  /// Layers that meet their copies along two axes and not along the third carry nothing along that one.
  @Test(arguments: Axis.allCases)
  func tensorOfLayersApart(_ normal: Axis) throws {
    let labels = TransportPhantoms.labels(Shape(z: 8, y: 8, x: 8)) { z, y, x in
      (2..<6).contains(Shape(z: z, y: y, x: x)[normal]) ? 1 : 0
    }
    var solver = try solver(labels, tolerance: 1e-9)
    let tensor = try solver.tensor()
    let across = [Axis.x, .y, .z].firstIndex(of: normal)
    for i in 0..<3 {
      for j in 0..<3 {
        let truth = i == j && i != across ? 0.5 : 0
        #expect(abs(tensor.diffusivity[i][j] - truth) < 1e-8)
      }
    }
    #expect(tensor.residual < 1e-9)
  }

  /// Pores that do not meet across the period carry nothing.
  @Test func tensorWithoutPercolation() throws {
    let labels = TransportPhantoms.labels(Shape(z: 8, y: 8, x: 8)) { z, y, x in
      (2..<6).contains(z) && (2..<6).contains(y) && (2..<6).contains(x) ? 1 : 0
    }
    var solver = try solver(labels)
    let tensor = try solver.tensor()
    #expect(tensor.diffusivity.allSatisfy { $0.allSatisfy { $0 == 0 } } && tensor.reason != nil)
  }

  /// The mean of the driven flux over the box is the effective diffusivity; the solid carries none.
  @Test(arguments: Axis.allCases)
  func fluxMapsAddUp(_ axis: Axis) throws {
    var labels = TransportPhantoms.blobs(Shape(z: 20, y: 24, x: 22), porosity: 0.6, sigma: 1.5, seed: 4)
    labels = LabelVolume(
      grid: Grid(shape: labels.shape, spacing: SIMD3(0.8, 1, 1.3)), voxels: labels.voxels)
    var solver = try solver(labels, tolerance: 1e-9)
    let field = try #require(try solver.field(along: axis))
    let result = try field.transport()
    let sink = MemorySink<Float>(grid: labels.grid)
    try field.write(.component(axis), into: sink, resources: Resources(threads: 2))
    let sum = sink.volume.voxels.reduce(0.0) { $0 + Double($1) }
    #expect(abs(sum / Double(labels.shape.count) / result.effectiveDiffusivity - 1) < 1e-5)
    let magnitude = MemorySink<Float>(grid: labels.grid)
    try field.write(.magnitude, into: magnitude, resources: Resources(threads: 1))
    for index in labels.voxels.indices {
      #expect(magnitude.volume.voxels[index] >= abs(sink.volume.voxels[index]) - 1e-6)
      if labels.voxels[index] == 0 { #expect(magnitude.volume.voxels[index] == 0) }
    }
  }

  /// Open blocks have a local factor of 1; a wall with a hole raises it only where it stands.
  @Test func localValues() throws {
    let labels = TransportPhantoms.labels(Shape(z: 24, y: 12, x: 12)) { z, y, x in
      z != 12 || (y < 4 && x < 4) ? 1 : 0
    }
    var solver = try solver(labels)
    let field = try #require(try solver.field(along: .z))
    let local = try field.local(blocks: Shape(z: 8, y: 12, x: 12))
    #expect(local.grid.shape == Shape(z: 3, y: 1, x: 1))
    #expect(local.grid.spacing == SIMD3(12, 12, 8))
    #expect((1...1.3).contains(local.tortuosityFactor[0]) && (1...1.3).contains(local.tortuosityFactor[2]))
    #expect(local.tortuosityFactor[1] > 2 * local.tortuosityFactor[0])
    // One block that is the whole box is the whole answer, but for the mean flux across the axis.
    let whole = try field.local(blocks: labels.shape)
    let result = try field.transport()
    #expect(abs(Double(whole.effectiveDiffusivity[0]) / result.effectiveDiffusivity - 1) < 1e-4)
    #expect(abs(Double(whole.porosity[0]) - result.porosity) < 1e-6)
  }

  /// In series and side by side the local values are the layers' own.
  @Test func localValuesOfLayers() throws {
    let labels = TransportPhantoms.labels(Shape(z: 20, y: 6, x: 6)) { z, _, _ in z < 10 ? 1 : 2 }
    var solver = try solver(labels, [1: 1, 2: 0.1], tolerance: 1e-10)
    let field = try #require(try solver.field(along: .z))
    let local = try field.local(blocks: Shape(z: 5, y: 3, x: 6))
    for index in local.effectiveDiffusivity.indices {
      #expect(abs(local.effectiveDiffusivity[index] - (index < 4 ? 1 : 0.1)) < 1e-5)
      #expect(abs(local.tortuosityFactor[index] - 1) < 1e-5)
    }
  }

  /// A coarse grid that reaches beyond the volume has cells without voxels: NaN.
  @Test func cellsBeyondTheVolume() throws {
    var solver = try solver(TransportPhantoms.open(Shape(z: 6, y: 6, x: 6)))
    let field = try #require(try solver.field(along: .x))
    let coarse = Grid(shape: Shape(z: 1, y: 1, x: 3), spacing: SIMD3(4, 6, 6), origin: SIMD3(-4, 0, 0))
    let local = try field.local(on: coarse)
    #expect(local.porosity[0].isNaN && local.tortuosityFactor[0].isNaN)
    #expect(abs(local.tortuosityFactor[1] - 1) < 1e-6 && abs(local.tortuosityFactor[2] - 1) < 1e-6)
    #expect(throws: VoxelithError.self) { try field.local(blocks: Shape(z: 7, y: 1, x: 1)) }
  }

  /// Missing numbers are null in the JSON, and the keys are there.
  @Test func jsonOfNotPercolating() throws {
    let labels = TransportPhantoms.labels(Shape(z: 4, y: 4, x: 4)) { z, _, _ in z == 0 ? 1 : 0 }
    var solver = try solver(labels)
    let data = try JSONEncoder().encode(try solver.transport(along: .z))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["tortuosity_factor"] is NSNull && object["tortuosity_factor_percolating"] is NSNull)
    #expect(object["effective_diffusivity"] as? Double == 0)
    #expect(object["reason"] is String)
    let keys = ["porosity", "percolating_porosity", "residual", "flux_imbalance", "iterations"]
    for key in keys { #expect(object[key] != nil) }
  }
}
