package import Microstructure
import Results
package import Volumetry

/// What the costs of stages depend on. Rates were measured on two cores of 2.5 GHz.
package struct StageCosts: Sendable {
  package let mapSeconds: Double
  package let mapBytes: Int
  /// Voxels of the spectra and of the XCT.
  package let coarse: Int
  package let fine: Shape
  /// Phases that fractions are made of.
  package let labelled: Int
  /// Segmentations with moved thresholds.
  package let variants: Int
  package let hasThickness: Bool
  package let denoise: SegmentationOptions.Denoise
  /// Whether the blur of the scan is taken out of the labels.
  package let partialVolume: Bool
  package let transportAxes: Int
  /// Bytes that denoising the map holds for each voxel of the spectra; 0 where it is not denoised.
  package let mapHolds: Int
  package let threads: Double
  package let memory: Int

  package init(
    mapSeconds: Double, mapBytes: Int, coarse: Int, fine: Shape, labelled: Int, variants: Int,
    hasThickness: Bool, denoise: SegmentationOptions.Denoise, partialVolume: Bool = false, transportAxes: Int,
    mapHolds: Int, threads: Double, memory: Int
  ) {
    self.mapSeconds = mapSeconds
    self.mapBytes = mapBytes
    self.coarse = coarse
    self.fine = fine
    self.labelled = labelled
    self.variants = variants
    self.hasThickness = hasThickness
    self.denoise = denoise
    self.partialVolume = partialVolume
    self.transportAxes = transportAxes
    self.mapHolds = mapHolds
    self.threads = threads
    self.memory = memory
  }

  /// Millions of voxels of the XCT.
  package var million: Double { Double(fine.count) * 1e-6 }
  /// Bytes of a stage that streams the XCT.
  package var streamed: Int { min(memory, max(1 << 22, 64 * fine.count)) }
}

/// Rough seconds and bytes of a stage.
package struct StageCost: Sendable {
  package var seconds: Double
  package var bytes: Int
  /// Bytes of working arrays that go to disk where they exceed ``share``.
  package var held = 0
  package var share = Int.max

  package init(_ seconds: Double, _ bytes: Int, holding held: Int = 0, beyond share: Int = .max) {
    self.seconds = seconds
    self.bytes = bytes
    self.held = held
    self.share = share
  }
}
