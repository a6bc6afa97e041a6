import Glibc
public import Volumetry

/// Opens volumes of every kind that this package reads.
///
/// What a file is follows from its content, never from its name.
public enum VolumeFile {
  /// Opens a volume without reading its voxels.
  ///
  /// - Parameter path: a file (TIFF, HDF5, MetaImage, NRRD, NPY, or headerless where the options tell shape and type), an OME-Zarr
  ///   folder, a folder of numbered TIFF slices, or a pattern such as `scan/slice_*.tif` for these.
  /// - Throws: `missing` where there is no such file or it may not be read; `data` where its content is
  ///   wrong, of no known kind, or needs an option that is not given.
  public static func open(
    _ path: String, options: VolumeOpenOptions = VolumeOpenOptions()
  ) throws(VoxelithError) -> any VolumeSource {
    try openDescribed(path, options: options)
  }

  /// Formats that are told apart by content, for messages.
  private static let known =
    "TIFF, HDF5/NeXus, OME-Zarr, MetaImage, NRRD, NPY, MRC, EDF, VTI, PNG, JPEG and BMP"

  static func openDescribed(
    _ path: String, options: VolumeOpenOptions
  ) throws(VoxelithError) -> any DescribedVolume {
    try Containment.admit(closureOf: path)
    if ZarrVolume.isZarr(path) { return try ZarrVolume.open(path, options: options) }
    if let slices = try SliceFolder.find(path, options: options) {
      let volume: any DescribedVolume =
        if let other = try SliceFolder.openOther(slices.paths, of: path, options: options) { other } else {
          try TIFFVolume(slices: slices.paths, of: path, options: options, notes: slices.notes).upright(
            options: options)
        }
      return slices.missing == 0
        ? volume : GappedVolume(volume, slices: slices.slices.map { $0 != nil })
    }
    let file = try InputFile(path)
    if let shape = options.rawShape, let type = options.rawType {
      return try RawVolume(file, shape: shape, type: type, options: options)
    }
    if let sidecar = try RawSidecar.find(path) { return try sidecar.open(options: options) }
    switch try FileSignature(file) {
    case .picture: return try PictureVolume(slices: [path], of: path, options: options)
    case .mrc: return try MRCVolume.open(file, options: options)
    case .edf: return try EDFVolume.open(file, options: options)
    case .vti: return try VTIVolume.open(file, options: options)
    case .tiff: return try TIFFVolume(file, options: options).upright(options: options)
    case .npy: return try NPYVolume(file, options: options)
    case .metaImage:
      return try HeaderedVolume.open(path, header: MetaImageHeader.read(file), options: options)
    case .nrrd: return try HeaderedVolume.open(path, header: NRRDHeader.read(file), options: options)
    case .hdf5: return try openHDF5(path, options: options)
    case .foreign(let what):
      throw VoxelithError(
        .data, "is \(what), not a volume that can be read", file: path,
        advice: "volumes are \(known), or raw with its shape and type given")
    case .unknown:
      throw VoxelithError(
        .data, "the content is of no known kind", file: path,
        advice:
          "a raw file needs its shape and its type (--raw-shape, --raw-type); other volumes are \(known)")
    }
  }

  /// What a command must print where neither the file nor the caller told the voxel size; else nil.
  public static func spacingNotice(_ grid: Grid, file: String) -> String? {
    grid.hasKnownSpacing
      ? nil : "\(file): the voxel size is not known, so lengths count voxels; give it in µm to get lengths"
  }
}
