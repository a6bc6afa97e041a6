import Foundation
import Registration
import Testing
import Volumetry

/// Rings and stripes that both volumes have at one place of their slices, whatever the object does.
@Suite("Patterns of a detector") struct DetectorPatternTests {
  private static let side = 44
  private static let grid = Grid(shape: Shape(z: side, y: side, x: side), spacing: .one)

  enum Kind: CaseIterable {
    case stripes, columns, ringsAside

    /// Of unit size at each place of a slice.
    func pattern() -> [Double] {
      var random = SeededGenerator(seed: 5, stream: 91)
      let side = DetectorPatternTests.side
      let values = (0..<(side * side)).map { _ in random.normal() }
      return (0..<(side * side)).map { place in
        let (x, y) = (place % side, place / side)
        switch self {
        case .stripes: return values[x]
        case .columns: return values[place]
        case .ringsAside:
          let (dx, dy) = (Double(x) - 9, Double(y) - 33)
          return values[Int((dx * dx + dy * dy).squareRoot())]
        }
      }
    }
  }

  private static let truth = SpatialTransform(
    rotationVector: SIMD3(0.02, -0.03, 0.08), translation: SIMD3(3.4, -2.7, 1.6), about: grid.middle)

  private static func volume(
    _ object: Waves, strength: Double, _ pattern: [Double], seed: UInt64,
    _ place: (SIMD3<Double>) -> SIMD3<Double>
  ) -> Volume<Float> {
    var random = SeededGenerator(seed: seed, stream: 92)
    var voxels: [Float] = []
    for z in 0..<side {
      for y in 0..<side {
        for x in 0..<side {
          let value = object(place(grid.center(z: z, y: y, x: x)))
          voxels.append(Float(value + strength * pattern[y * side + x] + 0.3 * random.normal()))
        }
      }
    }
    return Volume(grid: grid, voxels: voxels)
  }

  @Test("an object that moved under them is found", arguments: Kind.allCases, [0.5, 1.2])
  func moved(_ kind: Kind, strength: Double) throws {
    let object = Waves(seed: 11)
    let pattern = kind.pattern()
    let result = try VolumeRegistration.align(
      moving: Self.volume(object, strength: strength, pattern, seed: 1) { $0 },
      to: Self.volume(object, strength: strength, pattern, seed: 2) { Self.truth($0) },
      options: RegistrationOptions(maximumAngle: 10))
    let error = result.transform.meanError(against: Self.truth, over: Self.grid)
    #expect(error < 3 * result.expectedErrorVoxels, "\(error), expected \(result.expectedErrorVoxels)")
    #expect(error < 0.15, "\(error)")
  }

  @Test("two objects under one pattern are refused", arguments: Kind.allCases)
  func unlike(_ kind: Kind) {
    let pattern = kind.pattern()
    #expect(throws: VoxelithError.self) {
      try VolumeRegistration.align(
        moving: Self.volume(Waves(seed: 21), strength: 1, pattern, seed: 1) { $0 },
        to: Self.volume(Waves(seed: 22), strength: 1, pattern, seed: 2) { $0 },
        options: RegistrationOptions(maximumAngle: 10))
    }
  }

  @Test("a pillar in the middle of the slices is no ring")
  func pillar() throws {
    let object = Waves(seed: 31, length: 1.6)
    let none = [Double](repeating: 0, count: Self.side * Self.side)
    let move = SpatialTransform(
      rotationVector: SIMD3(0, 0, 0.03), translation: SIMD3(0.8, -0.6, 0.4), about: Self.grid.middle)
    func seen(_ seed: UInt64, _ place: (SIMD3<Double>) -> SIMD3<Double>) -> Volume<Float> {
      var volume = Self.volume(object, strength: 0, none, seed: seed, place)
      volume.withVoxels { voxels in
        for z in 0..<Self.side {
          for y in 0..<Self.side {
            for x in 0..<Self.side {
              let p = place(Self.grid.center(z: z, y: y, x: x)) - Self.grid.middle
              let inside = 1 / (1 + exp(2 * ((p.x * p.x + p.y * p.y).squareRoot() - 15)))
              let i = (z * Self.side + y) * Self.side + x
              voxels[i] = Float(inside) * (3 + voxels[i])
            }
          }
        }
      }
      return volume
    }
    let result = try VolumeRegistration.align(
      moving: seen(1) { $0 }, to: seen(2) { move($0) }, options: RegistrationOptions(maximumAngle: 10))
    let error = result.transform.meanError(against: move, over: Self.grid)
    #expect(error < 3 * result.expectedErrorVoxels, "\(error), expected \(result.expectedErrorVoxels)")
    #expect(error < 0.08, "\(error)")
    #expect(!result.warnings.contains { $0.contains("rings") }, "\(result.warnings)")
  }

  @Test("a small field is told from places that are like it but share nothing with it")
  func smallField() throws {
    // Grains of one size everywhere: a distant place is alike in kind.
    let object = Waves(seed: 41, length: 1.5)
    let fixed = Grid(shape: Shape(z: 60, y: 60, x: 60), spacing: .one)
    let moving = Grid(shape: Shape(z: 20, y: 20, x: 20), spacing: .one)
    let truth = SpatialTransform(
      rotationVector: SIMD3(0.03, 0.02, -0.05),
      translation: moving.middle - fixed.middle + SIMD3(11, -9, 7), about: fixed.middle)
    func seen(_ grid: Grid, seed: UInt64, _ place: (SIMD3<Double>) -> SIMD3<Double>) -> Volume<Float> {
      var random = SeededGenerator(seed: seed, stream: 93)
      var voxels: [Float] = []
      for z in 0..<grid.shape.z {
        for y in 0..<grid.shape.y {
          for x in 0..<grid.shape.x {
            voxels.append(Float(object(place(grid.center(z: z, y: y, x: x))) + 0.2 * random.normal()))
          }
        }
      }
      return Volume(grid: grid, voxels: voxels)
    }
    let result = try VolumeRegistration.align(
      moving: seen(moving, seed: 1) { $0 }, to: seen(fixed, seed: 2) { truth($0) },
      options: RegistrationOptions(maximumAngle: 8))
    let error = result.transform.meanError(against: truth, over: fixed)
    #expect(error < 3 * result.expectedErrorVoxels, "\(error), expected \(result.expectedErrorVoxels)")
  }
}
