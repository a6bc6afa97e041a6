/// Whether references describe what was measured.
public struct CombinationMisfit: Sendable, Hashable {
  /// Of the summed spectrum of all voxels with a value, which sees what single voxels cannot.
  public let chiSquaredPerDOF: Double
  public let freedom: Int
  /// Whether it is within five standard deviations of one.
  public var isDescribed: Bool {
    chiSquaredPerDOF <= 1 + 5 * (2 / Double(freedom)).squareRoot()
  }
}

extension CombinationQuantity {
  /// The fit of the summed spectrum; nil where nothing is known of the noise but the fit itself, or no voxel has a value.
  public func misfit(of summary: ChemicalSummary) -> CombinationMisfit? {
    guard summary.mapped > 0 else { return nil }
    let summed: NoiseModel
    switch noise {
    case .counts: summed = .counts
    case .known(let sigma): summed = .known(sigma * Double(summary.mapped).squareRoot())
    case .scatter: return nil
    }
    var work = makeWorkspace()
    work.values = summary.spectrum
    guard with(noise: summed).measure(&work).hasValue, work.freedom > 0 else { return nil }
    return CombinationMisfit(
      chiSquaredPerDOF: work.chiSquared / Double(work.freedom), freedom: work.freedom)
  }
}
