import Foundation
import Microstructure
import Testing
import Volumetry

/// Bad input gives a clear error or the documented value.
@Suite struct OrientationEdgeTests {
  private let grid = Grid(shape: Shape(z: 12, y: 12, x: 12), spacing: .one)

  private func code(
    _ options: StructureTensorOptions, _ source: any VolumeSource, mask: (any VolumeSource)? = nil
  )
    -> VoxelithError.Code?
  {
    do {
      _ = try StructureTensor(source: source, mask: mask, options: options)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func widthsOutOfRange() {
    let volume = Volume<UInt8>(grid: grid, repeating: 1)
    for (sigma, rho) in [
      (0.0, 1.0), (-1, 1), (1, 0), (1, -2), (.nan, 1), (1, .infinity), (13, 1), (1, 13), (0.1, 1),
    ] {
      #expect(code(StructureTensorOptions(sigma: sigma, rho: rho), volume) == .usage)
    }
    for stride in [Shape(z: 0, y: 1, x: 1), Shape(z: 1, y: 13, x: 1)] {
      #expect(code(StructureTensorOptions(sigma: 1, rho: 1, stride: stride), volume) == .usage)
    }
    #expect(code(StructureTensorOptions(sigma: 1, rho: 12), volume) == nil)
  }

  @Test func maskOfAnotherShape() {
    let volume = Volume<UInt8>(grid: grid, repeating: 1)
    let mask = Volume<UInt8>(grid: Grid(shape: Shape(z: 12, y: 12, x: 11), spacing: .one), repeating: 1)
    #expect(code(StructureTensorOptions(sigma: 1, rho: 2), volume, mask: mask) == .data)
  }

  @Test func constantVolumesHaveNoDirection() throws {
    let options = StructureTensorOptions(sigma: 1, rho: 2)
    let bytes = Volume<UInt8>(grid: grid, repeating: 77)
    let floats = Volume<Float>(grid: grid, repeating: 1000.1)
    let mask = Volume<UInt8>(grid: grid, repeating: 1)
    for tensor in [
      try StructureTensor(source: bytes, options: options),
      try StructureTensor(source: floats, options: options),
      try StructureTensor(source: floats, mask: mask, options: options),
    ] {
      let field = try OrientationField(tensor)
      for name in OrientationSlab.Field.allCases { #expect(field[name].allSatisfy { $0.isNaN }) }
      var statistics = OrientationStatistics(grid: grid, rho: 2)
      try tensor.run { (slab) throws(VoxelithError) in try statistics.add(slab) }
      #expect(statistics.count == 0 && statistics.missing == grid.shape.count)
      #expect(statistics.summary() == nil)
    }
  }

  /// Stripes in one slice point along themselves, whichever axis is the thin one; their normal lies in the slice, too.
  @Test(arguments: [Axis.z, .y, .x]) func stripesInOneSlice(thin: Axis) throws {
    let angle = 0.5
    var shape = Shape(z: 48, y: 48, x: 48)
    switch thin {
    case .z: shape.z = 1
    case .y: shape.y = 1
    case .x: shape.x = 1
    }
    // In the plane of the two other axes: stripes along (cos, sin), grey values vary across them.
    let axes = Axis.allCases.filter { $0 != thin }
    var voxels: [Float] = []
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let place: [Axis: Double] = [.x: Double(x), .y: Double(y), .z: Double(z)]
          let across = -sin(angle) * (place[axes[0]] ?? 0) + cos(angle) * (place[axes[1]] ?? 0)
          voxels.append(Float(100 + 50 * sin(across / 1.6)))
        }
      }
    }
    let volume = Volume(grid: Grid(shape: shape, spacing: .one), voxels: voxels)
    for (direction, along) in [(StructureTensorOptions.Direction.axis, true), (.normal, false)] {
      var options = StructureTensorOptions(sigma: 1, rho: 4)
      options.direction = direction
      let field = try OrientationField(StructureTensor(source: volume, options: options))
      let middle = shape.index(z: shape.z / 2, y: shape.y / 2, x: shape.x / 2)
      func part(_ axis: Axis) -> Double {
        Double(field[axis == .x ? .x : axis == .y ? .y : .z][middle])
      }
      let wanted = along ? (cos(angle), sin(angle)) : (-sin(angle), cos(angle))
      let dot = part(axes[0]) * wanted.0 + part(axes[1]) * wanted.1
      #expect(abs(abs(dot) - 1) < 1e-3 && abs(part(thin)) < 1e-3, "\(direction) \(dot)")
      #expect(field[along ? .linearity : .planarity][middle] > 0.95)
    }
    let row = Volume<Float>(grid: Grid(shape: Shape(z: 1, y: 1, x: 9), spacing: .one), repeating: 1)
    #expect(code(StructureTensorOptions(sigma: 1, rho: 2), row) == .usage)
  }

