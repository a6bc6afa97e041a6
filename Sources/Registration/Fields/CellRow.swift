import CRegistrationKernels
import Volumetry

/// Where a row of points falls among the cells, and sums of what they hold, by kernels in C.
struct CellRow {
  private let count: Int
  /// Number of each point's cell; -1 outside.
  private var places: [Int32]
  /// Place of each point relative to its cell's centre, in cells: all along x, then y, then z.
  private var offsets: [Float]

  init(count: Int) {
    self.count = count
    places = [Int32](repeating: -1, count: count + Int(vrk_spare))
    offsets = [Float](repeating: 0, count: 3 * (count + Int(vrk_spare)))
  }

  /// - Parameters:
  ///   - origin: of the first point, in cells from the lattice's corner (x, y, z).
  ///   - step: from point to point.
  mutating func locate(origin: SIMD3<Double>, step: SIMD3<Double>, _ cells: vrk_cells) {
    let (origin, step, count) = ([origin.x, origin.y, origin.z], [step.x, step.y, step.z], count)
    unsafe withUnsafePointer(to: cells) { cells in
      unsafe vrk_locate(cells, origin, step, count, &places, &offsets)
    }
  }

  /// Adds values that are not NaN, and the points that have one, to a channel's sums and weights.
  ///
  /// - Parameters:
  ///   - sums: of all channels, one after the other.
  ///   - weights: likewise.
  func deposit(
    _ values: [Float], from start: Int, channel: Int, _ cells: vrk_cells, _ sums: inout [Float],
    _ weights: inout [Float]
  ) {
    let first = channel * cells.count
    precondition(start + count <= values.count && first + cells.count <= min(sums.count, weights.count))
    unsafe values.withUnsafeBufferPointer { values in
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        unsafe weights.withUnsafeMutableBufferPointer { weights in
          guard let from = values.baseAddress, let sum = sums.baseAddress, let weight = weights.baseAddress
          else { return }
          unsafe withUnsafePointer(to: cells) { cells in
            unsafe vrk_deposit(
              cells, count, places, offsets, from + start, sum + first, weight + first)
          }
        }
      }
    }
  }

  /// Counts the points of every class, and all points in `weights`.
  ///
  /// - Parameter sums: of all classes, one after the other.
  func count(
    _ classes: [Int8], from start: Int, _ cells: vrk_cells, _ sums: inout [Float], _ weights: inout [Float]
  ) {
    precondition(start + count <= classes.count && weights.count >= cells.count)
    unsafe classes.withUnsafeBufferPointer { classes in
      guard let from = classes.baseAddress else { return }
      unsafe withUnsafePointer(to: cells) { cells in
        unsafe vrk_count(cells, count, places, offsets, from + start, &sums, &weights)
      }
    }
  }
}

extension vrk_cells {
  /// - Parameter shared: axes along which the cells beside a point's own share it; those at each end cannot.
  init(_ shape: Shape, sharedAlong shared: SIMDMask<SIMD3<Double.SIMDMaskScalar>>) {
    let margin = SIMD3<Double>.zero.replacing(with: 1, where: shared)
    let end = SIMD3(Double(shape.x), Double(shape.y), Double(shape.z)) - margin
    self.init(
      width: Int32(shape.x), height: Int32(shape.y), low: (margin.x, margin.y, margin.z),
      high: (end.x, end.y, end.z),
      step: (shared[0] ? 1 : 0, shared[1] ? shape.x : 0, shared[2] ? shape.y * shape.x : 0),
      count: shape.count)
  }
}
