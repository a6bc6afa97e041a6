import CTIFF
import Synchronization
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

  /// Resolution of the first page in pixels per unit, and the unit: 1 none, 2 inch, 3 centimetre.
  let resolution: (x: Double, y: Double, unit: Int)?
  /// Why the chain of pages ends early.
  let chainError: VoxelithError?
  let size: Int
  private let input: InputFile?
  private let idle = Mutex<[TIFFHandle]>([])

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
    } catch {
      if pages.isEmpty { throw error.located(file: file.path, place: "page 1") }
      chainError = error.located(file: file.path, place: "page \(pages.count + 1)")
    }
    self.pages = pages
    self.chainError = chainError
    let tags = try TIFFRationalTags(
      file, directory: pages[0].directory, isBigEndian: isBigEndian,
      tags: [Int(TIFFTAG_XRESOLUTION), Int(TIFFTAG_YRESOLUTION)]
    ).values
    if let x = tags[Int(TIFFTAG_XRESOLUTION)], let y = tags[Int(TIFFTAG_YRESOLUTION)], x > 0, y > 0 {
      resolution = (x, y, unit)
    } else {
      resolution = nil
    }
    input = keepsOpen ? file : nil
    if keepsOpen { idle.withLock { $0.append(handle) } }
  }

  /// Runs `body` with the open file.
  func withInput<Result>(
    _ body: (InputFile) throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    if let input { return try body(input) }
    return try body(try InputFile(path))
  }

  /// Lends a handle that stands at a page.
  func withHandle<Result>(
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

/// All samples of a page.
public struct TIFFSamples: Sendable {
  /// Sides of the array as numpy would have them: (y, x), (y, x, sample) where the samples of a pixel
  /// lie together, (sample, y, x) where each sample has a plane.
  public var shape: [Int]
  public var values: VoxelBuffer
}