  @Test func emptyMask() throws {
    let volume = OrientationPhantoms.volume(.layers, along: SIMD3(0, 0.6, 0.8), grid: grid)
    let mask = Volume<UInt8>(grid: grid, repeating: 0)
    let field = try OrientationField(
      StructureTensor(source: volume, mask: mask, options: StructureTensorOptions(sigma: 1, rho: 2)))
    #expect(field[.x].allSatisfy { $0.isNaN })
  }

  /// One slice says nothing of z: the axis is z, the normal lies in the slice.
  @Test func oneSlice() throws {
    let thin = Grid(shape: Shape(z: 1, y: 30, x: 30), spacing: .one)
    let truth = OrientationPhantoms.normalized(SIMD3(0.8, 0.6, 0))
    let volume = OrientationPhantoms.volume(.layers, along: truth, grid: thin)
    for mask in [nil, Volume<UInt8>(grid: thin, repeating: 1)] {
      var options = StructureTensorOptions(sigma: 1, rho: 3)
      let axis = try OrientationField(StructureTensor(source: volume, mask: mask, options: options))
      let middle = thin.shape.index(z: 0, y: 15, x: 15)
      // The two smaller eigenvalues differ little, so the axis is any direction across the normal.
      #expect(OrientationPhantoms.angle(axis.direction(middle), truth) > 89)
      options.direction = .normal
      let normal = try OrientationField(StructureTensor(source: volume, mask: mask, options: options))
      #expect(OrientationPhantoms.angle(normal.direction(middle), truth) < 0.3)
    }
  }

  @Test func oneVoxel() throws {
    let one = Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: SIMD3(10, 10, 10))
    let field = try OrientationField(
      StructureTensor(
        source: Volume<UInt8>(grid: one, repeating: 3),
        options: StructureTensorOptions(sigma: 1, rho: 1)))
    #expect(field[.z].count == 1 && field[.z][0].isNaN)
  }

  @Test func missingVoxelsAreLeftOut() throws {
    let cube = Grid(shape: Shape(z: 24, y: 24, x: 24), spacing: .one)
    let truth = OrientationPhantoms.directions(5)[3]
    let grey = OrientationPhantoms.volume(.layers, along: truth, grid: cube)
    var volume = Volume(grid: cube, voxels: grey.voxels.map(Float.init))
    volume[12, 12, 12] = .nan
    volume[5, 7, 9] = .infinity
    var options = StructureTensorOptions(sigma: 1.5, rho: 3)
    options.direction = .normal
    let field = try OrientationField(StructureTensor(source: volume, options: options))
    #expect(field[.x].filter { $0.isNaN }.count == 2)
    #expect(field.error(to: truth, margin: 4).mean < 0.5)
    options.maskRole = .phase
    let mask = Volume<UInt8>(grid: cube, repeating: 1)
    #expect(code(options, volume, mask: mask) == .data)
  }

  @Test func aBudgetTooSmallIsAnError() throws {
    let large = Grid(shape: Shape(z: 40, y: 600, x: 600), spacing: .one)
    let tensor = try StructureTensor(
      source: Volume<UInt8>(grid: large, repeating: 0),
      options: StructureTensorOptions(sigma: 10, rho: 30))
    #expect(throws: VoxelithError.self) {
      try tensor.run(resources: Resources(threads: 2, memory: 1 << 20)) { (_) throws(VoxelithError) in }
    }
  }
}
