import Foundation
import Microstructure
import Testing
import Volumetry

@Suite struct PoreMetricsTests {
  private func code(_ body: () throws -> Void) -> VoxelithError.Code? {
    do {
      try body()
      return nil
    } catch let error as VoxelithError { return error.code } catch { return nil }
  }

  @Test func porosityAndPercolation() throws {
    let grid = Grid(shape: Shape(z: 5, y: 6, x: 10), spacing: .one)
    var labels = LabelVolume(grid: grid, repeating: 0)
    for z in 0..<5 { labels[z, 2, 3] = 1 }
    for y in 0..<4 { labels[2, y, 5] = 1 }
    for y in 0..<6 { for z in 0..<5 { labels[z, y, 9] = 9 } }
    let found = try Porosity.measure(PhaseLabels(labels, phase: 1, outside: 9))
    #expect(found.phaseVoxels == 9 && found.sampleVoxels == 270 && found.components == 2)
    #expect(found.percolating == ["z": 5.0 / 270, "y": 0, "x": 0])
    #expect(found.largestComponent == 5.0 / 9)
    #expect(code { _ = try Porosity.measure(PhaseLabels(labels, phase: 4)) } == .data)
    let field = try Porosity.field(
      PhaseLabels(labels, phase: 1, outside: 9), cells: CellMap(fine: grid, factor: Shape(z: 5, y: 3, x: 3)))
    #expect(field.grid.shape == Shape(z: 1, y: 2, x: 4))
    #expect(field.volume.voxels[1] == Float(8.0 / 45))
    #expect(field.volume.voxels[3].isNaN)
  }

  @Test func chordsOfABox() throws {
    let grid = Grid(shape: Shape(z: 12, y: 12, x: 12), spacing: SIMD3(0.5, 1, 2))
    var labels = LabelVolume(grid: grid, repeating: 0)
    for z in 2..<5 { for y in 3..<8 { for x in 4..<11 { labels[z, y, x] = 1 } } }
    // A pore at the border: its chords along z are cut and do not count.
    labels[0, 10, 10] = 1
    let chords = try ChordLengths.measure(PhaseLabels(labels, phase: 1))
    #expect(chords.z.counts == [0, 0, 35])
    #expect(chords.x.counts == [1, 0, 0, 0, 0, 0, 15])
    #expect(chords.y.counts == [1, 0, 0, 0, 21])
    #expect(chords.z.mean == 6)
    #expect(abs((chords.x.mean ?? 0) - (15 * 3.5 + 0.5) / 16) < 1e-12)
    #expect(abs((chords.x.meanByVolume ?? 0) - 0.5 * (15 * 49 + 1) / (15 * 7 + 1)) < 1e-12)
    let map = CellMap(fine: grid, factor: Shape(z: 6, y: 12, x: 12))
    let fields = try ChordLengths.fields(PhaseLabels(labels, phase: 1), cells: map)
    #expect(fields[.z]?.volume.voxels[0] == 6)
    #expect(fields[.z]?.volume.voxels[1].isNaN == true)
    let full = try ChordLengths.measure(PhaseLabels(labels, phase: 7))
    #expect(full.x.mean == nil && full.x.counts.isEmpty)
  }

  @Test func distancesAreExact() {
    let labels = PorePhantoms.random(Shape(z: 9, y: 10, x: 11), fraction: 0.9, seed: 3)
    let grid = labels.grid
    let inside = labels.voxels.map { $0 == 1 }
    let map = DistanceMap.squared(inside, grid: grid, threads: 3)
    for i in inside.indices {
      var best = Double.infinity
      let p = grid.center(z: i / 110, y: i / 11 % 10, x: i % 11)
      for j in inside.indices where !inside[j] {
        let d = grid.center(z: j / 110, y: j / 11 % 10, x: j % 11) - p
        best = min(best, (d * d).sum())
      }
      #expect(abs(Double(map[i]) - best) < 1e-5 * max(1, best))
    }
    let none = DistanceMap.squared([Bool](repeating: true, count: inside.count), grid: grid)
    #expect(none.allSatisfy { $0 == .infinity })
  }

  /// By the definition: the largest ball over each voxel.
  @Test func thicknessIsTheLargestBall() throws {
    let shape = Shape(z: 10, y: 12, x: 14)
    let grid = Grid(shape: shape, spacing: SIMD3(1, 1.1, 0.9))
    let blobs = PorePhantoms.labels(grid) { p in
      sin(p.x * 0.9) + cos(p.y * 0.8) + sin(p.z * 1.1 + p.x * 0.3) > 0.2
    }
    let found = try LocalThickness.measure(PhaseLabels(blobs, phase: 1)).diameters
    let inside = blobs.voxels.map { $0 == 1 }
    let radii = DistanceMap.squared(inside, grid: grid).map { $0.squareRoot() }
    for i in inside.indices {
      guard inside[i] else {
        #expect(found.voxels[i] == 0)
        continue
      }
      var best: Float = 0
      let p = grid.center(z: i / 168, y: i / 14 % 12, x: i % 14)
      for j in inside.indices where inside[j] {
        let d = grid.center(z: j / 168, y: j / 14 % 12, x: j % 14) - p
        if (d * d).sum().squareRoot() < Double(radii[j]) * (1 - 1e-6) { best = max(best, radii[j]) }
      }
      #expect(abs(found.voxels[i] - (2 * best - 0.45)) < 1e-4)
    }
  }

