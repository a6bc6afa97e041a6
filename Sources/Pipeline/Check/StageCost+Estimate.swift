import Results
import Volumetry

extension StageCost {
  package func estimate(_ name: String, memory: Int) -> PipelineCheck.StageEstimate {
    let isPaged = !WorkingMemory.isHeld(held, budget: share)
    return PipelineCheck.StageEstimate(
      name: name, seconds: rounded(seconds, digits: 2),
      peakBytes: max(bytes, isPaged ? min(held, memory) : held), diskBytes: isPaged ? held : 0)
  }
}
