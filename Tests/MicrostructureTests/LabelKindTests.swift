import Microstructure
import Testing
import Volumetry

/// Labels as files hold them: floating point with NaN, numbers above 65535.
@Suite struct LabelKindTests {
  static let shape = Shape(z: 9, y: 10, x: 11)

  /// The same volume as labels with 9 outside, and as floats with NaN there.
  static func both() -> (labels: LabelVolume, floats: Volume<Float>) {
    let labels = PorePhantoms.random(shape, fraction: 0.6, seed: 4)
    var voxels = labels.voxels
    for i in voxels.indices where i % shape.x > 8 { voxels[i] = 9 }
    return (
      LabelVolume(grid: labels.grid, voxels: voxels),
      Volume(grid: labels.grid, voxels: voxels.map { $0 == 9 ? .nan : Float($0) })
    )
  }

  @Test func missingIsOutside() throws {
    let (labels, floats) = Self.both()
    let (a, b) = (PhaseLabels(labels, phase: 1, outside: 9), PhaseLabels(floats, phase: 1))
    #expect(try Porosity.measure(a) == Porosity.measure(b))
    #expect(try SpecificSurface.measure(a) == SpecificSurface.measure(b))
    #expect(try ChordLengths.measure(a) == ChordLengths.measure(b))
    #expect(try TwoPointCorrelation.measure(a) == TwoPointCorrelation.measure(b))
    #expect(try LocalThickness.measure(a).diameters == LocalThickness.measure(b).diameters)
    #expect(try RepresentativeVolume.measure(a, smallest: 2) == RepresentativeVolume.measure(b, smallest: 2))
    #expect(
      try PhaseInterfaces.measure(labels, phases: [0, 1], outside: 9) == PhaseInterfaces.measure(floats))
    let (first, second) = (try ParticleSeparation(a), try ParticleSeparation(b))
    #expect(first.labels == second.labels)
    #expect(try ParticleTable(first, phase: a).particles == ParticleTable(second, phase: b).particles)
  }

  @Test func numbersAboveSixteenBits() throws {
    let labels = PorePhantoms.random(Self.shape, fraction: 0.6, seed: 5)
    let large = Volume<UInt32>(
      grid: labels.grid, voxels: labels.voxels.map { $0 == 1 ? 70_001 : 4_000_000_000 })
    #expect(
      try Porosity.measure(PhaseLabels(large, phase: 70_001))
        == Porosity.measure(PhaseLabels(labels, phase: 1)))
    let (separation, numbers) = try ParticleSeparation.numbered(large)
    #expect(numbers == [70_001, 4_000_000_000] && separation.count == 2)
    #expect(try ParticleTable(separation).particles[0].voxels == labels.voxels.count { $0 == 1 })
  }

  @Test func whatIsNoLabelIsRefused() throws {
    for value in [-1, 0.5, Double.infinity, 4_294_967_295] {
      #expect(throws: VoxelithError.self) { _ = try VoxelBuffer.float64([1, value]).labels() }
    }
    #expect(try VoxelBuffer.float32([.nan, 3]).labels() == [Labels.missing, 3])
    #expect(throws: VoxelithError.self) {
      _ = try Volume<Float>(grid: Grid(unscaled: Shape(z: 1, y: 1, x: 2)), voxels: [.nan, 1]).loadLabels()
    }
  }
}
