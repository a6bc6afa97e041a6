import Foundation
import Volumetry

/// The part of a volume that was reconstructed, where what lies outside a circle about the middle of the slices, or outside a
/// box, has one value (and noise): an edge that stays where it is whatever the object does.
struct FieldOfView: Sendable {
  enum Outline: Sendable { case circle, box }

  let outline: Outline
  /// Radius or half side, in halves of the volume's sides.
  let size: Double
  private let shape: Shape

  /// Least part of the volume that is outside.
  private static let least = 0.03
  /// Part of a shell's voxels that have the value of the corners.
  private static let quiet = 0.8
  private static let shell = 0.02
  /// An object in air has an outline of its own.
  private static let smallest = 0.7

  /// Nil where values vary up to the border.
  init?(_ voxels: [Float], shape: Shape, threads: Int) {
    guard min(shape.z, shape.y, shape.x) >= 16 else { return nil }
    self.shape = shape
    var all = Moments()
    for value in voxels where !value.isNaN { all.add(Double(value)) }
    var corners = Moments()
    var values: [Float] = []
    func ends(_ count: Int) -> [Int] { Array(0..<5) + Array((count - 5)..<count) }
    for z in ends(shape.z) {
      for y in ends(shape.y) {
        for x in ends(shape.x) {
          let value = voxels[shape.index(z: z, y: y, x: x)]
          if value.isNaN { continue }
          corners.add(Double(value))
          values.append(value)
        }
      }
    }
    guard values.count >= 500, corners.variance < 0.36 * all.variance else { return nil }
    values.sort()
    let level = values[values.count / 2]
    // A blur of 1.5 voxels leaves (2 sqrt(pi) 1.5)^-3/2 of white noise; four times that.
    let noise = Float(corners.variance.squareRoot())
    let limit = 0.33 * noise + 1e-6 * abs(level)
    let smooth = WorkingImage.normalisedGaussian(
      voxels, shape: shape, sigma: SIMD3(1.5, 1.5, 1.5), threads: threads)
    let isQuiet = smooth.map { $0.isNaN || abs($0 - level) <= limit }
    let found = [Outline.circle, .box].compactMap { (outline) -> (Outline, Double, Double)? in
      let shells = 72
      var quiet = [Int](repeating: 0, count: shells)
      var counts = quiet
      for z in 0..<shape.z {
        for y in 0..<shape.y {
          for x in 0..<shape.x {
            let k = min(shells - 1, Int(Self.distance(outline, z, y, x, shape) / Self.shell))
            counts[k] += 1
            if isQuiet[shape.index(z: z, y: y, x: x)] { quiet[k] += 1 }
          }
        }
      }
      var size: Double?
      var outside = 0
      for k in (0..<shells).reversed() where counts[k] >= 50 {
        guard Double(quiet[k]) >= Self.quiet * Double(counts[k]) else { break }
        size = Double(k) * Self.shell
        outside += counts[k]
      }
      guard let size, size >= Self.smallest else { return nil }
      let part = Double(outside) / Double(shape.count)
      return part >= Self.least ? (outline, size, part) : nil
    }
    guard let best = found.max(by: { $0.2 < $1.2 }) else { return nil }
    (outline, size) = (best.0, best.1)
  }

  /// Whether two volumes end at the same place.
  func agrees(with other: FieldOfView) -> Bool {
    outline == other.outline && shape == other.shape && abs(size - other.size) <= 1.5 * Self.shell
  }

  /// The volume with nothing outside, nor within a voxel and a half of the edge.
  func cut(_ voxels: [Float]) -> [Float] {
    var result = voxels
    let limit = size - 3 / Double(min(shape.y, shape.x))
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x where Self.distance(outline, z, y, x, shape) > limit {
          result[shape.index(z: z, y: y, x: x)] = .nan
        }
      }
    }
    return result
  }

  private static func distance(_ outline: Outline, _ z: Int, _ y: Int, _ x: Int, _ shape: Shape) -> Double {
    func place(_ index: Int, _ side: Int) -> Double {
      abs(2 * Double(index) - Double(side - 1)) / Double(side)
    }
    let (u, v) = (place(x, shape.x), place(y, shape.y))
    return outline == .circle ? (u * u + v * v).squareRoot() : max(u, v, place(z, shape.z))
  }
}
