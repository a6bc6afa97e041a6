public import Volumetry

/// What is added to x of every voxel of a map after its summed spectrum was judged.
public struct LithiumCorrection: Sendable {
  let groups: PixelGroups
  let tables: [LithiumShift]
  /// For each group of pixels its table, and what its own gain and width add.
  let tableOfGroup: [Int]
  /// For each part of the depth its table, where parts differ; else empty.
  let tableOfPart: [Int]
  let parts: DepthParts
  let ownShift: [Double]
  let meanIntensity: Double
  let range: ClosedRange<Double>
  let rangeSigmas: Double

  init(
    _ uneven: UnevenPixels, _ depth: UnevenDepth, parts: DepthParts, sums: PixelSums, groups: PixelGroups,
    meanIntensity: Double,
    range: ClosedRange<Double>, rangeSigmas: Double
  ) {
    var tables: [LithiumShift] = []
    var tableOfGroup = [Int](repeating: 0, count: groups.count)
    var ownShift = [Double](repeating: 0, count: groups.count)
    func add(_ joint: UnevenPixels.Joint, _ members: [Int]) {
      for index in members { tableOfGroup[sums.group(index)] = tables.count + joint.place[index] }
      tables += joint.fit.spectra.indices.map { LithiumShift(joint.fit, place: $0, range: range) }
    }
    add(uneven.main, Array(0..<sums.count))
    for index in 0..<sums.count { ownShift[sums.group(index)] = uneven.pixels.shifts[index] }
    for one in uneven.apart {
      add(one.joint, one.unit.members)
      for index in one.unit.members { ownShift[sums.group(index)] = 0 }
    }
    var tableOfPart: [Int] = []
    if !depth.parts.isEmpty, !uneven.isUneven {
      tableOfPart = [Int](repeating: 0, count: parts.count)
      for one in depth.parts {
        tableOfPart[one.place] = tables.count
        tables.append(LithiumShift(one.joint.fit, place: 0, range: range))
      }
    }
    self.tableOfPart = tableOfPart
    self.parts = parts
    self.groups = groups
    self.tables = tables
    self.tableOfGroup = tableOfGroup
    self.ownShift = ownShift
    self.meanIntensity = meanIntensity
    self.range = range
    self.rangeSigmas = rangeSigmas
  }

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
            Double(x[voxel]), dilution: meanIntensity / Double(intensity[voxel]), group: group,
            z: region.lower.z + z)
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

  private func corrected(_ x: Double, dilution: Double, group: Int, z: Int) -> Double {
    let table = tableOfPart.isEmpty ? tableOfGroup[group] : tableOfPart[parts.part(z: z)]
    let shift = tables[table](x, dilution: dilution.isFinite ? dilution : 1)
    return x + shift + ownShift[group]
  }
}
