import Readers
package import Volumetry

/// A cause of errors that all voxels share: what one standard deviation of it does to the fractions, voxel by voxel.
package struct FractionMode: Sendable {
  package enum Cause: String, Sendable, Codable {
    case alignment
    case greyValues = "grey_values"
    case thresholds
    /// What may lie where the fine volume ends: the phases as within, or nothing.
    case border
    /// An error that the user gave.
    case given
  }

  package let cause: Cause
  /// By phase, then by voxel; NaN where nothing is known.
  package let changes: [[Double]]

  package init(cause: Cause, changes: [[Double]]) {
    self.cause = cause
    self.changes = changes
  }

  /// Mean square over voxels of the changes of a phase.
  func meanSquare(_ phase: Int) -> Double {
    var moments = Moments()
    for change in changes[phase] where change.isFinite { moments.add(change * change) }
    return moments.count > 0 ? moments.mean : 0
  }
}

/// `fraction_modes.tif`: the modes one after another, each with one channel a phase in the order of `fractions.tif`.
package enum FractionModeFile {
  package static let name = "fraction_modes.tif"

  static func write(
    _ modes: [FractionMode], phases: Range<Int>, grid: Grid, to path: String
  ) throws(VoxelithError) {
    // The file is there without modes, too: a stage reads it.
    guard !modes.isEmpty else {
      let nothing = phases.map { _ in Volume<Float>(grid: grid, repeating: 0) }
      try FractionFolder.save(nothing, phases.map { "no mode \($0)" }, to: path)
      return
    }
    let volumes = modes.flatMap { mode in
      phases.map { phase in
        Volume<Float>(grid: grid, voxels: mode.changes[phase].map { Float($0) })
      }
    }
    try FractionFolder.save(
      volumes, modes.flatMap { mode in phases.map { "\(mode.cause.rawValue) \($0)" } }, to: path)
  }

  /// - Parameters:
  ///   - causes: of the modes in the order of the file, as `fractions.json` has them.
  package static func read(
    _ path: String, causes: [FractionMode.Cause], phases: Int
  ) throws(VoxelithError) -> [FractionMode] {
    guard !causes.isEmpty else { return [] }
    var modes: [FractionMode] = []
    for (index, cause) in causes.enumerated() {
      var changes: [[Double]] = []
      for phase in 0..<phases {
        let channel = causes.count * phases > 1 ? index * phases + phase : nil
        let source = try VolumeFile.open(path, options: VolumeOpenOptions(channel: channel))
        changes.append(try source.read(Region(whole: source.grid.shape)).doubles())
      }
      modes.append(FractionMode(cause: cause, changes: changes))
    }
    return modes
  }
}
