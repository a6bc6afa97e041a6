public import Compton
public import Volumetry

/// What `calibrate` is told.
public struct CalibrateSettings: OperationSettings {
  public var fitWindow: [Double]?
  public var sWindows: [Double]?
  public var valenceWindows: [Double]?
  public var side = MomentumWindows.Side.both
  public var plainCounts = false

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case side
    case fitWindow = "fit_window_au"
    case sWindows = "s_windows_au"
    case valenceWindows = "valence_windows_au"
    case plainCounts = "plain_counts"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .fitWindow:
      "Momenta between which bins take part in the profile fit, as low,high in a.u.; chosen by the total error if not given."
    case .sWindows: "Windows of the S-parameter as d,r in a.u.; chosen for the smallest error if not given."
    case .valenceWindows:
      "Windows of the valence-to-core ratio as inner,outer-from,outer-to in a.u.; chosen if not given."
    case .side: "Sides of the Compton peak that ratios use: both, positive or negative."
    case .plainCounts: "Take ratios of plain counts, without dividing by the cross-section."
    }
  }

  public func validate() throws(VoxelithError) {
    _ = try options()
  }

  public func options() throws(VoxelithError) -> CalibrationOptions {
    if let fitWindow {
      guard fitWindow.count == 2, fitWindow[0] < fitWindow[1], fitWindow.allSatisfy(\.isFinite) else {
        throw VoxelithError(.usage, "fit_window_au: needs two increasing numbers")
      }
    }
    var options = CalibrationOptions(
      fitWindow: fitWindow.map { $0[0]...$0[1] }, side: side, correctsCrossSection: !plainCounts)
    if let sWindows {
      guard sWindows.count == 2 else { throw VoxelithError(.usage, "s_windows_au: needs two numbers d,r") }
      options.sWindows = try .sParameter(d: sWindows[0], r: sWindows[1], side: side)
    }
    if let valenceWindows {
      guard valenceWindows.count == 3 else {
        throw VoxelithError(.usage, "valence_windows_au: needs three numbers inner,outer-from,outer-to")
      }
      options.valenceWindows = try MomentumWindows(
        inner: valenceWindows[0], outerFrom: valenceWindows[1], outerTo: valenceWindows[2], side: side)
    }
    return options
  }

  /// Learns from standards and writes the calibration.
  @discardableResult
  public func write(
    _ standards: String, to path: String, overwrite: Bool
  ) throws(VoxelithError) -> Calibration {
    let calibration = try StandardsFile.calibration(standards, options: try options())
    try CalibrationFile.write(calibration, to: path, overwrite: overwrite)
    return calibration
  }
}
