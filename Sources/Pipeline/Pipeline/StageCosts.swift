import Compton
import Microstructure
import Results
import Transport
import Volumetry

/// Rough seconds and bytes of every stage, from rates measured on two cores of 2.5 GHz.
struct StageCosts {
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

  func estimate(_ stage: StageName, resources: Resources) -> PipelineCheck.StageEstimate {
    let million = Double(fine.count) * 1e-6
    let threads = Double(max(1, resources.threads))
    let streamed = min(resources.memory, max(1 << 22, 64 * fine.count))
    /// - Parameters:
    ///   - held: bytes of working arrays that go to disk where they exceed `share`.
    func stageOf(
      _ seconds: Double, _ bytes: Int, holding held: Int = 0, beyond share: Int = .max
    ) -> PipelineCheck.StageEstimate {
      let isPaged = !WorkingMemory.isHeld(held, budget: share)
      return PipelineCheck.StageEstimate(
        name: stage.rawValue, seconds: rounded(seconds, digits: 2),
        peakBytes: max(bytes, isPaged ? min(held, resources.memory) : held), diskBytes: isPaged ? held : 0)
    }
    switch stage {
    case .inspect: return stageOf(0.01 * million + 2e-6 * Double(coarse), streamed)
    case .calibrate: return stageOf(0.1, 1 << 24)
    case .segment:
      let filter =
        switch denoise {
        case .none: 0.0
        case .median: 0.2
        case .nonLocalMeans: 0.45
        }
      return stageOf(
        (0.04 + filter) * million / threads + 0.05, streamed,
        holding: denoise == .none ? 0 : 4 * fine.count, beyond: resources.memory / 3)
    case .orient: return stageOf(0.1 * million / threads + 0.1, streamed)
    case .pores: return stageOf((hasThickness ? 1 : 0.3) * million / threads, streamed)
    case .transport:
      return stageOf(
        0.7 * Double(transportAxes) * million / threads, 1 << 22,
        holding: TransportMemory.estimate(shape: fine, conducting: fine.count), beyond: resources.memory)
    case .map:
      return stageOf(
        mapSeconds + (mapHolds > 0 ? 3e-4 * Double(coarse) / threads : 0), mapBytes,
        holding: mapHolds * coarse, beyond: resources.memory / 2)
    case .mapPlain: return stageOf(mapSeconds, mapBytes)
    case .register: return stageOf(0.03 * million + 1 + 4e-4 * Double(coarse), min(resources.memory, 1 << 28))
    case .fractions:
      return stageOf(
        Double(labelled) * million * (0.05 + 0.05 * Double(variants)) + 1e-3 * Double(coarse), streamed)
    case .fields: return stageOf(0.1 * million / threads, streamed)
    case .correlate: return stageOf(1 + 1e-3 * Double(coarse), 400 * coarse)
    case .figures, .report: return stageOf(1 + 0.05 * million, 1 << 27)
    }
  }
}
