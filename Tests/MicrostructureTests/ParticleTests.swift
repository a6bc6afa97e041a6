import Foundation
import Microstructure
import Testing
import Volumetry

/// Particles of known number, size and contact.
@Suite struct ParticleTests {
  static func balls(
    _ grid: Grid, _ balls: [(center: SIMD3<Double>, radius: Double)]
  ) -> LabelVolume {
    PorePhantoms.labels(grid) { p in
      balls.contains { ball in
        let way = p - ball.center
        return (way * way).sum() < ball.radius * ball.radius
      }
    }
  }

  /// Random balls in a box, whose centres keep a share of the sum of their radii apart.
  static func pack(_ grid: Grid, radii: ClosedRange<Double>, apart: Double, seed: UInt64) -> [(
    center: SIMD3<Double>, radius: Double
  )] {
    var generator = SeededGenerator(seed: seed)
    var found: [(center: SIMD3<Double>, radius: Double)] = []
    let half = 0.5 * grid.extent
    for _ in 0..<4000 {
      let radius = radii.lowerBound + (radii.upperBound - radii.lowerBound) * generator.uniform()
      let place = SIMD3(generator.uniform(), generator.uniform(), generator.uniform())
      let center = (2 * place - 1) * (half - radius - 1)
      let isFree = found.allSatisfy { other in
        let way = center - other.center
        return (way * way).sum().squareRoot() >= apart * (radius + other.radius)
      }
      if isFree { found.append((center, radius)) }
    }
    return found
  }

  @Test(arguments: [(1.0, 6.0...6.0), (0.92, 7.0...7.0), (0.95, 5.0...9.0)])
  func countsOfPacks(_ apart: Double, _ radii: ClosedRange<Double>) throws {
    for seed in 1...3 {
      let grid = Grid(shape: Shape(z: 72, y: 72, x: 72), spacing: .one)
      let balls = Self.pack(grid, radii: radii, apart: apart, seed: UInt64(seed))
      let separation = try ParticleSeparation(PhaseLabels(Self.balls(grid, balls), phase: 1))
      #expect(separation.count == balls.count, "seed \(seed)")
    }
  }

  @Test(arguments: [SIMD3(1.0, 1, 1), SIMD3(1, 1.25, 0.8)])
  func oneBallIsOne(_ spacing: SIMD3<Double>) throws {
    for radius in [1.3, 2.0, 4.7, 11.5, 19.0] {
      let grid = Grid(shape: Shape(z: 56, y: 44, x: 48), spacing: spacing)
      for shift in [SIMD3(0, 0, 0), SIMD3(0.3, 0.1, 0.45)] {
        let labels = PorePhantoms.ball(grid, radius: radius, shift: shift)
        #expect(try ParticleSeparation(PhaseLabels(labels, phase: 1)).count == 1, "\(radius) \(shift)")
      }
    }
  }

  @Test func sizesAndShapes() throws {
    let grid = Grid(shape: Shape(z: 60, y: 64, x: 72), spacing: SIMD3(0.5, 0.5, 0.6), origin: SIMD3(5, 6, 7))
    let ball = try Self.only(PorePhantoms.ball(grid, radius: 12, shift: SIMD3(1, -0.7, 0.4)))
    #expect(abs(ball.equivalentDiameter / 24 - 1) < 0.01)
    // The ball about the deepest centre, right to two voxels.
    #expect(abs(ball.inscribedDiameter - 24) < 1)
    #expect(abs(ball.freeSurface / (4 * .pi * 144) - 1) < 0.02)
    #expect(abs((ball.sphericity ?? 0) - 1) < 0.02)
    let offset = ball.center - (grid.middle + SIMD3(1, -0.7, 0.4))
    #expect((offset * offset).sum().squareRoot() < 0.05)
    let way = SIMD3(1.0, 2, 2) / 3
    let rod = PorePhantoms.labels(grid) { p in
      let along = (p * way).sum()
      return along * along / 169 + ((p * p).sum() - along * along) / 36 < 1
    }
    let found = try Self.only(rod)
    #expect(abs(found.axes.x / 26 - 1) < 0.02 && abs(found.axes.z / 12 - 1) < 0.02)
    #expect(abs((try #require(found.direction) * way).sum()) > 0.999)
    // Prolate spheroid: 2 pi b^2 (1 + a/b asin(e)/e).
    let e = (1 - 36.0 / 169).squareRoot()
    let surface = 2 * Double.pi * 36 * (1 + 13.0 / 6 * asin(e) / e)
    #expect(abs(found.freeSurface / surface - 1) < 0.02)
  }

