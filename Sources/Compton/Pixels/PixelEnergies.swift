public import Volumetry

/// Energy calibration of every detector pixel: keV = gain x bin position + offset.
///
/// Bin positions are the centres of the source's energy axis, in detector units or in nominal keV.
public struct PixelEnergies: Sendable, Hashable {
  /// Rows of pixels (y) and pixels in a row (x).
  public let height: Int
  public let width: Int
  /// In the order y, x. A pixel whose gain is not a positive number is dead.
  public let gain: [Double]
  public let offset: [Double]

  /// - Throws: `data` where the numbers of values do not fit the pixels.
  public init(height: Int, width: Int, gain: [Double], offset: [Double]) throws(VoxelithError) {
    guard height > 0, width > 0, gain.count == height * width, offset.count == gain.count else {
      throw VoxelithError(
        .data, "\(gain.count) gains and \(offset.count) offsets do not fit \(height) x \(width) pixels")
    }
    self.height = height
    self.width = width
    self.gain = gain
    self.offset = offset
  }

  func isDead(_ pixel: Int) -> Bool {
    !(gain[pixel] > 0 && gain[pixel].isFinite && offset[pixel].isFinite)
  }
}
