import Volumetry

/// Rough seconds and bytes of every stage, from rates measured on two cores of 2.5 GHz.
struct StageCosts {
  let mapSeconds: Double
  let mapBytes: Int
  /// Voxels of the spectra and of the XCT.
  let coarse: Int
  let fine: Int
  /// Phases that fractions are made of.
  let labelled: Int
  /// Segmentations with moved thresholds.
  let variants: Int
  let hasThickness: Bool

  func estimate(_ stage: StageName, resources: Resources) -> PipelineCheck.StageEstimate {
    let million = Double(fine) * 1e-6
    let threads = Double(max(1, resources.threads))
    let streamed = min(resources.memory, max(1 << 22, 64 * fine))
    func stageOf(
      _ seconds: Double, _ bytes: Int, holdsVolume: Bool = false
    ) -> PipelineCheck.StageEstimate {
      PipelineCheck.StageEstimate(
        name: stage.rawValue, seconds: rounded(seconds, digits: 2), peakBytes: bytes, holdsVolume: holdsVolume
      )
    }
    switch stage {
    case .inspect: return stageOf(0.02 * million + 2e-6 * Double(coarse), streamed)
    case .calibrate: return stageOf(0.1, 1 << 24)
    case .segment: return stageOf(0.1 * million / threads + 0.05, streamed)
    case .orient: return stageOf(1.0 * million / threads + 0.1, streamed)
    case .pores:
      return hasThickness
        ? stageOf(4 * million / threads, 24 * fine, holdsVolume: true) : stageOf(0.2 * million, streamed)
    case .transport: return stageOf(6 * million / threads, 60 * fine, holdsVolume: true)
    case .map, .mapPlain: return stageOf(mapSeconds, mapBytes)
    case .register: return stageOf(0.03 * million + 1 + 4e-4 * Double(coarse), min(resources.memory, 1 << 28))
    case .fractions:
      return stageOf(
        Double(labelled) * million * (0.05 + 0.05 * Double(variants)) + 1e-3 * Double(coarse), streamed)
    case .fields: return stageOf(0.3 * million / threads, streamed)
    case .correlate: return stageOf(1 + 1e-3 * Double(coarse), 400 * coarse)
    case .figures, .report: return stageOf(1 + 0.05 * million, 1 << 27)
    }
  }
}
