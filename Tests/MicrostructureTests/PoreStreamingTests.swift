import Foundation
import Microstructure
import Testing
import Volumetry

/// Blocks, threads and memory must not change a bit of what is measured.
@Suite struct PoreStreamingTests {
  private static let grid = Grid(shape: Shape(z: 52, y: 44, x: 48), spacing: SIMD3(0.7, 0.9, 1.1))

  private static let pores = PorePhantoms.labels(grid) { p in
    let (a, b, c) = (sin(p.x * 0.5), cos(p.y * 0.45), sin(p.z * 0.6 + p.x * 0.2))
    return a + b + c > 0.1
  }

  private static let budgets = [2 << 20, 3 << 20, 8 << 20, 1 << 30]

  @Test func thicknessStreams() throws {
    let phase = PhaseLabels(Self.pores, phase: 1)
    let map = CellMap(fine: Self.grid, factor: Shape(z: 13, y: 11, x: 12))
    var seen: (Volume<Float>, PoreSizes, [UInt32])?
    for memory in Self.budgets.reversed() {
      for threads in [1, 3] {
        let sink = MemorySink<Float>(grid: Self.grid)
        let found = try LocalThickness.run(
          phase, into: sink, cells: map, resources: Resources(threads: threads, memory: memory))
        let field = try #require(found.field).volume.voxels.map { $0.bitPattern }
        if let seen {
          #expect(sink.volume == seen.0, "\(memory >> 20) MB")
          #expect(found.sizes == seen.1 && found.sizes.mean == seen.1.mean && field == seen.2)
        } else {
          seen = (sink.volume, found.sizes, field)
        }
      }
    }
    #expect(seen?.1.total == Self.pores.voxels.count { $0 == 1 })
  }

  @Test func representativeVolumeStreams() throws {
    let phase = PhaseLabels(Self.pores, phase: 1)
    let whole = try RepresentativeVolume.measure(phase, smallest: 5, resources: Resources(threads: 1))
    for memory in Self.budgets {
      for threads in [1, 2, 3, 8] {
        let found = try RepresentativeVolume.measure(
          phase, smallest: 5, resources: Resources(threads: threads, memory: memory))
        #expect(found == whole, "\(threads) threads, \(memory >> 20) MB")
      }
    }
    #expect(whole.sizes.count > 2 && whole.sizes[0].pieces == 10 * 8 * 9)
  }

