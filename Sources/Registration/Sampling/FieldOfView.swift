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
  /// Width of the shells in which values are looked at, from outside in.
  private static let shell = 0.02
  /// An object in air has an outline of its own.
  private static let smallest = 0.7

  /// Nil where values vary up to the border.
  init?(_ voxels: [Float], shape: Shape) {
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
    let level = Double(values[values.count / 2])
    let noise = corners.variance
    let found = [Outline.circle, .box].compactMap { (outline) -> (Outline, Double, Double)? in
      var shells = [Moments](repeating: Moments(), count: 72)
      for z in 0..<shape.z {
        for y in 0..<shape.y {
          for x in 0..<shape.x {
            let value = voxels[shape.index(z: z, y: y, x: x)]
            if value.isNaN { continue }
            let k = Int(Self.distance(outline, z, y, x, shape) / Self.shell)
            shells[min(shells.count - 1, k)].add(Double(value))
          }
        }
      }
      var size: Double?
      var outside = 0
      for k in shells.indices.reversed() where shells[k].count >= 50 {
        let (shell, count) = (shells[k], Double(shells[k].count))
        // Neither brighter than the corners nor less even than chance makes it.
        guard shell.variance <= (1.2 + 4 * (2 / count).squareRoot()) * noise + 1e-12 * level * level,
          abs(shell.mean - level) <= 0.3 * noise.squareRoot() + 1e-6 * abs(level)
        else { break }
        size = Double(k) * Self.shell
        outside += shells[k].count
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
