public import Volumetry

/// Directions averaged over the cells of a coarser grid: the orientation tensor of each cell, gathered slab
/// by slab.
///
/// Sums are whole numbers of 2^-36, so that neither the cut into slabs nor their order shows.
public struct OrientationCells: Sendable {
  public let map: CellMap
  public let weighting: OrientationStatistics.Weighting
  /// Weighted sums of xx, yy, zz, xy, xz, yz, of the weight, of the anisotropy and of the number.
  private var sums: [Int64]

  private static let perCell = 9

  /// - Parameter map: from the grid of the answer to the cells.
  public init(_ map: CellMap, weighting: OrientationStatistics.Weighting = .equal) {
    self.map = map
    self.weighting = weighting
    sums = [Int64](repeating: 0, count: map.count * Self.perCell)
  }

  /// Adds a box of the answer.
  public mutating func add(_ slab: OrientationSlab) {
    let fields = OrientationSlab.Field.allCases.map { slab.field($0) }
    let (xs, ys, zs, anisotropies) = (fields[0], fields[1], fields[2], fields[5])
    var i = 0
    for z in slab.region.z {
      for y in slab.region.y {
        for x in slab.region.x {
          defer { i += 1 }
          guard xs[i].isFinite, let cell = map.cell(z: z, y: y, x: x) else { continue }
          add((Double(xs[i]), Double(ys[i]), Double(zs[i])), Double(anisotropies[i]), to: cell)
        }
      }
    }
  }

  private mutating func add(_ d: (x: Double, y: Double, z: Double), _ anisotropy: Double, to cell: Int) {
    let one = OrientationStatistics.one
    let weight = weighting == .equal ? one : one * anisotropy
    let values = [
      d.x * d.x * weight, d.y * d.y * weight, d.z * d.z * weight, d.x * d.y * weight, d.x * d.z * weight,
      d.y * d.z * weight, weight, anisotropy * one, 1,
    ]
    for (k, value) in values.enumerated() { sums[cell * Self.perCell + k] += Int64(value) }
  }

  /// The tensor of each cell; nil where no direction lies in it.
  public var tensors: [OrientationTensor?] {
    (0..<map.count).map { cell in
      let own = sums[(cell * Self.perCell)..<((cell + 1) * Self.perCell)].map(Double.init)
      guard own[6] > 0 else { return nil }
      return OrientationTensor(sums: Array(own[0..<6]), weight: own[6])
    }
  }

  /// A field on the coarse grid; NaN where no direction lies in a cell.
  public func volume(_ value: (OrientationTensor) -> Double) -> Volume<Float> {
    Volume(grid: map.coarse, voxels: tensors.map { $0.map { Float(value($0)) } ?? .nan })
  }

  /// Mean anisotropy of the directions in each cell; NaN where there is none.
  public var meanAnisotropy: Volume<Float> {
    Volume(
      grid: map.coarse,
      voxels: (0..<map.count).map { cell in
        let (sum, count) = (sums[cell * Self.perCell + 7], sums[cell * Self.perCell + 8])
        return count > 0 ? Float(Double(sum) / OrientationStatistics.one / Double(count)) : .nan
      })
  }
}
