/// Something that can fill a box of voxels on request: a file, a volume in memory, a view of
/// another source.
///
/// Reading a box must not depend on what was read before, and may happen on several threads at once.
public protocol VolumeSource: Sendable {
  var grid: Grid { get }
  /// Type in which ``read(_:)`` answers.
  var voxelType: VoxelType { get }
  /// The piece that the source reads at once: a page of a TIFF, a chunk of an HDF5 dataset. Boxes
  /// that are multiples of it are read without waste.
  var chunkShape: Shape { get }
  /// What messages call it: usually the path of the file.
  var name: String { get }

  /// The voxels of a box in z, y, x order.
  ///
  /// - Throws: `usage` where the box lies outside the grid, `data` and `io` as the file demands.
  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer
}

extension VolumeSource {
  /// The voxels of a box rounded to single precision.
  public func readFloats(_ region: Region) throws(VoxelithError) -> [Float] {
    try read(region).floats()
  }

  /// The voxels of a box as labels.
  ///
  /// - Returns: ``Labels/missing`` for NaN.
  /// - Throws: `data` where another value is not a whole number from 0 to 4294967294.
  public func readLabels(_ region: Region) throws(VoxelithError) -> [UInt32] {
    do {
      return try read(region).labels()
    } catch {
      throw error.located(file: name)
    }
  }

  /// The whole volume in memory: the special case, for volumes that are known to be small.
  public func loadFloats() throws(VoxelithError) -> Volume<Float> {
    Volume(grid: grid, voxels: try readFloats(Region(whole: grid.shape)))
  }

  /// The whole label volume in memory: the special case, for volumes that are known to be small.
  ///
  /// - Throws: `data` where a value is not a whole number from 0 to 65535.
  public func loadLabels() throws(VoxelithError) -> LabelVolume {
    var voxels: [UInt16] = []
    for label in try readLabels(Region(whole: grid.shape)) {
      guard let small = UInt16(exactly: label) else {
        throw VoxelithError(
          .data, "holds the label \(label == Labels.missing ? "NaN" : "\(label)")", file: name,
          advice: "whole numbers from 0 to 65535 are expected here")
      }
      voxels.append(small)
    }
    return LabelVolume(grid: grid, voxels: voxels)
  }

  /// - Throws: `usage` where the box lies outside the grid.
  public func checkRegion(_ region: Region) throws(VoxelithError) {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(
        .usage, "the region \(region) lies outside the volume of \(grid.shape) voxels", file: name)
    }
  }
}
