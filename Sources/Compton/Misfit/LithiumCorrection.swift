public import Volumetry

/// What is added to x of every voxel of a map after its summed spectrum was judged.
public struct LithiumCorrection: Sendable {
  let groups: PixelGroups
  let tables: [LithiumShift]
  /// For each group of pixels its table, and what its own gain and width add.
  let tableOfGroup: [Int]
  let ownShift: [Double]
  let meanIntensity: Double
  let range: ClosedRange<Double>
  let rangeSigmas: Double

  /// Corrects x and the status of a box of voxels.
  ///
  /// The arrays hold the voxels of the box in z, y, x order.
  ///
  /// - Returns: x and mask.
  public func corrected(
    x: [Float], sigma: [Float], intensity: [Float], mask: [UInt8], in region: Region
  ) -> (x: [Float], mask: [UInt8]) {
    var result = (x: x, mask: mask)
    for z in 0..<region.shape.z {
      for y in 0..<region.shape.y {
        for column in 0..<region.shape.x {
          let voxel = region.shape.index(z: z, y: y, x: column)
          guard x[voxel].isFinite else { continue }
          let group = groups.group(y: region.lower.y + y, x: region.lower.x + column)
          let value = corrected(
            Double(x[voxel]), dilution: meanIntensity / Double(intensity[voxel]), group: group)
          result.x[voxel] = Float(value)
          let status = VoxelStatus(rawValue: mask[voxel])
          guard status?.hasValue == true else { continue }
          let slack = rangeSigmas * Double(sigma[voxel])
          let isOutside = value < range.lowerBound - slack || value > range.upperBound + slack
          result.mask[voxel] = (isOutside ? VoxelStatus.outsideRange : .good).rawValue
        }
      }
    }
    return result
  }

  private func corrected(_ x: Double, dilution: Double, group: Int) -> Double {
    let shift = tables[tableOfGroup[group]](x, dilution: dilution.isFinite ? dilution : 1)
    return x + shift + ownShift[group]
  }
}
