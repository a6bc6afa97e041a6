import Microstructure
import Testing
import Volumetry

/// Threads and memory must not change a bit.
@Suite struct OrientationInvarianceTests {
  static let grid = Grid(shape: Shape(z: 45, y: 38, x: 51), spacing: SIMD3(1, 1.3, 1.7))

  private static func noise() -> Volume<UInt16> {
    OrientationPhantoms.volume(.waves, along: SIMD3(0.6, 0, 0.8), grid: grid, noise: 200)
  }

  private static func ball() -> Volume<UInt8> {
    var mask = Volume<UInt8>(grid: grid, repeating: 0)
    for z in 0..<45 {
      for y in 0..<38 {
        for x in 0..<51 {
          let p = grid.center(z: z, y: y, x: x) - grid.middle
          if (p * p).sum() < 700 { mask[z, y, x] = 1 }
        }
      }
    }
    return mask
  }

  private func check(_ options: StructureTensorOptions, masked: Bool) throws {
    let volume = Self.noise()
    let mask = masked ? Self.ball() : nil
    let tensor = try StructureTensor(source: volume, mask: mask, options: options)
    func summary(_ resources: Resources) throws -> OrientationSummary? {
      var statistics = OrientationStatistics(
        grid: tensor.outputGrid, rho: options.rho, options: .init(weighting: .anisotropy))
      try tensor.run(resources: resources) { (slab) throws(VoxelithError) in
        try statistics.add(slab, threads: resources.threads)
      }
      return statistics.summary(replicates: 50)
    }
    /// Bits of what is averaged over cells that the slabs do not respect.
    func cells(_ resources: Resources) throws -> [UInt32] {
      let coarse = try CellChoice.cubes(9).map(on: Self.grid).coarse
      var means = OrientationCells(
        CellMap(fine: tensor.outputGrid, coarse: coarse), weighting: .anisotropy)
      try tensor.run(resources: resources) { (slab) throws(VoxelithError) in means.add(slab) }
      let axes = (0..<3).map { axis in means.volume { $0.eigen.vectors[0][axis] } }
      return (axes + [means.volume { $0.orderParameter }, means.meanAnisotropy]).flatMap {
        $0.voxels.map(\.bitPattern)
      }
    }
    let reference = try OrientationField(tensor, resources: Resources(threads: 1))
    let referenceCells = try cells(Resources(threads: 1))
    let referenceSummary = try summary(Resources(threads: 1))
    #expect(reference.bits.allSatisfy { !$0.contains(Float(-9).bitPattern) })
    for threads in [1, 2, 3, 8] {
      for megabytes in [3, 6, 20, 2000] {
        let resources = Resources(threads: threads, memory: megabytes << 20)
        guard try threads == 1 || tensor.peakBytesOrNil(resources) != nil else { continue }
        let other = try OrientationField(tensor, resources: resources)
        #expect(other.bits == reference.bits, "\(threads) threads, \(megabytes) MB")
        #expect(try summary(resources) == referenceSummary)
        #expect(try cells(resources) == referenceCells)
      }
    }
  }

  @Test func plain() throws {
    try check(StructureTensorOptions(sigma: 1.5, rho: 3), masked: false)
  }

  /// Wide enough for several strips of columns, whose windows overlap.
  @Test func strips() throws {
    let grid = Grid(shape: Shape(z: 9, y: 12, x: 905), spacing: .one)
    let volume = OrientationPhantoms.volume(.waves, along: SIMD3(0.6, 0, 0.8), grid: grid, noise: 200)
    func bits(_ source: Volume<UInt16>, stride: Int) throws -> OrientationField {
      try OrientationField(
        StructureTensor(
          source: source,
          options: StructureTensorOptions(sigma: 1, rho: 2, stride: Shape(z: 1, y: 1, x: stride))),
        resources: Resources(threads: 2))
    }
    let whole = try bits(volume, stride: 1)
    // The same columns out of pieces that are one strip each, away from the cuts.
    for first in [0, 200, 393, 650] {
      let box = Region(lower: Shape(z: 0, y: 0, x: first), shape: Shape(z: 9, y: 12, x: 255))
      var piece = Volume(grid: Grid(shape: box.shape, spacing: .one), voxels: volume.crop(box))
      // The corner is what grey values are taken relative to; it must be the same for the same bits.
      piece[0, 0, 0] = volume[0, 0, 0]
      let part = try bits(piece, stride: 1)
      for field in OrientationSlab.Field.allCases {
        for z in 0..<9 {
          for y in 0..<12 {
            for x in 15..<240 {
              let a = part[field][box.shape.index(z: z, y: y, x: x)]
              let b = whole[field][grid.shape.index(z: z, y: y, x: first + x)]
              #expect(a.bitPattern == b.bitPattern)
            }
          }
        }
      }
    }
    let coarse = try bits(volume, stride: 3)
    let offset = 1
    for field in OrientationSlab.Field.allCases {
      for i in 0..<coarse.grid.shape.x {
        #expect(coarse[field][i].bitPattern == whole[field][3 * i + offset].bitPattern)
      }
    }
  }

  @Test func masked() throws {
    try check(StructureTensorOptions(sigma: 1.5, rho: 3), masked: true)
  }

  @Test func strided() throws {
    try check(
      StructureTensorOptions(sigma: 1.5, rho: 3, stride: Shape(z: 3, y: 2, x: 4)), masked: false)
  }

  @Test func phaseMasked() throws {
    var options = StructureTensorOptions(sigma: 1.5, rho: 2, direction: .normal)
    options.maskRole = .phase
    try check(options, masked: true)
  }

  @Test func strideIsASubsetOfTheWhole() throws {
    let volume = Self.noise()
    let whole = try OrientationField(
      StructureTensor(source: volume, options: StructureTensorOptions(sigma: 1.5, rho: 3)))
    let stride = Shape(z: 4, y: 3, x: 5)
    let tensor = try StructureTensor(
      source: volume, options: StructureTensorOptions(sigma: 1.5, rho: 3, stride: stride))
    let part = try OrientationField(tensor)
    #expect(tensor.outputGrid.shape == Shape(z: 11, y: 13, x: 10))
    for z in 0..<11 {
      for y in 0..<13 {
        for x in 0..<10 {
          let coarse = part.grid.center(z: z, y: y, x: x)
          let fine = Self.grid.coordinates(of: coarse)
          let i = Self.grid.shape.index(
            z: Int(fine.z.rounded()), y: Int(fine.y.rounded()), x: Int(fine.x.rounded()))
          #expect(abs(fine.x - fine.x.rounded()) < 1e-9)
          let j = part.grid.shape.index(z: z, y: y, x: x)
          for field in OrientationSlab.Field.allCases {
            #expect(part[field][j].bitPattern == whole[field][i].bitPattern)
          }
        }
      }
    }
  }
}

extension StructureTensor {
  /// Bytes at the peak, or nil where the budget is too small for this many threads.
  func peakBytesOrNil(_ resources: Resources) throws -> Int? {
    do {
      return try peakBytes(resources: resources)
    } catch let error where error.code == .usage {
      return nil
    }
  }
}
