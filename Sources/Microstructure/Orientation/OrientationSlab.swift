public import Volumetry

/// A box of the answer of the structure tensor.
public struct OrientationSlab: Sendable {
  /// Box on the output grid.
  public let region: Region
  /// For each slice the five fields one after the other: x, y, z, linearity, planarity.
  let values: [Float]
  /// Fields that who takes the slab may hold at once beside it, of the same size, in the plan of memory.
  static let copies = 3

  /// A field of the answer; NaN where the direction is not defined.
  public enum Field: Int, Sendable, CaseIterable {
    /// Components of the unit direction; it points to positive z.
    case x, y, z
    /// (l2 - l3) / l1 for eigenvalues l1 >= l2 >= l3 of the gradient tensor: 1 for a fibre.
    case linearity
    /// (l1 - l2) / l1: 1 for layers.
    case planarity
    /// (l1 - l3) / l1, the sum of both: 0 where no direction stands out.
    case anisotropy
  }

  /// One value of a field.
  ///
  /// - Parameters:
  ///   - index: place in the region, in the order z, y, x.
  public func value(_ field: Field, at index: Int) -> Float {
    let area = region.shape.y * region.shape.x
    let start = index / area * WindowStage.fields * area + index % area
    guard field == .anisotropy else { return values[start + field.rawValue * area] }
    return min(values[start + 3 * area] + values[start + 4 * area], 1)
  }

  /// The values of a field in the order z, y, x.
  public func field(_ field: Field) -> [Float] {
    let area = region.shape.y * region.shape.x
    var result = [Float](repeating: 0, count: region.count)
    var target = result.mutableSpan
    for slice in 0..<region.shape.z {
      let start = slice * WindowStage.fields * area
      guard field == .anisotropy else {
        RowKernels.copy(
          values.span, at: start + field.rawValue * area, count: area, into: &target, at: slice * area)
        continue
      }
      let line = values.span.extracting((start + 3 * area)..<(start + 4 * area))
      let plane = values.span.extracting((start + 4 * area)..<(start + 5 * area))
      var sums = target._mutatingExtracting((slice * area)..<((slice + 1) * area))
      for i in sums.indices {
        let sum = line[i] + plane[i]
        sums[i] = sum > 1 ? 1 : sum
      }
    }
    return result
  }
}
