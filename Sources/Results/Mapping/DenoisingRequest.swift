import Compton
public import Volumetry

/// What a user asks to be done against noise, as options and YAML tell it.
public struct DenoisingRequest: Sendable {
  public static let none = DenoisingRequest()

  private var binning: BinningOptions?
  private var strength: PriorStrength?
  /// Path of the volume that shows the edges.
  public private(set) var guide: String?
  private var scales: [Double]?

  private init() {}

  /// - Parameters:
  ///   - denoise: `auto`, or the sigma(x) to reach.
  /// - Throws: `usage` where requests exclude each other or a number makes no sense.
  public init(
    binToSigma: Double?, binToCounts: Double?, largestBin: Int?, denoise: String?, guide: String?,
    guideScales: [Double]?
  ) throws(VoxelithError) {
    let asked = [binToSigma != nil, binToCounts != nil, denoise != nil].count { $0 }
    guard asked <= 1 else {
      throw VoxelithError(
        .usage, "voxels are binned to a sigma(x), binned to counts, or denoised, one of the three")
    }
    try NumberRange.wantedSigma.check(binToSigma, as: "the sigma(x) of a bin", code: .usage)
    try NumberRange.wantedCounts.check(binToCounts, as: "the counts of a bin", code: .usage)
    if let binToSigma { binning = BinningOptions(.sigma(binToSigma)) }
    if let binToCounts { binning = BinningOptions(.counts(binToCounts)) }
    if let largestBin {
      guard binning != nil, largestBin >= 1 else {
        throw VoxelithError(
          .usage, binning == nil ? "a limit of bins needs bins" : "a bin needs room for a voxel",
          advice: binning == nil ? "say what a bin must reach: --bin-to-sigma or --bin-to-counts" : nil)
      }
      binning?.largestBin = largestBin
    }
    if let denoise {
      if denoise == "auto" {
        strength = .evidence
      } else if let sigma = Double(denoise), NumberRange.wantedSigma.contains(sigma) {
        strength = .sigma(sigma)
      } else {
        throw VoxelithError(
          .usage, "denoising takes auto or a sigma(x) of \(NumberRange.wantedSigma.words), not '\(denoise)'")
      }
    }
    guard strength != nil || (guide == nil && guideScales == nil) else {
      throw VoxelithError(.usage, "a guide is for denoising", advice: "give --denoise auto or a sigma(x)")
    }
    if let guideScales, guideScales.isEmpty || !guideScales.allSatisfy({ $0 > 0 && $0.isFinite }) {
      throw VoxelithError(.usage, "the guide's scale must be positive")
    }
    self.guide = guide
    scales = guideScales
  }

  public var isWanted: Bool { binning != nil || strength != nil }

  /// Whether the map as it was measured is kept beside the denoised one.
  public var keepsMeasured: Bool { strength != nil }

  /// Bytes of working arrays for each voxel of the spectra.
  package var bytesPerVoxel: Int {
    if binning != nil { return BinnedLithiumMap.bytesPerVoxel }
    return strength == nil ? 0 : MeasuredMap.bytesPerVoxel
  }

  /// - Parameters:
  ///   - fractions: path of the volume fractions, which guide where nothing else does.
  public func denoising(fractions: String?) throws(VoxelithError) -> MapDenoising {
    if let binning { return .binning(binning) }
    guard let strength else { return .none }
    return .prior(
      strength, guide: try MapDenoising.Guide(file: guide, fractions: fractions, scales: scales))
  }

  /// For provenance and the keys of stages; none where nothing is asked for.
  package var parameters: [String: String] {
    var result: [String: String] = [:]
    if let binning {
      switch binning.goal {
      case .sigma(let sigma): result["bin_to_sigma"] = "\(sigma)"
      case .counts(let counts): result["bin_to_counts"] = "\(counts)"
      }
      result["bin_limit_voxels"] = "\(binning.largestBin)"
    }
    if let strength {
      switch strength {
      case .evidence: result["denoise"] = "auto"
      case .sigma(let value): result["denoise"] = "\(value)"
      case .length(let value): result["denoise"] = "\(value) um"
      }
      result["guide"] = guide == nil ? "own" : "given"
      result["guide_scale"] = scales.map { "\($0)" } ?? "chosen"
    }
    return result
  }
}
