import Microstructure
import Results
import Volumetry

/// What the costs of stages depend on. Rates were measured on two cores of 2.5 GHz.
struct StageCosts: Sendable {
  let mapSeconds: Double
  let mapBytes: Int
  /// Voxels of the spectra and of the XCT.
  let coarse: Int
  let fine: Shape
  /// Phases that fractions are made of.
  let labelled: Int
  /// Segmentations with moved thresholds.
  let variants: Int
  let hasThickness: Bool
  let denoise: SegmentationOptions.Denoise
  let transportAxes: Int
  /// Bytes that denoising the map holds for each voxel of the spectra; 0 where it is not denoised.
  let mapHolds: Int
  let threads: Double
  let memory: Int

  /// Millions of voxels of the XCT.
  var million: Double { Double(fine.count) * 1e-6 }
  /// Bytes of a stage that streams the XCT.
  var streamed: Int { min(memory, max(1 << 22, 64 * fine.count)) }
}

/// Rough seconds and bytes of a stage.
struct StageCost: Sendable {
  var seconds: Double
  var bytes: Int
  /// Bytes of working arrays that go to disk where they exceed ``share``.
  var held = 0
  var share = Int.max

  init(_ seconds: Double, _ bytes: Int, holding held: Int = 0, beyond share: Int = .max) {
    self.seconds = seconds
    self.bytes = bytes
    self.held = held
    self.share = share
  }
}