  /// A pore much wider than the surroundings that blocks begin with.
  @Test func wideThicknessStreams() throws {
    let grid = Grid(shape: Shape(z: 150, y: 30, x: 30), spacing: .one)
    let labels = PorePhantoms.ball(grid, radius: 12, shift: SIMD3(1, -2, 20))
    let phase = PhaseLabels(labels, phase: 1)
    let whole = try LocalThickness.measure(phase).diameters
    let cut = try LocalThickness.measure(phase, resources: Resources(threads: 2, memory: 3 << 19)).diameters
    #expect(whole == cut)
    let wide = Grid(shape: Shape(z: 60, y: 60, x: 60), spacing: .one)
    #expect(throws: VoxelithError.self) {
      try LocalThickness.measure(
        PhaseLabels(PorePhantoms.ball(wide, radius: 27), phase: 1),
        resources: Resources(threads: 2, memory: 2 << 20))
    }
  }

  @Test(arguments: [nil, 7] as [UInt32?])
  func correlationStreams(_ outside: UInt32?) throws {
    var labels = Self.pores
    for z in 0..<52 { for y in 0..<9 { for x in 30..<48 { labels[z, y, x] = 7 } } }
    let phase = PhaseLabels(labels, phase: 1, outside: outside)
    var seen: TwoPointCorrelation?
    for memory in [4 << 20, 7 << 20, 20 << 20, 1 << 30] {
      for threads in [1, 3] {
        let found = try TwoPointCorrelation.measure(
          phase, reach: 8, resources: Resources(threads: threads, memory: memory))
        if let seen { #expect(found == seen, "\(memory >> 20) MB") }
        seen = found
      }
    }
    #expect(throws: VoxelithError.self) {
      try TwoPointCorrelation.measure(phase, reach: 30, resources: Resources(threads: 1, memory: 1 << 20))
    }
  }

  /// One cell that holds everything has the lengths of the whole, and small cells their own.
  @Test func correlationInCells() throws {
    let phase = PhaseLabels(Self.pores, phase: 1)
    let whole = try TwoPointCorrelation.measure(phase, reach: 15)
    let fields = try TwoPointCorrelation.lengthFields(phase, cells: CellMap(whole: Self.grid), reach: 15)
    for axis in Axis.allCases {
      let length = try #require(whole.lengths[axis.rawValue] ?? nil)
      #expect(abs(Double(fields[axis]?.volume.voxels[0] ?? 0) / length - 1) < 1e-6)
    }
    // Layers of 3 and of 9 voxels in the two halves, wide enough for more than one word of bits.
    let grid = Grid(shape: Shape(z: 12, y: 10, x: 144), spacing: SIMD3(2, 1, 1))
    var layers = LabelVolume(grid: grid, repeating: 0)
    for z in 0..<12 {
      for y in 0..<10 {
        for x in 0..<144 { layers[z, y, x] = UInt16(x < 72 ? x / 3 % 2 : x / 9 % 2) }
      }
    }
    let map = CellMap(fine: grid, factor: Shape(z: 12, y: 10, x: 72))
    let along = try #require(
      TwoPointCorrelation.lengthFields(PhaseLabels(layers, phase: 1), cells: map, reach: 16)[.x])
    let ratio = along.volume.voxels[1] / along.volume.voxels[0]
    #expect(abs(ratio - 3) < 0.6, "\(along.volume.voxels)")
    var reference: [Float] = []
    for (threads, memory) in [(1, 64 << 20), (3, 2 << 20)] {
      let found = try TwoPointCorrelation.lengthFields(
        phase, cells: CellMap(fine: Self.grid, factor: Shape(z: 13, y: 11, x: 12)), reach: 6,
        resources: Resources(threads: threads, memory: memory))
      let values = Axis.allCases.flatMap { found[$0]?.volume.voxels ?? [] }
      if reference.isEmpty { reference = values }
      #expect(values == reference && values.count == 3 * 64)
    }
  }

  /// Cells of several layers, some of which no voxel reaches, against pairs counted one by one.
  @Test(arguments: [Shape(z: 1, y: 4, x: 5), Shape(z: 3, y: 4, x: 5), Shape(z: 9, y: 40, x: 3)])
  func pairsOfCellsOneByOne(_ factor: Shape) throws {
    let shape = Shape(z: 13, y: 11, x: 17)
    let grid = Grid(shape: shape, spacing: SIMD3(1, 2, 1.5))
    var labels = LabelVolume(grid: grid, repeating: 0)
    var generator = SeededGenerator(seed: 77)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x { labels[z, y, x] = generator.uniform() < 0.4 ? 1 : x > 14 ? 9 : 0 }
      }
    }
    var coarse = CellMap(fine: grid, factor: factor).coarse
    coarse = Grid(
      shape: Shape(z: coarse.shape.z + 1, y: coarse.shape.y, x: coarse.shape.x), spacing: coarse.spacing,
      origin: coarse.origin - SIMD3(0, 0, factor.z == 1 ? 0.7 : 2) * grid.spacing)
    let map = CellMap(fine: grid, coarse: coarse)
    let phase = PhaseLabels(labels, phase: 1, outside: 9)
    let fields = try TwoPointCorrelation.lengthFields(phase, cells: map, reach: 6)
    for axis in Axis.allCases {
      let reach = min(shape[axis] - 1, Int(6 / grid.spacing(along: axis)))
      var pairs = [Int: [SIMD2<Int>]]()
      for z in 0..<shape.z {
        for y in 0..<shape.y {
          for x in 0..<shape.x where labels[z, y, x] != 9 {
            let center = (grid.center(z: z, y: y, x: x) - coarse.origin) / coarse.spacing
            guard center.min() >= 0, center.z < Double(coarse.shape.z) else { continue }
            let cell = coarse.shape.index(z: Int(center.z), y: Int(center.y), x: Int(center.x))
            for lag in 0...reach {
              let other = Shape(
                z: z + (axis == .z ? lag : 0), y: y + (axis == .y ? lag : 0), x: x + (axis == .x ? lag : 0))
              guard other.z < shape.z, other.y < shape.y, other.x < shape.x,
                labels[other.z, other.y, other.x] != 9
              else { continue }
              let both = labels[z, y, x] == 1 && labels[other.z, other.y, other.x] == 1
              pairs[cell, default: [SIMD2<Int>](repeating: .zero, count: reach + 1)][lag] &+= SIMD2(
                both ? 1 : 0, 1)
            }
          }
        }
      }
      let found = try #require(fields[axis]).volume.voxels
      for cell in found.indices {
        let counts = (pairs[cell] ?? []).prefix { $0.y > 0 }.map { Double($0.x) / Double($0.y) }
        let fraction = counts.first ?? 0
        guard fraction > 0, fraction < 1 else {
          #expect(found[cell].isNaN)
          continue
        }
        var sum = 0.5
        for value in counts.dropFirst() {
          let covariance = (value - fraction * fraction) / (fraction - fraction * fraction)
          if covariance <= 0 { break }
          sum += covariance
        }
        #expect(abs(Double(found[cell]) - sum * grid.spacing(along: axis)) < 1e-5)
      }
    }
  }

  @Test func correlationThatDoesNotFit() throws {
    let grid = Grid(shape: Shape(z: 40, y: 100, x: 100), spacing: .one)
    let phase = PhaseLabels(LabelVolume(grid: grid, repeating: 1), phase: 1)
    let error = #expect(throws: VoxelithError.self) {
      try TwoPointCorrelation.checkFields(
        phase, cells: CellMap(fine: grid, factor: Shape(z: 1, y: 1, x: 1)),
        resources: Resources(memory: 64 << 20))
    }
    #expect(error?.code == .usage && error?.advice?.hasPrefix("raise --memory") == true)
  }

  /// What percolates counts in the cells that it crosses, and nothing else does.
  @Test func percolatingPorosityInCells() throws {
    let grid = Grid(shape: Shape(z: 8, y: 8, x: 8), spacing: .one)
    var labels = LabelVolume(grid: grid, repeating: 0)
    for z in 0..<8 { labels[z, 1, 1] = 1 }
    for x in 0..<8 { labels[6, 6, x] = 1 }
    labels[1, 6, 6] = 1
    let fields = try Porosity.percolatingFields(
      PhaseLabels(labels, phase: 1), cells: CellMap(fine: grid, factor: Shape(z: 4, y: 4, x: 4)))
    func values(_ axis: Axis) -> [Float] { (fields[axis]?.volume.voxels ?? []).map { $0 * 64 } }
    #expect(values(.z) == [4, 0, 0, 0, 4, 0, 0, 0])
    #expect(values(.x) == [0, 0, 0, 0, 0, 0, 4, 4])
    #expect(values(.y).allSatisfy { $0 == 0 })
  }

  @Test func cellsOfEveryKind() throws {
    let grid = Grid(shape: Shape(z: 10, y: 20, x: 30), spacing: SIMD3(0.5, 1, 2), origin: SIMD3(3, 2, 1))
    let cubes = try CellChoice.cubes(4).map(on: grid).coarse
    #expect(cubes.shape == Shape(z: 5, y: 5, x: 4) && cubes.origin == grid.origin)
    let foreign = Grid(shape: Shape(z: 2, y: 2, x: 2), spacing: SIMD3(5, 5, 5), origin: SIMD3(4, 4, 4))
    #expect(try CellChoice.grid(foreign).map(on: grid).coarse == foreign)
    let far = Grid(shape: Shape(z: 2, y: 2, x: 2), spacing: SIMD3(5, 5, 5), origin: SIMD3(400, 4, 4))
    for choice in [
      CellChoice.grid(far), .cubes(0.5), .cubes(.nan), .cubes(-1), .cubes(100),
      .voxels(Shape(z: 0, y: 1, x: 1)), .voxels(Shape(z: 11, y: 1, x: 1)),
    ] {
      #expect(throws: VoxelithError.self) { try choice.map(on: grid) }
    }
  }
}
