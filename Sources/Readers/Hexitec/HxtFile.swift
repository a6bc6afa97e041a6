import Foundation
public import Volumetry

/// A HEXITEC `.hxt` file (versions 1, 2 and 3): one spectrum per detector pixel, on one slice.
///
/// Rows are y, columns are x. The file holds the start of each bin; the axis holds the centres. Bin 0
/// can hold the overflow of a neighbour: windows of analysis should not include it. Rows are read as
/// they are asked for.
public final class HxtFile: DescribedSpectra {
  public let grid: Grid
  public let energy: EnergyAxis
  public let acquisition: Acquisition
  public let name: String
  public let origins: [GeometryOrigin]
  public var chunkShape: Shape { Shape(z: 1, y: 1, x: grid.shape.x) }

  private let header: HxtHeader
  private let file: InputFile

  /// - Throws: `data` where the header does not account for the file's size, or the bins are detector
  ///   units and no axis in keV is given.
  public init(path: String, options: SpectralOpenOptions = SpectralOpenOptions()) throws(VoxelithError) {
    let file = try InputFile(path)
    let head = try file.bytes(at: 0, count: HxtHeader.length)
    let header = try HxtHeader(head: head, size: file.size, file: path)
    let starts = try file.doubles(at: header.offset, count: header.bins)
    self.header = header
    self.file = file
    name = path
    if let useless = options.ofArrays.first {
      throw VoxelithError(
        .usage, "\(useless) is for files with arrays, and this one is HEXITEC .hxt", file: path)
    }
    var source = "starts of the bins"
    if let given = try options.energyAxis(count: header.bins, file: path) {
      energy = given
      source = "--energy-coefficients"
    } else {
      energy = try HexitecBins.axis(
        starts: starts, keepsDetectorUnits: options.keepsDetectorUnits, file: path)
    }
    grid = try options.completed(
      Grid(unscaled: Shape(z: 1, y: header.rows, x: header.columns)), file: path)
    acquisition = try options.completed(Acquisition(), grid: grid, file: path)
    origins =
      [GeometryOrigin(energies: energy, source)] + grid.origins(source: "--voxel-size", corner: nil)
  }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(
        .usage, "the region \(region) lies outside \(grid.shape) voxels", file: name)
    }
    if region.shape.isEmpty { return [] }
    var counts: [Float] = []
    counts.reserveCapacity(region.count * header.bins)
    for y in region.y {
      let first = (y * header.columns + region.x.lowerBound) * header.bins
      let row = try file.doubles(
        at: header.countsOffset + 8 * first, count: region.shape.x * header.bins)
      for value in row { counts.append(Float(value)) }
    }
    return counts
  }
}
