/// Where a number of a file's geometry came from.
public struct GeometryOrigin: Codable, Sendable, Hashable {
  /// What it is: `voxel size x`, `energies`, `live time`, ...
  public var quantity: String
  /// The number with its unit, as people read it.
  public var value: String
  /// The option, or the place in the file and what was done with it; `not known` where nothing says it.
  public var source: String

  public init(_ quantity: String, _ value: String, _ source: String) {
    self.quantity = quantity
    self.value = value
    self.source = source
  }
}

extension GeometryOrigin {
  /// Quantities that are told as notices.
  static let binsInCommon = "bins in common"
  static let otherCalibration = "other calibration"
  static let gridsApart = "grids of the files"

  /// Six significant digits without a tail of zeros.
  static func text(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    var factor = 1.0
    var magnitude = abs(value)
    while magnitude < 1e5 { (magnitude, factor) = (magnitude * 10, factor * 10) }
    let rounded = (value * factor).rounded() / factor
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
  }
}
