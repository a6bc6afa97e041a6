import Volumetry

/// What a file is by its first bytes.
enum FileSignature: Equatable {
  case tiff
  case hdf5
  case npy
  case metaImage
  case nrrd
  case picture
  case mrc
  case edf
  case vti
  /// Something that this package knows by name but does not read as a volume.
  case foreign(String)
  case unknown

  init(_ file: InputFile) throws(VoxelithError) {
    let head = try file.bytes(at: 0, count: 1024)
    self = Self(head)
    if self == .unknown {
      // HDF5 allows a block of the user's own before its signature, at 512, 1024, 2048, ...
      var offset = 512
      while offset < min(file.size, 1 << 20) {
        if Self(try file.bytes(at: offset, count: 8)) == .hdf5 { self = .hdf5 }
        offset *= 2
      }
    }
  }

  init(_ head: [UInt8]) {
    func starts(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }
    if starts([0x49, 0x49, 42, 0]) || starts([0x4D, 0x4D, 0, 42]) || starts([0x49, 0x49, 43, 0])
      || starts([0x4D, 0x4D, 0, 43])
    {
      self = .tiff
    } else if starts([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .hdf5
    } else if starts([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) {
      self = .npy
    } else if Picture.kind(head) != nil {
      self = .picture
    } else if MRCHeader.isMRC(head) {
      self = .mrc
    } else if EDFHeader.isEDF(head) {
      self = .edf
    } else if VTIHeader.isVTI(head) {
      self = .vti
    } else if starts([0x50, 0x4B, 3, 4]) {
      self = .foreign("a ZIP archive (perhaps .npz)")
    } else if starts([0x1F, 0x8B]) {
      self = .foreign("gzip-compressed")
    } else if starts(Array("NRRD000".utf8)) {
      self = .nrrd
    } else if MetaImageHeader.matches(head) {
      self = .metaImage
    } else if starts(Array("%PDF".utf8)) {
      self = .foreign("a PDF document")
    } else {
      self = .unknown
    }
  }
}
