/// Something that can fill a box of voxels with their spectra on request.
///
/// Reading may happen on several threads at once.
public protocol SpectralSource: Sendable {
  var grid: Grid { get }
  var energy: EnergyAxis { get }
  var acquisition: Acquisition { get }
  /// The piece, in voxels, that the source reads at once.
  var chunkShape: Shape { get }
  /// What messages call it: usually the path of the file.
  var name: String { get }

  /// Counts of the voxels of a box in the order z, y, x, bin (bin fastest), as the file has them.
  /// Bad values (negative, NaN) are passed on: the stage that uses them decides.
  func readCounts(_ region: Region) throws(VoxelithError) -> [Float]

  /// The same into memory that the caller uses again and again; what it held is lost.
  func readCounts(_ region: Region, into counts: inout [Float]) throws(VoxelithError)
}

extension SpectralSource {
  public func readCounts(_ region: Region, into counts: inout [Float]) throws(VoxelithError) {
    counts = try readCounts(region)
  }
}

/// Takes finished boxes of spectra.
public protocol SpectralSink: AnyObject {
  /// Counts in the order z, y, x, bin. Boxes come from one thread, every voxel once.
  func write(_ counts: [Float], to region: Region) throws(VoxelithError)
  func finish() throws(VoxelithError)
  func abandon()
}
