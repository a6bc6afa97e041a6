public import Volumetry

/// Opening files of spectra, whatever their format.
public enum SpectralFile {
  /// Formats that are told apart by content.
  public enum Format: String, Sendable, Codable {
    /// HDF5: the XCS NeXus layout, any NXdata with an energy axis, HEXITEC odin files.
    case hdf5
    /// HEXITEC `.hxt`.
    case hxt
    /// A table in a text file.
    case text
  }

  /// Opens a file for streaming.
  ///
  /// What the file lacks comes from `options`, and goes before the file where both say something.
  /// Counts are passed on as the file has them, negative ones and NaN included. Points of scans are put on the grid of their
  /// positions, and axes that fall are turned round with their data.
  ///
  /// - Throws: `missing` where there is no such file, or data that it links to; `data` where it is
  ///   empty, damaged, of no known format or without an energy axis; `usage` where options do not
  ///   fit it.
  public static func open(
    _ path: String, options: SpectralOpenOptions = SpectralOpenOptions()
  ) throws(VoxelithError) -> any SpectralSource {
    try Containment.admit(closureOf: path)
    switch try format(of: path) {
    case .hdf5: return try HDF5SpectralSource(path: path, options: options)
    case .hxt: return try HxtFile(path: path, options: options)
    case .text:
      if let spectra = try MultichannelSpectra.read(path, options: options) {
        return try spectra.source(path, options: options)
      }
      return try TextSpectra(path, options: options)
    }
  }

  /// Whether a file holds spectra by its kind and its names, be they read without an error or not.
  public static func holdsSpectra(_ path: String, options: SpectralOpenOptions = SpectralOpenOptions())
    -> Bool
  {
    guard let format = try? format(of: path) else { return false }
    if format == .hxt { return true }
    guard format == .hdf5, let file = try? HDF5File.open(path) else { return false }
    if options.energyCoefficients != nil || options.elementCoefficients != nil || options.energyDataset != nil
    {
      return true
    }
    if let dataset = options.dataset {
      return (try? NexusData(at: dataset, in: file)).map { $0.energyAxis != nil || $0.channelAxis != nil }
        ?? false
    }
    if (try? file.root())?.contains("pixel_spectra") == true { return true }
    guard let found = try? NexusDiscovery(file) else { return false }
    return found.all.contains { $0.energyAxis != nil } || !found.beside(energy: false).isEmpty
      || found.preferred?.channelAxis != nil
      || !MultichannelData.all(in: found).isEmpty
  }

  /// The format of a file, judged by its first bytes.
  ///
  /// - Throws: `missing` where there is no such file, `data` where it is empty or binary of another kind.
  public static func format(of path: String) throws(VoxelithError) -> Format {
    let file = try InputFile(path)
    if HDF5File.isHDF5(file) { return .hdf5 }
    let head = try file.bytes(at: 0, count: 4096)
    if head.starts(with: HxtHeader.signature) { return .hxt }
    guard FileText.isText(head) else {
      throw VoxelithError(
        .data, "this is not a file of spectra", file: path,
        advice: "HDF5/NeXus, HEXITEC .hxt, Amptek MCA, SPE, EMSA/MAS, SPEC and text tables are read")
    }
    return .text
  }
}
