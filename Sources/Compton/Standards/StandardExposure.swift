import Volumetry

/// What a standard's counts are proportional to, beside its live time.
///
/// A sample of powder fills its beam by an unknown part, and monitors drift: unless both are told, the amplitude of a
/// spectrum is free and only its shape counts.
public struct StandardExposure: Sendable, Hashable {
  /// Counts of a beam monitor over the measurement; nil where there was none.
  public var monitor: Double?
  /// Active volume over the volume of a filled voxel; nil where it is not known.
  public var packing: Double?
  /// Relative standard deviation of the amplitude that live time, monitor and packing say; nil for 0 where monitor or
  /// packing are given, and for ``freeSigma`` where they are not.
  public var amplitudeSigma: Double?
  /// What lies before and after the sample, and the sample itself.
  public var layers: [AbsorbingLayer]
  /// Photons scattered twice, for each bin, over all that were scattered once (``ScatteredSpectrum``); empty for none.
  public var multipleScattering: [Double] = []

  /// Relative standard deviation of an amplitude of which nothing is known but the live time: of powders.
  public static let freeSigma = 0.2

  public init(
    monitor: Double? = nil, packing: Double? = nil, amplitudeSigma: Double? = nil,
    layers: [AbsorbingLayer] = []
  ) {
    self.monitor = monitor
    self.packing = packing
    self.amplitudeSigma = amplitudeSigma
    self.layers = layers
  }

  /// Whether something beside the live time says what the amplitude is.
  public var isTold: Bool { monitor != nil || packing != nil }

  /// Relative standard deviation of the amplitude before the spectra are looked at.
  public var sigma: Double { amplitudeSigma ?? (isTold ? 0 : Self.freeSigma) }
}

extension StandardExposure {
  /// - Throws: `data` where a number is not positive, or what is given for one standard is missing for another.
  static func check(
    _ standards: [(String, StandardExposure)], _ components: [(String, StandardExposure)]
  ) throws(VoxelithError) {
    for (name, exposure) in standards + components {
      let twice = exposure.multipleScattering
      guard twice.allSatisfy({ $0 >= 0 && $0.isFinite }), twice.reduce(0, +) < 1 else {
        throw VoxelithError(
          .data, "the multiple scattering of '\(name)' is negative, or more than what is scattered once",
          advice: "simulate it with voxelith scatter")
      }
      for (key, value) in [("monitor", exposure.monitor), ("packing", exposure.packing)] {
        guard let value else { continue }
        guard value > 0, value.isFinite else {
          throw VoxelithError(.data, "\(key) \(value) of '\(name)' is not positive")
        }
      }
      if let sigma = exposure.amplitudeSigma, !(sigma >= 0 && sigma.isFinite) {
        throw VoxelithError(.data, "amplitude_sigma \(sigma) of '\(name)' is not a usable number")
      }
    }
    func isComplete(_ key: String, _ has: (StandardExposure) -> Bool) throws(VoxelithError) {
      let given = standards.filter { has($0.1) }.count
      guard given == 0 || given == standards.count else {
        let missing = standards.first { !has($0.1) }.map(\.0) ?? ""
        throw VoxelithError(
          .data, "\(key) is given for some standards and not for '\(missing)'",
          advice: "give it for all standards or for none")
      }
    }
    try isComplete("monitor") { $0.monitor != nil }
    try isComplete("packing") { $0.packing != nil }
    for (name, exposure) in components where exposure.monitor != nil {
      guard standards.allSatisfy({ $0.1.monitor != nil }) else {
        throw VoxelithError(
          .data, "the component '\(name)' has monitor counts, the standards have none",
          advice: "give monitor for all of them or for none")
      }
    }
  }
}
