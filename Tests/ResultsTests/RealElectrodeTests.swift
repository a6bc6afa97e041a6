import Compton
import Correlation
import Drawing
import Foundation
import Microstructure
import Phantoms
import Readers
import Registration
import Results
import TestSupport
import Testing
import Transport
import Volumetry

/// Real electrodes from their files against an independent solver: an assembled matrix and conjugate gradients
/// by SciPy in double precision, residual 1e-10. The whole volumes take longer and are left to `make bench`.
@Suite struct RealElectrodeTests {
  @Test(
    .enabled(if: SharedData.isPresent),
    arguments: [
      ("electrode-taufactor/electrode.tiff", 0.18564348356775978, 2.256130565159994),
      ("nmc-nrel/nmc-1-cal_generatedCBD_bridge.tif", 0.1081882752107362, 3.1888130837468442),
    ])
  func tortuosityOfAPiece(_ path: String, _ diffusivity: Double, _ factor: Double) throws {
    let source = try VolumeFile.open(SharedData.path(path), options: VolumeOpenOptions())
    let box = Region(lower: Shape(z: 88, y: 88, x: 88), shape: Shape(z: 80, y: 80, x: 80))
    let voxels = try source.readLabels(box).map { UInt16(truncatingIfNeeded: $0) }
    let piece = LabelVolume(grid: Grid(unscaled: box.shape), voxels: voxels)
    var solver = try TransportSolver(labels: piece, conductivity: Conductivity(phase: 0))
    let result = try solver.transport(along: .z)
    #expect((result.residual ?? 1) <= 1e-6)
    #expect(abs(result.effectiveDiffusivity / diffusivity - 1) < 1e-5)
    #expect(abs((result.tortuosityFactor ?? .nan) / factor - 1) < 1e-5)
  }
}
