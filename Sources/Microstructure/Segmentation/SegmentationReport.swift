public import Volumetry

/// What a segmentation did: the content of `segment.json`.
public struct SegmentationReport: Sendable, Hashable, Codable {
  /// One class of the answer.
  public struct Phase: Sendable, Hashable, Codable {
    public let label: Int
    public let voxels: Int
    /// Share of the voxels that have a class.
    public let fraction: Double

    public init(label: Int, voxels: Int, fraction: Double) {
      self.label = label
      self.voxels = voxels
      self.fraction = fraction
    }
  }

  /// Components that were too small.
  public struct Islands: Sendable, Hashable, Codable {
    public let minimumVoxels: Int
    public let connectivity: Int
    public let components: Int
    public let removedComponents: Int
    public let removedVoxels: Int

    enum CodingKeys: String, CodingKey {
      case connectivity, components
      case minimumVoxels = "minimum_voxels"
      case removedComponents = "removed_components"
      case removedVoxels = "removed_voxels"
    }
  }

  public let method: String
  public let thresholds: [Double]
  public let denoise: String
  /// Standard deviation of the noise in grey values, where it was needed.
  public let noise: Double?
  public let bias: BiasModel?
  public let phases: [Phase]
  public let outsideVoxels: Int
  public let islands: Islands?
  /// Blur that was taken out of the labels; nil where thresholds alone made them.
  public let partialVolume: PartialVolume?
  /// Why not, where it would have been.
  public let partialVolumeReason: String?
  /// Voxels far outside the grey values of all others, which the thresholds do not look at; none where there are no such.
  public let outliers: ValueOutliers?

  enum CodingKeys: String, CodingKey {
    case method, thresholds, denoise, noise, bias, phases, islands, outliers
    case outsideVoxels = "outside_voxels"
    case partialVolume = "partial_volume"
    case partialVolumeReason = "partial_volume_reason"
  }
}
