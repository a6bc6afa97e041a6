import CTIFF
public import Volumetry

/// A TIFF file: its pages, and their samples on request.
///
/// Several threads may decode at once, each with a handle of its own from a pool.
public final class TIFFFile: Sendable {
  public let path: String
  /// The pages in the order of the file, as far as they can be read.
  public let pages: [TIFFPage]
  public let isBigEndian: Bool
  /// Text of the first page's ImageDescription.
  public let imageDescription: String?

  /// Slices that one directory describes (ImageDepth, as SGI and tifffile write it); 1 in all others.
  let imageDepth: Int
  /// Size of a pixel by the resolution tags of the first page; nil where they are missing.
  let pixelSize: TIFFPixelSize?
  /// Why the chain of pages ends early.
  let chainError: VoxelithError?
  let size: Int
  private let input: InputFile?
  private let idle = Guarded<[TIFFHandle]>([])
  private let largeBlocks = Guarded(())

  /// Opens a file and reads its directories.
  ///
  /// - Throws: `missing` or `data` where there is no first page to read.
  public convenience init(_ path: String) throws(VoxelithError) {
    try self.init(try InputFile(path), keepsOpen: true)
  }

  /// - Parameter keepsOpen: false for the slices of a folder, which may be more than the system lets
  ///   one process hold open.
  init(_ file: InputFile, keepsOpen: Bool) throws(VoxelithError) {
    let handle = try TIFFHandle(file)
    path = file.path
    size = file.size
    isBigEndian = handle.isBigEndian
    imageDescription = handle.text(TIFFTAG_IMAGEDESCRIPTION)
    let unit = handle.short(TIFFTAG_RESOLUTIONUNIT)
    var pages: [TIFFPage] = []
    var chainError: VoxelithError?
    do throws(VoxelithError) {
      pages.append(try TIFFPage(handle, index: 0))
      while !handle.isLastDirectory {
        try handle.advance()
        pages.append(try TIFFPage(handle, index: pages.count))
      }
      guard
        try TIFFRawTags.isWhole(file, directory: handle.directory, isBigEndian: isBigEndian)
      else {
        throw VoxelithError(.data, "the directory of the page before is cut off: the file is truncated")
      }
    } catch {
      if pages.isEmpty { throw error.located(file: file.path, place: "page 1") }
      chainError = error.located(file: file.path, place: "page \(pages.count + 1)")
    }
    self.chainError = chainError
    let tags = try TIFFRawTags(
      file, directory: pages[0].directory, isBigEndian: isBigEndian,
      tags: [
        Int(TIFFTAG_XRESOLUTION), Int(TIFFTAG_YRESOLUTION), Int(TIFFTAG_PREDICTOR),
        Int(TIFFTAG_RESOLUTIONUNIT),
        Self.imageDepthTag,
      ]
    )
    imageDepth = max(1, tags.shorts[Self.imageDepthTag] ?? 1)
    if pages[0].compression == COMPRESSION_NONE, (tags.shorts[Int(TIFFTAG_PREDICTOR)] ?? 1) != 1 {
      // TIFF 6.0 allows a predictor with LZW only; libtiff passes over it and would answer differences.
      for index in pages.indices {
        pages[index].flaw = "the page has a predictor without a compression, which is not supported"
      }
    }
    for index in pages.indices where Self.ignoresPredictor(pages[index].compression) {
      let own = try TIFFRawTags(
        file, directory: pages[index].directory, isBigEndian: isBigEndian, tags: [Int(TIFFTAG_PREDICTOR)])
      guard let predictor = own.shorts[Int(TIFFTAG_PREDICTOR)], predictor != 1 else { continue }
      pages[index].flaw =
        "the page has a predictor with the compression \(pages[index].compressionName), which is not supported"
    }
    self.pages = pages
    if let x = tags.inverses[Int(TIFFTAG_XRESOLUTION)], let y = tags.inverses[Int(TIFFTAG_YRESOLUTION)] {
      // libtiff takes units that it does not know for inches.
      pixelSize = TIFFPixelSize(x: x, y: y, unit: tags.shorts[Int(TIFFTAG_RESOLUTIONUNIT)] ?? unit)
    } else {
      pixelSize = nil
    }
    input = keepsOpen ? file : nil
    if keepsOpen { idle.withLock { $0.append(handle) } }
  }

  /// Whether libtiff passes over the predictor of a compression, and would answer differences.
  private static func ignoresPredictor(_ compression: Int) -> Bool {
    ![
      COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE, COMPRESSION_LZMA,
      COMPRESSION_ZSTD, COMPRESSION_PIXARLOG,
    ].contains(Int32(compression))
  }

  private static let imageDepthTag = 32997

  /// Runs `body` with the open file.
  func withInput<Result>(
    _ body: (InputFile) throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    if let input { return try body(input) }
    return try body(try InputFile(path))
  }

  /// Lends a handle that stands at a page. Handles keep the block that they unpacked last, so that of large blocks there is
  /// one, which serves one thread after the other.
  ///
  /// - Parameter bytes: of a block.
  func withHandle<Result>(
    at page: TIFFPage, unpacking bytes: Int, _ body: (TIFFHandle) throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    guard bytes > ReadingMemory.cacheLimit / 4 else { return try withHandle(at: page, body) }
    return try largeBlocks.withLock { (_) throws(VoxelithError) in try withHandle(at: page, body) }
  }

  private func withHandle<Result>(
    at page: TIFFPage, _ body: (TIFFHandle) throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    let handle =
      if let idle = idle.withLock({ $0.popLast() }) { idle } else {
        try withInput { (file) throws(VoxelithError) in try TIFFHandle(file) }
      }
    defer { if input != nil { idle.withLock { $0.append(handle) } } }
    try handle.select(directory: page.directory)
    return try body(handle)
  }

  /// Where in the file, as messages tell it.
  func place(_ page: TIFFPage) -> String { "page \(page.index + 1) of \(pages.count)" }
}

/// Size of a pixel in the unit of the resolution tags.
struct TIFFPixelSize: Sendable {
  var x: Double
  var y: Double
  /// TIFF's number of the unit: 1 none, 2 inch, 3 centimetre; beyond TIFF 6.0 also 4 millimetre, 5 micrometre.
  var unit: Int

  /// Micrometres in one unit; nil for none.
  var micrometres: Double? {
    switch unit {
    case 2: 25400
    case 3: 10000
    case 4: 1000
    case 5: 1
    default: nil
    }
  }

  /// What its unit is called.
  var unitName: String {
    switch unit {
    case 2: "inch"
    case 3: "centimetre"
    case 4: "millimetre"
    case 5: "micrometre"
    default: "no unit"
    }
  }
}

/// All samples of a page.
public struct TIFFSamples: Sendable {
  /// Sides of the array as numpy would have them: (y, x), (y, x, sample) where the samples of a pixel
  /// lie together, (sample, y, x) where each sample has a plane.
  public var shape: [Int]
  public var values: VoxelBuffer
}
