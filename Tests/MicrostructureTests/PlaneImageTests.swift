import Foundation
import Microstructure
import Testing
import Volumetry

/// Images of one slice are measured in their plane.
@Suite struct PlaneImageTests {
  /// A disc in one slice; the thickness of the slice is none of the image's lengths.
  static func disc(_ thickness: Double, axis: Axis = .z) -> LabelVolume {
    var shape = Shape(z: 96, y: 96, x: 96)
    shape[axis] = 1
    var spacing = SIMD3(repeating: 0.5)
    spacing[[Axis.x, .y, .z].firstIndex(of: axis) ?? 2] = thickness
    let grid = Grid(shape: shape, spacing: spacing)
    return PorePhantoms.labels(grid) { p in (p * p).sum() < 15 * 15 }
  }

  @Test(arguments: Axis.allCases, [0.01, 0.5, 20]) func disc(_ axis: Axis, thickness: Double) throws {
    let phase = PhaseLabels(Self.disc(thickness, axis: axis), phase: 1)
    let outline = try SpecificSurface.measure(phase) * 48 * 48
    #expect(abs(outline / (2 * Double.pi * 15) - 1) < 0.01)
    let sizes = try LocalThickness.measure(phase).sizes
    // As for balls: right to two voxels.
    #expect(abs(sizes.mean - 30) < 1)
    let correlation = try TwoPointCorrelation.measure(phase)
    #expect(correlation.distances.count > 30)
    #expect(correlation.lengths[axis.rawValue] == .some(nil))
    #expect(try ChordLengths.measure(phase).mean(along: axis) == nil)
    let porosity = try Porosity.measure(phase)
    #expect(porosity.percolating[axis.rawValue] == .some(nil))
    let text = String(decoding: try JSONEncoder().encode(porosity), as: UTF8.self)
    #expect(text.contains("\"\(axis)\":null"))
    #expect(try JSONDecoder().decode(Porosity.self, from: Data(text.utf8)) == porosity)
    let map = CellMap(fine: phase.grid, factor: Shape(z: 48, y: 48, x: 48))
    #expect(
      try Porosity.percolatingFields(phase, cells: map)[axis]?.volume.voxels.allSatisfy(\.isNaN) == true)
    let lengths = try TwoPointCorrelation.lengthFields(phase, cells: map)
    #expect(lengths[axis]?.volume.voxels.allSatisfy(\.isNaN) == true)
  }

  @Test func particlesOfAnImage() throws {
    let labels = Self.disc(3)
    let phase = PhaseLabels(labels, phase: 1)
    let separation = try ParticleSeparation(phase)
    #expect(separation.count == 1)
    let particle = try ParticleTable(separation, phase: phase).particles[0]
    #expect(abs(particle.equivalentDiameter - 30) < 0.1)
    #expect(abs((particle.sphericity ?? 0) - 1) < 0.01)
    #expect(
      abs(particle.axes.x / 30 - 1) < 0.01 && abs(particle.axes.y / 30 - 1) < 0.01 && particle.axes.z == 0)
    let interfaces = try PhaseInterfaces.measure(labels)
    #expect(abs(interfaces.contacts[0].area / (30 * Double.pi) - 1) < 0.01)
    #expect(interfaces.tripleLines.isEmpty)
    #expect(interfaces.phases[1].topology.euler == 1 && interfaces.phases[0].topology.tunnels == 1)
    let paths = try GeodesicPaths(PhaseLabels(labels, phase: 0), to: GeodesicPaths.Face(.x, isUpper: false))
    #expect(paths.summary().reached == 1)
    #expect(throws: VoxelithError.self) {
      _ = try GeodesicPaths(phase, to: GeodesicPaths.Face(.z, isUpper: false))
    }
  }
}

extension ChordLengths {
  fileprivate func mean(along axis: Axis) -> Double? {
    switch axis {
    case .x: x.mean
    case .y: y.mean
    case .z: z.mean
    }
  }
}
