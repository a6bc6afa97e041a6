import Volumetry

/// Square patches of detector pixels whose spectra are added up: as small as a fixed number of sums allows.
struct PixelGroups: Sendable, Hashable, Codable {
  /// Pixels along y and x.
  let height: Int
  let width: Int
  /// Edge of a patch in pixels.
  let side: Int

  /// Bytes that the sums of a map may take.
  private static let budget = 16 << 20

  init(height: Int, width: Int, bins: Int) {
    var side = 1
    func count(_ side: Int) -> Int {
      ((height + side - 1) / side) * ((width + side - 1) / side)
    }
    while count(side) > 1, count(side) * bins * 8 > Self.budget { side += 1 }
    self.init(height: height, width: width, side: side)
  }

  init(height: Int, width: Int, side: Int) {
    self.height = height
    self.width = width
    self.side = side
  }

  var across: Int { (width + side - 1) / side }
  var count: Int { ((height + side - 1) / side) * across }

  func group(y: Int, x: Int) -> Int { (y / side) * across + x / side }

  /// Pixels of a group: rows and columns.
  func pixels(_ group: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let (y, x) = ((group / across) * side, (group % across) * side)
    return (y..<min(y + side, height), x..<min(x + side, width))
  }
}
