import Foundation
import Volumetry

/// Eight fields at once: the projector's weights are found once for all of them.
package typealias Lanes = SIMD8<Float>

/// Projects slices across the axis of rotation and back.
///
/// A square voxel gives each column the part of its area that lies before it (strips of the width of a column; Lo, IEEE Trans. Nucl.
/// Sci. 35 (1988) 516): the projection of a voxel at the angle t is a trapezoid of the widths |cos t| and |sin t|. The back projection
/// takes the same weights, so it is the adjoint to rounding.
package struct SliceProjector: Sendable {
  package let geometry: ParallelGeometry
  /// Column that the axis falls on.
  package var center: Double
  /// What reaches the detector from each voxel (angle, z, x); empty where nothing is absorbed.
  package var transmission: [Float] = []
  /// Columns and voxels along a side.
  package let side: Int
  package var angles: Int { geometry.angles.count }
  /// Values of a sinogram (angle, column).
  package var rays: Int { angles * side }
  package var voxels: Int { side * side }

  private static let steps = 256
  private static let border = 3
  /// For each angle and position of a voxel between two columns, what three columns get of it.
  private let weights: [SIMD4<Float>]
  private let cosines: [Float]
  private let sines: [Float]

  package init(_ geometry: ParallelGeometry) {
    self.geometry = geometry
    side = geometry.columns
    center = geometry.center
    cosines = geometry.angles.map { Float(cos($0)) }
    sines = geometry.angles.map { Float(sin($0)) }
    var weights: [SIMD4<Float>] = []
    weights.reserveCapacity(geometry.angles.count * (Self.steps + 1))
    for angle in geometry.angles {
      let widths = (abs(cos(angle)), abs(sin(angle)))
      for step in 0...Self.steps {
        // The voxel's centre lies at 1 + part of columns 0, 1, 2, whose edges are at -0.5, 0.5, 1.5, 2.5.
        let place = 0.5 + Double(step) / Double(Self.steps)
        let below = (0...3).map { Self.share(below: Double($0) - 0.5 - place, widths) }
        weights.append(
          SIMD4(
            Float(below[1] - below[0]), Float(below[2] - below[1]), Float(below[3] - below[2]), 0))
      }
    }
    self.weights = weights
  }

  /// Part of a unit square's projection below `distance` from its centre.
  private static func share(below distance: Double, _ widths: (Double, Double)) -> Double {
    let low = min(widths.0, widths.1)
    let high = max(widths.0, widths.1)
    let flat = 0.5 * (high - low)
    let end = 0.5 * (high + low)
    let reach = min(abs(distance), end)
    var half = min(reach, flat) / high
    if reach > flat, low > 0 { half += ((reach - flat) - (reach - flat) * (reach - flat) / (2 * low)) / high }
    return 0.5 + (distance < 0 ? -min(half, 0.5) : min(half, 0.5))
  }

  /// Position of the first of the three columns, and the entry of the table with the part of a step beyond it.
  @inline(__always)
  private static func locate(_ column: Float) -> (first: Int, entry: Int, part: Float) {
    let shifted = column - 0.5
    let floor = shifted.rounded(.down)
    let place = (shifted - floor) * Float(steps)
    let entry = min(Int(place), steps - 1)
    return (Int(floor), entry, place - Float(entry))
  }

  /// Sinograms of slices: `sinogram[angle, column] = sum of weight * slice[z, x]`.
  package func project(_ slice: [Lanes], into sinogram: inout [Lanes]) {
    precondition(slice.count == voxels && sinogram.count == rays)
    precondition(transmission.isEmpty || transmission.count == angles * voxels)
    let width = side + 2 * Self.border + 2
    var row = [Lanes](repeating: .zero, count: width)
    for angle in 0..<angles {
      for index in row.indices { row[index] = .zero }
      Self.spread(
        slice.span, into: &row, through: transmission.span, from: angle * voxels,
        table: weights.span, at: angle * (Self.steps + 1), side: side,
        cosine: cosines[angle], sine: sines[angle], center: Float(center))
      for column in 0..<side { sinogram[angle * side + column] = row[column + Self.border] }
    }
  }

  private static func spread(
    _ slice: Span<Lanes>, into row: inout [Lanes], through: Span<Float>, from first: Int,
    table: Span<SIMD4<Float>>, at start: Int, side: Int, cosine: Float, sine: Float, center: Float
  ) {
    let middle = 0.5 * Float(side - 1)
    let isClear = through.isEmpty
    for z in 0..<side {
      let base = center + (Float(z) - middle) * sine - center * cosine
      for x in 0..<side {
        let column = base + Float(x) * cosine
        guard column > -1.5, column < Float(side) + 0.5 else { continue }
        let (lowest, entry, part) = locate(column)
        let low = table[start + entry]
        let w = low + part * (table[start + entry + 1] - low)
        let passed: Float = isClear ? 1 : through[first + z * side + x]
        let value = passed * slice[z * side + x]
        let place = lowest + border
        row[place] += w.x * value
        row[place + 1] += w.y * value
        row[place + 2] += w.z * value
      }
    }
  }

  /// The adjoint: `slice[z, x] = sum of weight * sinogram[angle, column]`.
  package func backProject(_ sinogram: [Lanes], into slice: inout [Lanes]) {
    precondition(slice.count == voxels && sinogram.count == rays)
    for index in slice.indices { slice[index] = .zero }
    let width = side + 2 * Self.border + 2
    var row = [Lanes](repeating: .zero, count: width)
    for angle in 0..<angles {
      for column in 0..<side { row[column + Self.border] = sinogram[angle * side + column] }
      Self.gather(
        row.span, into: &slice, through: transmission.span, from: angle * voxels,
        table: weights.span, at: angle * (Self.steps + 1), side: side,
        cosine: cosines[angle], sine: sines[angle], center: Float(center))
    }
  }

  private static func gather(
    _ row: Span<Lanes>, into slice: inout [Lanes], through: Span<Float>, from first: Int,
    table: Span<SIMD4<Float>>, at start: Int, side: Int, cosine: Float, sine: Float, center: Float
  ) {
    let middle = 0.5 * Float(side - 1)
    let isClear = through.isEmpty
    for z in 0..<side {
      let base = center + (Float(z) - middle) * sine - center * cosine
      for x in 0..<side {
        let column = base + Float(x) * cosine
        guard column > -1.5, column < Float(side) + 0.5 else { continue }
        let (lowest, entry, part) = locate(column)
        let low = table[start + entry]
        let w = low + part * (table[start + entry + 1] - low)
        let place = lowest + border
        let passed: Float = isClear ? 1 : through[first + z * side + x]
        var sum = w.x * row[place]
        sum += w.y * row[place + 1]
        sum += w.z * row[place + 2]
        slice[z * side + x] += passed * sum
      }
    }
  }
}