  /// Two balls that overlap: a contact of known size, whatever its tilt.
  @Test(arguments: [SIMD3(1.0, 0, 0), SIMD3(1, 1, 0), SIMD3(1, 2, 3), SIMD3(1, 1, 1)])
  func contactOfTwoBalls(_ direction: SIMD3<Double>) throws {
    let grid = Grid(shape: Shape(z: 88, y: 88, x: 88), spacing: SIMD3(repeating: 0.5))
    let unit = direction / (direction * direction).sum().squareRoot()
    let (radius, distance) = (11.0, 17.0)
    let labels = Self.balls(grid, [(unit * 0.5 * distance, radius), (-unit * 0.5 * distance, radius)])
    let phase = PhaseLabels(labels, phase: 1)
    let separation = try ParticleSeparation(phase)
    #expect(separation.count == 2)
    let table = try ParticleTable(separation, phase: phase)
    let neck = radius * radius - 0.25 * distance * distance
    let contact = try #require(table.contacts.first)
    #expect(abs(contact.area / (.pi * neck) - 1) < 0.02, "\(contact.area / (.pi * neck))")
    #expect(abs(0.5 * contact.inscribedDiameter - neck.squareRoot()) < 0.5)
    let cap = 2 * Double.pi * radius * (radius + 0.5 * distance)
    for particle in table.particles {
      #expect(particle.contacts == 1 && abs(particle.freeSurface / cap - 1) < 0.02)
    }
  }

  /// Contacts of 12 to 17 voxels radius in random directions, off the grid, between balls of one size and of two.
  @Test(arguments: 1...6)
  func contactsInRandomDirections(_ seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let neck = 12 + 5 * generator.uniform()
    let first = neck * (1.35 + 0.3 * generator.uniform())
    let second = first * (seed.isMultiple(of: 2) ? 1 : 0.9)
    let distance =
      (first * first - neck * neck).squareRoot() + (second * second - neck * neck).squareRoot()
    let way = SIMD3(generator.uniform(), generator.uniform(), generator.uniform()) - 0.4
    let unit = way / (way * way).sum().squareRoot()
    let shift = SIMD3(generator.uniform(), generator.uniform(), generator.uniform()) - 0.5
    let side = Int(distance + 2 * first) + 6
    let grid = Grid(shape: Shape(z: side, y: side, x: side), spacing: .one)
    let half = 0.5 * distance * unit
    let phase = PhaseLabels(
      Self.balls(grid, [(shift + half, first), (shift - half, second)]), phase: 1)
    let table = try ParticleTable(ParticleSeparation(phase), phase: phase)
    let contact = try #require(table.contacts.first)
    #expect(table.particles.count == 2 && table.contacts.count == 1)
    #expect(abs(contact.area / (.pi * neck * neck) - 1) < 0.02, "\(contact.area / (.pi * neck * neck))")
  }

  /// Blocks that came with numbers keep the area of their faces.
  @Test func bordersThatAreGiven() throws {
    let grid = Grid(shape: Shape(z: 48, y: 40, x: 44), spacing: SIMD3(1, 1.5, 0.5))
    var labels = Volume<UInt32>(grid: grid, repeating: 7)
    for z in 0..<48 {
      for y in 0..<40 { for x in 0..<44 where grid.center(z: z, y: y, x: x).z < 12 { labels[z, y, x] = 3 } }
    }
    let table = try ParticleTable(ParticleSeparation.numbered(labels).separation)
    #expect(abs(table.contacts[0].area - 40 * 1.5 * 44) < 1e-9)
  }

  @Test func facesAndNumbers() throws {
    let grid = Grid(shape: Shape(z: 8, y: 8, x: 8), spacing: .one)
    var labels = Volume<UInt32>(grid: grid, repeating: 0)
    for x in 0..<3 { labels[4, 4, x] = 90_000 }
    for x in 3..<6 { labels[4, 4, x] = 12 }
    let (separation, numbers) = try ParticleSeparation.numbered(labels)
    let table = try ParticleTable(separation)
    #expect(numbers == [12, 90_000])
    #expect(table.particles[1].isCut && !table.particles[0].isCut)
    #expect(table.particles[1].sphericity == nil)
    #expect(table.contacts == [table.contacts[0]] && table.contacts[0].area == 1)
    #expect(table.contacts[0].center == SIMD3(3, 4.5, 4.5))
  }

  @Test func threadsDoNotShowAndMemoryIsChecked() throws {
    let labels = PorePhantoms.random(Shape(z: 20, y: 21, x: 22), fraction: 0.55, seed: 2)
    let phase = PhaseLabels(labels, phase: 1)
    let one = try ParticleSeparation(phase, resources: Resources(threads: 1))
    let reference = try ParticleTable(one, phase: phase, resources: Resources(threads: 1))
    for threads in [2, 5] {
      let resources = Resources(threads: threads, memory: 2 << 20)
      let many = try ParticleSeparation(phase, resources: resources)
      #expect(many.labels == one.labels)
      let table = try ParticleTable(many, phase: phase, resources: resources)
      #expect(table.particles == reference.particles && table.contacts == reference.contacts)
    }
    let large = PhaseLabels(
      LabelVolume(grid: Grid(unscaled: Shape(z: 50, y: 50, x: 50)), repeating: 1), phase: 1)
    #expect(throws: VoxelithError.self) {
      _ = try ParticleSeparation(large, resources: Resources(threads: 1, memory: 2 << 20))
    }
    #expect(throws: VoxelithError.self) { _ = try ParticleSeparation(large) }
    #expect(throws: VoxelithError.self) { _ = try ParticleSeparation(PhaseLabels(labels, phase: 7)) }
  }

  private static func only(_ labels: LabelVolume) throws -> ParticleTable.Particle {
    let phase = PhaseLabels(labels, phase: 1)
    let table = try ParticleTable(ParticleSeparation(phase), phase: phase)
    #expect(table.particles.count == 1)
    return table.particles[0]
  }
}
