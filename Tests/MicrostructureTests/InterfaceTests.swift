import Microstructure
import Testing
import Volumetry

/// Contact areas, triple lines and Euler numbers against closed forms.
@Suite struct InterfaceTests {
  static func labels(_ grid: Grid, _ label: (SIMD3<Double>) -> UInt16) -> LabelVolume {
    var voxels: [UInt16] = []
    for z in 0..<grid.shape.z {
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x { voxels.append(label(grid.center(z: z, y: y, x: x) - grid.middle)) }
      }
    }
    return LabelVolume(grid: grid, voxels: voxels)
  }

  /// A ball on a plane between two phases: two caps, a ring, and a line around the ball.
  @Test(arguments: [SIMD3(0.0, 0, 1), SIMD3(1, 2, 3), SIMD3(1, 1, 1), SIMD3(0.2, 0.1, 1)])
  func ballOnPlane(_ direction: SIMD3<Double>) throws {
    let grid = Grid(shape: Shape(z: 80, y: 80, x: 80), spacing: SIMD3(repeating: 0.25))
    let normal = direction / (direction * direction).sum().squareRoot()
    // The plane along the axes lies between voxels.
    let shift = SIMD3(0.04, 0.02, 0)
    for (height, radius) in [(1.25, 6.0), (0.0, 4.5), (2.5, 7.0)] {
      let sample = Self.labels(grid) { p in
        let q = p - shift
        return (q * q).sum() < radius * radius ? 2 : (q * normal).sum() > height ? 1 : 0
      }
      let found = try PhaseInterfaces.measure(sample)
      func contact(_ a: UInt32, _ b: UInt32) -> Double {
        found.contacts.first { $0.phases == [a, b] }?.area ?? .nan
      }
      #expect(abs(contact(1, 2) / (2 * .pi * radius * (radius - height)) - 1) < 0.02)
      #expect(abs(contact(0, 2) / (2 * .pi * radius * (radius + height)) - 1) < 0.02)
      let ring = 2 * Double.pi * (radius * radius - height * height).squareRoot()
      #expect(found.tripleLines.count == 1)
      #expect(abs(found.tripleLines[0].length / ring - 1) < 0.02, "\(direction) \(height)")
    }
  }

  /// A ball that is cut by a plane at any offset and tilt: a disc that ends at a third phase is short by less than 0.4 voxels along its rim, its
  /// line and its caps are those of the closed forms.
  @Test(arguments: 1...8)
  func cutBallOffTheGrid(_ seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(40 + seed))
    func random() -> Double { 2 * generator.uniform() - 1 }
    let radius = 17 + 4 * random()
    let height = 0.4 * radius * random()
    let way = SIMD3(random(), random(), random())
    let normal = way / way.squared.squareRoot()
    let shift = 0.5 * SIMD3(random(), random(), random())
    let side = Int(2 * radius) + 14
    let sample = Self.labels(Grid(shape: Shape(z: side, y: side, x: side), spacing: .one)) { p in
      let q = p - shift
      return q.squared >= radius * radius ? 0 : (q * normal).sum() > height ? 2 : 1
    }
    let found = try PhaseInterfaces.measure(sample)
    func contact(_ a: UInt32, _ b: UInt32) -> Double {
      found.contacts.first { $0.phases == [a, b] }?.area ?? .nan
    }
    let rim = (radius * radius - height * height).squareRoot()
    let missing = .pi * rim * rim - contact(1, 2)
    #expect(missing < 0.4 * 2 * .pi * rim && missing > -0.1 * 2 * .pi * rim, "\(missing / (2 * .pi * rim))")
    #expect(abs(contact(0, 1) / (2 * .pi * radius * (radius + height)) - 1) < 0.02)
    #expect(abs(contact(0, 2) / (2 * .pi * radius * (radius - height)) - 1) < 0.02)
    #expect(abs(found.tripleLines[0].length / (2 * .pi * rim) - 1) < 0.02)
  }

  /// Three sectors about an axis of any tilt, and voxels that are not cubes.
  @Test(arguments: [SIMD3(1.0, 2, 3), SIMD3(0.2, 0.1, 1)], [SIMD3(1.0, 1, 1), SIMD3(1, 1.2, 0.8)])
  func threeSectors(_ direction: SIMD3<Double>, _ spacing: SIMD3<Double>) throws {
    let grid = Grid(shape: Shape(z: 64, y: 56, x: 60), spacing: spacing)
    let n = direction / (direction * direction).sum().squareRoot()
    let helper = SIMD3(1.0, 0, 0)
    let e0 = helper - n * (helper * n).sum()
    let e = e0 / (e0 * e0).sum().squareRoot()
    let f = SIMD3(n.y * e.z - n.z * e.y, n.z * e.x - n.x * e.z, n.x * e.y - n.y * e.x)
    let sample = Self.labels(grid) { p in
      let (u, v) = ((p * e).sum(), (p * f).sum())
      return v >= 0 ? (u > 0 ? 0 : 1) : 2
    }
    let half = 0.5 * grid.extent / n
    let length = 2 * min(abs(half.x), abs(half.y), abs(half.z))
    let found = try PhaseInterfaces.measure(sample)
    #expect(abs(found.tripleLines[0].length / length - 1) < 0.02)
  }

  /// Layers have no line, though three phases are close to each other.
  @Test func layersHaveNoLine() throws {
    let grid = Grid(shape: Shape(z: 30, y: 20, x: 20), spacing: .one)
    let sample = Self.labels(grid) { p in p.z + 0.3 * p.x < 0 ? 0 : p.z + 0.2 * p.x < 4 ? 1 : 2 }
    let found = try PhaseInterfaces.measure(sample, connectivity: .twentySix)
    #expect(found.contacts.count == 3 && found.phases.map(\.label) == [0, 1, 2])
    let flat = Self.labels(grid) { p in p.z < 0 ? 0 : p.z < 4 ? 1 : 2 }
    let none = try PhaseInterfaces.measure(flat)
    #expect(none.tripleLines[0].length == 0)
    for (contact, area) in zip(none.contacts, [400.0, 0, 400]) { #expect(abs(contact.area - area) < 1e-6) }
  }

  @Test func topology() throws {
    let grid = Grid(shape: Shape(z: 40, y: 44, x: 48), spacing: SIMD3(1, 1.1, 0.9))
    func euler(_ labels: LabelVolume, _ connectivity: Connectivity) throws -> [Int] {
      let found = try EulerNumber.measure(PhaseLabels(labels, phase: 1), connectivity: connectivity)
      return [found.euler, found.components, found.tunnels, found.cavities]
    }
    let torus = Self.labels(grid) { p in
      let ring = (p.x * p.x + p.y * p.y).squareRoot() - 12
      return ring * ring + p.z * p.z < 25 ? 1 : 0
    }
    let shell = Self.labels(grid) { p in
      let square = (p * p).sum()
      return square < 196 && square > 64 ? 1 : 0
    }
    let two = Self.labels(grid) { p in
      (p - SIMD3(9, 0, 0)).squared < 49 || (p + SIMD3(9, 0, 0)).squared < 36 ? 1 : 0
    }
    for connectivity in [Connectivity.six, .twentySix] {
      #expect(try euler(torus, connectivity) == [0, 1, 1, 0])
      #expect(try euler(shell, connectivity) == [2, 1, 0, 1])
      #expect(try euler(two, connectivity) == [2, 2, 0, 0])
    }
    // Two voxels that touch by an edge.
    var pair = LabelVolume(grid: Grid(unscaled: Shape(z: 3, y: 3, x: 3)), repeating: 0)
    pair[1, 1, 1] = 1
    pair[1, 2, 2] = 1
    #expect(try euler(pair, .six) == [2, 2, 0, 0])
    #expect(try euler(pair, .twentySix) == [1, 1, 0, 0])
    #expect(throws: VoxelithError.self) { _ = try euler(pair, .eighteen) }
  }

  @Test func cutsAndThreadsDoNotShow() throws {
    var generator = SeededGenerator(seed: 12)
    let grid = Grid(shape: Shape(z: 40, y: 21, x: 26), spacing: SIMD3(0.5, 0.7, 0.9))
    let sample = LabelVolume(
      grid: grid, voxels: (0..<grid.shape.count).map { _ in UInt16(generator.next() % 4) })
    let one = try PhaseInterfaces.measure(sample, resources: Resources(threads: 1))
    #expect(one == (try PhaseInterfaces.measure(sample, resources: Resources(threads: 3, memory: 24 << 20))))
    #expect(one.contacts.count == 6 && one.tripleLines.count == 4)
    #expect(throws: VoxelithError.self) { _ = try PhaseInterfaces.measure(sample, phases: [0, 9]) }
    #expect(throws: VoxelithError.self) { _ = try PhaseInterfaces.measure(sample, phases: [0, 0]) }
  }
}

extension SIMD3<Double> {
  fileprivate var squared: Double { (self * self).sum() }
}
