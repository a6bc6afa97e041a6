import Volumetry

/// How grey values become phases.
public struct SegmentationOptions: Sendable, Hashable {
  /// Where the phases part. A voxel belongs to the class above a threshold where it exceeds it.
  public enum Method: Sendable, Hashable {
    /// Otsu's thresholds for this number of classes.
    case otsu(classes: Int)
    /// Thresholds in rising order.
    case fixed([Double])
    /// Class 1 holds the voxels above `low` that are connected to one above `high`.
    case hysteresis(low: Double, high: Double)
  }

  /// How noise is taken away before.
  public enum Denoise: String, Sendable, Hashable, Codable, CaseIterable {
    case none
    case median
    case nonLocalMeans = "nlm"
  }

  public var method: Method
  public var denoise: Denoise
  /// Strength of non-local means in standard deviations of the noise.
  public var strength: Double
  public var bias: BiasModel.Options
  /// Components with fewer voxels take the label that surrounds them most; 0 or 1 keeps all.
  public var minimumIsland: Int
  public var connectivity: Connectivity
  /// Whether the blur of the scan is taken out of the labels (``PartialVolume``); nil: with three classes or more, where
  /// the grey values allow it.
  public var partialVolume: Bool?
  /// Label of voxels outside the mask and of missing voxels.
  public var outsideLabel: UInt8

  /// Whether the blur of the scan is to be taken out of the labels.
  public var resolvesPartialVolume: Bool {
    if let partialVolume { return partialVolume }
    return switch method {
    case .otsu(let classes): classes > 2
    case .fixed(let thresholds): thresholds.count > 1
    case .hysteresis: false
    }
  }

  public init(
    method: Method = .otsu(classes: 2), denoise: Denoise = .none, strength: Double = 1,
    bias: BiasModel.Options = BiasModel.Options(), minimumIsland: Int = 0,
    connectivity: Connectivity = .six, partialVolume: Bool? = nil, outsideLabel: UInt8 = 255
  ) {
    self.method = method
    self.denoise = denoise
    self.strength = strength
    self.bias = bias
    self.minimumIsland = minimumIsland
    self.connectivity = connectivity
    self.partialVolume = partialVolume
    self.outsideLabel = outsideLabel
  }

  func validate() throws(VoxelithError) {
    switch method {
    case .otsu: break
    case .fixed(let thresholds):
      let rising = zip(thresholds, thresholds.dropFirst()).allSatisfy { $0 < $1 }
      guard !thresholds.isEmpty && thresholds.count < 250 && thresholds.allSatisfy(\.isFinite) && rising
      else {
        throw VoxelithError(.usage, "the thresholds \(thresholds) do not rise from one to the next")
      }
    case .hysteresis(let low, let high):
      guard low.isFinite && high.isFinite && low <= high else {
        throw VoxelithError(
          .usage, "hysteresis from \(low) to \(high)", advice: "the low threshold comes first")
      }
      guard partialVolume != true else {
        throw VoxelithError(
          .usage, "partial volumes: hysteresis separates phases by more than their grey values")
      }
    }
    guard strength.isFinite && strength > 0 else {
      throw VoxelithError(.usage, "a denoising strength of \(strength) is not positive")
    }
    guard minimumIsland >= 0 else {
      throw VoxelithError(.usage, "islands below \(minimumIsland) voxels: choose 0 or more")
    }
  }
}
