import Foundation
import Volumetry

/// A random field of zero mean and unit variance: a sum of plane waves with random directions and phases.
///
/// The value at a point depends on seed and point only, so any box of a volume can be made by itself. With many
/// waves of one wavelength the level sets look like the bicontinuous pores of spinodal decomposition
/// (Cahn, J. Chem. Phys. 42 (1965) 93).
public struct PlaneWaveField: Sendable {
  struct Wave: Sendable {
    let k: SIMD3<Double>
    let phase: Double
  }

  let waves: [Wave]

  /// - Parameters:
  ///   - wavelength: in micrometres.
  ///   - direction: unit vector (x, y, z) along which the field hardly changes; nil for an isotropic field.
  ///   - elongation: length along `direction` over that across it.
  ///   - count: number of waves.
  public init(
    seed: UInt64, stream: UInt64, wavelength: Double, direction: SIMD3<Double>? = nil,
    elongation: Double = 10, count: Int = 96
  ) {
    var random = SeededGenerator(seed: seed, stream: stream)
    let magnitude = 2 * Double.pi / wavelength
    var waves: [Wave] = []
    for _ in 0..<count {
      var k = SIMD3(random.normal(), random.normal(), random.normal())
      let stretch = 1 + 0.1 * random.normal()
      if let direction {
        let axis = direction / length(direction)
        k -= dot(k, axis) * axis
        k *= magnitude * stretch / max(length(k), 1e-12)
        k += axis * (random.normal() * magnitude / elongation)
      } else {
        k *= magnitude * stretch / max(length(k), 1e-12)
      }
      waves.append(Wave(k: k, phase: 2 * .pi * random.uniform()))
    }
    self.waves = waves
  }

  /// Value at a point (x, y, z) in micrometres.
  public func value(at point: SIMD3<Double>) -> Double {
    (2 / Double(waves.count)).squareRoot()
      * waves.reduce(0) { $0 + cos(dot($1.k, point) + $1.phase) }
  }

  /// Rows that are made side by side.
  static let lanes = 8

  /// The values along up to ``lanes`` neighbouring rows of the grid, one row after another, beginning at the grid's first voxel so
  /// that the result does not depend on the box that is asked for.
  func rows(z: Int, y: Range<Int>, grid: Grid) -> [Float] {
    let (width, height) = (grid.shape.x, min(Self.lanes, y.count))
    var sums = [SIMD8<Double>](repeating: .zero, count: width)
    for wave in waves {
      var angles = SIMD8<Double>.zero
      for lane in 0..<height {
        angles[lane] = dot(wave.k, grid.center(z: z, y: y.lowerBound + lane, x: 0)) + wave.phase
      }
      var target = sums.mutableSpan
      addCosines(&target, angles: angles, used: height, step: wave.k.x * grid.spacing.x)
    }
    let scale = (2 / Double(waves.count)).squareRoot()
    var result: [Float] = []
    result.reserveCapacity(width * height)
    for lane in 0..<height {
      for x in 0..<width { result.append(Float(sums[x][lane] * scale)) }
    }
    return result
  }
}

/// Adds cos(angle + i step) by the recurrence cos(a + s) = 2 cos(s) cos(a) - cos(a - s), restarted every 64 steps: a row in each
/// lane, whose chains do not wait for one another.
private func addCosines(
  _ sums: inout MutableSpan<SIMD8<Double>>, angles: SIMD8<Double>, used: Int, step: Double
) {
  let factor = SIMD8<Double>(repeating: 2 * cos(step))
  var start = 0
  while start < sums.count {
    let end = min(start + 64, sums.count)
    var previous = SIMD8<Double>.zero
    var current = SIMD8<Double>.zero
    for lane in 0..<used {
      let a = angles[lane] + Double(start) * step
      previous[lane] = cos(a - step)
      current[lane] = cos(a)
    }
    for index in start..<end {
      sums[index] += current
      let next = factor * current - previous
      previous = current
      current = next
    }
    start = end
  }
}

func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }
func length(_ a: SIMD3<Double>) -> Double { dot(a, a).squareRoot() }
