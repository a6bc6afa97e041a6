public import Results
import Volumetry

/// Why a watch ended.
public enum WatchEnd: String, Sendable, Codable {
  case closed, sigma, time, patience, interrupted

  /// One line for people.
  public var text: String {
    switch self {
    case .closed: "the writer closed the file"
    case .sigma: "the wanted sigma(x) is reached"
    case .time: "the time is over"
    case .patience: "nothing arrived for the time of --patience"
    case .interrupted: "interrupted"
    }
  }
}

/// What a watch tells while it goes.
public enum WatchEvent: Sendable {
  /// The map was renewed.
  case renewed(WatchStatus)
  /// Something cannot be read yet, or the map cannot be made of what is there.
  case waiting(String)
  /// Something that people should know, once.
  case note(String)
}

/// A map that grows, at one moment.
public struct WatchStatus: Sendable, Codable {
  /// Of this watch, counted from 1.
  public var renewal = 0
  /// Seconds since the watch began, and those that the last renewal took.
  public var seconds = 0.0
  public var renewalSeconds = 0.0
  public var files: [String] = []
  public var shape: [Int] = []
  public var voxelSizeUm: [Double]?
  public var voxels = 0
  public var mapped = 0
  /// Voxels that were fitted in this renewal, and those that were known.
  public var fitted = 0
  public var kept = 0
  public var meanX: Double?
  public var meanXSigma: Double?
  /// Median and largest sigma(x) of the mapped voxels.
  public var medianSigma: Double?
  public var worstSigma: Double?
  public var misfit: String?
  public var misfitNotice: String?
  public var chiSquaredPerDOF: Double?
  public var drift: String?
  public var driftNotice: String?
  public var counts = 0.0
  public var countsPerSecond: Double?
  public var countsPerSecondSigma: Double?
  /// That the rate drifts.
  public var rateNotice: String?
  public var liveTimeSeconds: Double?
  public var isRaster = false
  public var notices: [String] = []
  /// Why the watch ended; nil while it goes.
  public var end: WatchEnd?
  /// The same in words, as far as the files tell it.
  public var endText: String?

  public init() {}

  enum CodingKeys: String, CodingKey {
    case renewal, seconds, files, shape, voxels, mapped, fitted, kept, misfit, drift, counts, notices, end
    case endText = "end_text"
    case renewalSeconds = "renewal_s"
    case voxelSizeUm = "voxel_size_um"
    case meanX = "mean_x"
    case meanXSigma = "mean_x_sigma"
    case medianSigma = "median_sigma_x"
    case worstSigma = "worst_sigma_x"
    case misfitNotice = "misfit_notice"
    case chiSquaredPerDOF = "chi_squared_per_dof"
    case driftNotice = "drift_notice"
    case countsPerSecond = "counts_per_s"
    case countsPerSecondSigma = "counts_per_s_sigma"
    case rateNotice = "rate_notice"
    case liveTimeSeconds = "live_time_s"
    case isRaster = "is_raster"
  }
}

/// What a watch left.
public struct WatchOutcome: Sendable {
  public let report: MapReport
  public let status: WatchStatus
  public let end: WatchEnd
  /// Why it ended, for people.
  public let endText: String
  public let files: [String]
  /// What was not as `map` would have found it, for people.
  public let notices: [String]
}
