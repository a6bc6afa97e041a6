package import Volumetry

/// Checks that several settings share.
package enum SettingsCheck {
  /// - Throws: `usage` where a value is not within a range.
  package static func range(
    _ key: some CodingKey, _ value: Double?, _ range: ClosedRange<Double>
  ) throws(VoxelithError) {
    guard let value, !range.contains(value) else { return }
    throw VoxelithError(
      .usage, "\(key.stringValue): \(value) is not within \(range.lowerBound) to \(range.upperBound)")
  }

  /// - Throws: `usage` where a value is not a finite number above zero.
  package static func positive(_ key: some CodingKey, _ value: Double?) throws(VoxelithError) {
    guard let value, !(value > 0 && value.isFinite) else { return }
    throw VoxelithError(.usage, "\(key.stringValue): \(value) is not positive")
  }
}