  @Test func thicknessOfBallsAndSlabs() throws {
    let grid = Grid(shape: Shape(z: 32, y: 32, x: 32), spacing: .one)
    // The middle of a ball lies on a voxel, or between eight, none of which is its centre.
    for (shift, error) in [(0.5, 0.8), (0, 2.1)] {
      let labels = PorePhantoms.ball(grid, radius: 11, shift: SIMD3(repeating: shift))
      let ball = try LocalThickness.measure(PhaseLabels(labels, phase: 1))
      #expect(abs(ball.sizes.mean - 22) < error, "\(shift): \(ball.sizes.mean)")
    }
    var widths = 0.0
    for width in [5, 6] {
      var labels = LabelVolume(grid: grid, repeating: 0)
      for z in 10..<(10 + width) { for y in 0..<32 { for x in 0..<32 { labels[z, y, x] = 1 } } }
      let slab = try LocalThickness.measure(PhaseLabels(labels, phase: 1))
      widths += slab.sizes.mean
      #expect(abs(slab.sizes.mean - Double(width)) <= 0.5)
      let shares = slab.sizes.distribution(binWidth: 1)
      #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
    }
    #expect(abs(widths - 11) < 1e-4)
    let one = LabelVolume(grid: grid, repeating: 1)
    #expect(code { _ = try LocalThickness.measure(PhaseLabels(one, phase: 1)) } == .data)
  }

  @Test func correlationByCounting() throws {
    var labels = PorePhantoms.random(Shape(z: 7, y: 8, x: 9), fraction: 0.4, seed: 8)
    for z in 0..<3 { for y in 0..<8 { labels[z, y, 8] = 5 } }
    let found = try TwoPointCorrelation.measure(PhaseLabels(labels, phase: 1, outside: 5), reach: 3)
    for axis in Axis.allCases {
      let values = try #require(found.axes[axis.rawValue])
      for (lag, value) in values.enumerated() {
        var pairs = 0.0
        var all = 0.0
        for z in 0..<7 {
          for y in 0..<8 {
            for x in 0..<9 {
              let (a, b, c) = (
                z + (axis == .z ? lag : 0), y + (axis == .y ? lag : 0), x + (axis == .x ? lag : 0)
              )
              guard a < 7 && b < 8 && c < 9 else { continue }
              if labels[z, y, x] != 5 && labels[a, b, c] != 5 { all += 1 }
              if labels[z, y, x] == 1 && labels[a, b, c] == 1 { pairs += 1 }
            }
          }
        }
        #expect(abs(value - pairs / all) < 1e-12)
      }
    }
    #expect(found.radial[0] == found.fraction)
    #expect(found.distances.dropFirst().allSatisfy { $0 > 0 && $0 <= 3 })
  }

  /// Without correlation every distance has the square of the fraction.
  @Test func correlationOfNoise() throws {
    let labels = PorePhantoms.random(Shape(z: 40, y: 40, x: 40), fraction: 0.3, seed: 4)
    let found = try TwoPointCorrelation.measure(PhaseLabels(labels, phase: 1))
    for value in found.radial.dropFirst(2) { #expect(abs(value - 0.09) < 0.005) }
  }

  /// Independent voxels have the integral range of one voxel.
  @Test func representativeVolumeOfNoise() throws {
    let labels = PorePhantoms.random(Shape(z: 64, y: 64, x: 64), fraction: 0.4, seed: 6)
    let found = try RepresentativeVolume.measure(PhaseLabels(labels, phase: 1), smallest: 4)
    let voxel = 0.5 * 0.7 * 0.9
    #expect(abs((found.exponent ?? 0) - 1) < 0.1)
    #expect(abs(log((found.integralRange ?? 0) / voxel)) < 0.7)
    #expect(found.sizes.map(\.pieces) == [4096, 512, 64, 8, 1])
    let side = pow(voxel * 0.24 / pow(0.05 * 0.4, 2), 1.0 / 3)
    #expect(abs((found.representativeSide ?? 0) / side - 1) < 0.3)
  }

  @Test func thinVolumes() throws {
    let shape = Shape(z: 1, y: 20, x: 20)
    let labels = PorePhantoms.random(shape, fraction: 0.5, seed: 1)
    let phase = PhaseLabels(labels, phase: 1)
    let percolating = try Porosity.measure(phase).percolating
    #expect(percolating["z"] == .some(nil) && percolating["x"] != nil)
    #expect(try SpecificSurface.measure(phase) > 0)
    #expect(try ChordLengths.measure(phase).z.mean == nil)
    #expect(try LocalThickness.measure(phase).sizes.mean > 0)
    let correlation = try TwoPointCorrelation.measure(phase, reach: 3)
    #expect(correlation.axes["z"]?.count == 1 && correlation.lengths["z"] == .some(nil))
    #expect((correlation.lengths["x"] ?? nil) != nil)
    #expect(try RepresentativeVolume.measure(phase, smallest: 4).sizes.count > 1)
  }

  @Test func threadsDoNotShow() throws {
    let labels = PorePhantoms.random(Shape(z: 23, y: 21, x: 26), fraction: 0.6, seed: 9)
    let phase = PhaseLabels(labels, phase: 1)
    let one = Resources(threads: 1)
    let reference = try (
      ChordLengths.measure(phase, resources: one), Porosity.measure(phase, resources: one),
      LocalThickness.measure(phase, resources: one).diameters
    )
    for threads in [2, 3, 8] {
      let many = Resources(threads: threads, memory: 64 << 20)
      #expect(try ChordLengths.measure(phase, resources: many) == reference.0)
      #expect(try Porosity.measure(phase, resources: many) == reference.1)
      #expect(try LocalThickness.measure(phase, resources: many).diameters == reference.2)
    }
  }
}
