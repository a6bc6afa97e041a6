import Foundation
import TestSupport
import Testing
import Transport
import Volumetry

/// Structures with published or independently computed transport.
@Suite struct TransportStructureTests {
  /// Maxwell's formula for insulating spheres, exact to 1e-3 at this dilution in a cubic array
  /// (Rayleigh 1892); the rest is the staircase of the voxels.
  @Test func insulatingSphereFollowsMaxwell() throws {
    let labels = TransportPhantoms.sphere(Shape(z: 64, y: 64, x: 64), radius: 0.35)
    let result = try TransportPhantoms.solve(labels, .z, tolerance: 1e-6)
    let solid = 1 - result.porosity
    let maxwell = 2 * (1 - solid) / (2 + solid)
    #expect(abs(result.effectiveDiffusivity / maxwell - 1) < 0.012)
  }

  /// Close-set insulating spheres on a simple cubic lattice by Rayleigh's formula (Phil. Mag. 34 (1892) 481, with
  /// Runge's coefficient; Z. Tech. Phys. 6 (1925) 61), 2.4 % below Maxwell's at this fraction. The staircase of the
  /// voxels falls with their size, so two sizes give the limit.
  @Test func sphereArrayFollowsRayleigh() throws {
    let radius = pow(0.4 * 3 / (4 * Double.pi), 1.0 / 3)
    let ratios = try [36, 72].map { side in
      let labels = TransportPhantoms.sphere(Shape(z: side, y: side, x: side), radius: radius)
      let result = try TransportPhantoms.solve(labels, .z, tolerance: 1e-6)
      let solid = 1 - result.porosity
      let rayleigh = 1 - 3 * solid / (2 + solid - 0.75 * 1.569 * pow(solid, 10.0 / 3))
      return result.effectiveDiffusivity / rayleigh
    }
    #expect(abs(2 * ratios[1] - ratios[0] - 1) < 0.005)
  }

  /// Flat voxels answer like cubes; taken for cubes they would be far off.
  @Test func flatVoxelsAnswerLikeCubes() throws {
    let cubes = try TransportPhantoms.solve(
      TransportPhantoms.sphere(Shape(z: 64, y: 64, x: 64), radius: 0.45), .x, tolerance: 1e-6)
    let flat = try TransportPhantoms.solve(
      TransportPhantoms.sphere(Shape(z: 16, y: 64, x: 64), radius: 0.45), .x, tolerance: 1e-6)
    #expect(abs(flat.effectiveDiffusivity / cubes.effectiveDiffusivity - 1) < 0.02)
    let long = try TransportPhantoms.solve(
      TransportPhantoms.sphere(Shape(z: 64, y: 64, x: 32), radius: 0.45), .x, tolerance: 1e-6)
    #expect(abs(long.effectiveDiffusivity / cubes.effectiveDiffusivity - 1) < 0.02)
    #expect(flat.iterations <= 20 && long.iterations <= 20)
  }

  /// Hashin and Shtrikman's bounds hold for a random two-phase medium.
  @Test func betweenHashinShtrikmanBounds() throws {
    let labels = TransportPhantoms.blobs(Shape(z: 48, y: 48, x: 48), porosity: 0.5, sigma: 1.5, seed: 3)
    let low = 0.1
    let result = try TransportPhantoms.solve(labels, .y, [1: 1, 0: low], tolerance: 1e-6)
    let share = (result.meanDiffusivity - low) / (1 - low)
    let upper = 1 + (1 - share) / (1 / (low - 1) + share / 3)
    let lower = low + share / (1 / (1 - low) + (1 - share) / (3 * low))
    #expect(result.effectiveDiffusivity > lower && result.effectiveDiffusivity < upper)
    #expect(result.iterations <= 20)
  }

  /// Phases that differ by a factor of 1000 do not stop the solver, and lie near the limit of none.
  @Test func strongContrast() throws {
    let labels = TransportPhantoms.blobs(Shape(z: 40, y: 40, x: 40), porosity: 0.5, sigma: 2, seed: 5)
    let none = try TransportPhantoms.solve(labels, .z, tolerance: 1e-6)
    let faint = try TransportPhantoms.solve(labels, .z, [1: 1, 0: 1e-3], tolerance: 1e-6)
    #expect(faint.effectiveDiffusivity > none.effectiveDiffusivity)
    #expect(faint.effectiveDiffusivity < none.effectiveDiffusivity + 0.01)
    #expect(faint.iterations <= 40)
  }

  /// Two chambers behind a neck of one voxel: a coarse level must not take the neck for wider.
  @Test func chambersBehindNecks() throws {
    let labels = TransportPhantoms.labels(Shape(z: 64, y: 32, x: 32)) { z, y, x in
      z % 16 != 8 || (y == 7 && x == 21) || (z == 24 && y > 20) ? 1 : 0
    }
    let result = try TransportPhantoms.solve(labels, .z, tolerance: 1e-8)
    #expect(result.iterations <= 30)
    #expect((result.fluxImbalance ?? 1) < 1e-5)
  }

  /// A two-phase sample of OpenImpala against an independent sparse solver (residual 1e-10).
  @Test(.enabled(if: SharedData.isPresent), arguments: TransportReference.twoPhase)
  func twoPhaseSample(_ reference: TransportReference) throws {
    let path = SharedData.path("two-phase-openimpala/SampleData_2Phase_stack_3d_uint8.raw")
    let bytes = try Data(contentsOf: URL(filePath: path))
    let shape = Shape(z: 100, y: 100, x: 100)
    #expect(bytes.count == shape.count)
    let labels = Volume<UInt8>(grid: Grid(unscaled: shape), voxels: [UInt8](bytes))
    var solver = try TransportSolver(labels: labels, conductivity: Conductivity(phase: reference.phase))
    let result = try solver.transport(along: reference.axis)
    #expect(abs(result.effectiveDiffusivity / reference.effectiveDiffusivity - 1) < 2e-6)
    #expect((result.residual ?? 1) <= 1e-6)
    #expect((result.fluxImbalance ?? 1) < 1e-3)
  }
}

struct TransportReference: Sendable, CustomTestStringConvertible {
  let phase: UInt32
  let axis: Axis
  let effectiveDiffusivity: Double

  /// By another solver on an assembled matrix, in double precision, residual 1e-10.
  static let twoPhase: [TransportReference] = [
    TransportReference(phase: 0, axis: .z, effectiveDiffusivity: 0.35141417),
    TransportReference(phase: 0, axis: .y, effectiveDiffusivity: 0.34446185),
    TransportReference(phase: 0, axis: .x, effectiveDiffusivity: 0.35053879),
    TransportReference(phase: 1, axis: .z, effectiveDiffusivity: 0.13056919),
    TransportReference(phase: 1, axis: .y, effectiveDiffusivity: 0.12951546),
    TransportReference(phase: 1, axis: .x, effectiveDiffusivity: 0.13391529),
  ]

  var testDescription: String { "phase \(phase) along \(axis.rawValue)" }
}
