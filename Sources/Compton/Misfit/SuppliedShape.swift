public import Volumetry

/// A spectrum that the sample may show more or less of than its standards did, such as simulated multiple scattering.
public struct SuppliedShape: Sendable, Hashable {
  /// What it is called in reports.
  public let name: String
  let axis: EnergyAxis
  /// Counts of every bin of the file, 1 in all.
  let counts: [Double]

  /// - Throws: `data` where a number is negative or not finite, or all are zero.
  public init(name: String, spectrum: Spectrum) throws(VoxelithError) {
    let total = spectrum.counts.reduce(0, +)
    guard spectrum.counts.allSatisfy({ $0 >= 0 && $0.isFinite }), total > 0, total.isFinite else {
      throw VoxelithError(
        .data, "the shape has negative counts, numbers that are not finite, or no counts at all", file: name,
        advice: "give counts per bin as voxelith scatter writes them")
    }
    self.name = name
    axis = spectrum.energy
    counts = spectrum.counts.map { $0 / total }
  }

  /// - Throws: `data` where the bins are not those of the spectra that are mapped.
  func check(against axis: EnergyAxis) throws(VoxelithError) {
    guard self.axis.matches(axis) else {
      throw VoxelithError(
        .data, "the bins of the shape differ from those of the spectra", file: name,
        advice: "name one of the standards as spectrum: in scatter.yaml")
    }
  }
}
