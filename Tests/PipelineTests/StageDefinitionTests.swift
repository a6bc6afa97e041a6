import Foundation
import Microstructure
import Pipeline
import Results
import TestSupport
import Testing
import Volumetry

/// The list of stages, and which of them a pipeline has.
@Suite struct StageDefinitionTests {
  @Test func stagesReadWhatComesBefore() {
    var seen: Set<String> = []
    for stage in StageDefinition.all {
      for other in stage.reads { #expect(seen.contains(other), "\(stage.name) reads \(other)") }
      #expect(seen.insert(stage.name).inserted)
    }
  }

  private func plan(_ change: (inout PipelineFile) -> Void) -> PipelinePlan {
    var file = PipelineFile(inputs: PipelineFile.Inputs(xcs: "a", standards: "b"))
    change(&file)
    return PipelinePlan(file)
  }

  @Test func aPipelineHasWhatItsInputsAllow() {
    #expect(plan { _ in }.names == ["inspect", "calibrate", "map", "figures", "report"])
    let labelled = plan { $0.inputs.files.labels = "l" }
    #expect(labelled.has("register") && labelled.has("fractions") && !labelled.has("segment"))
    #expect(labelled.leftOut["segment"] == "labels are given")
    let grey = plan { $0.inputs.files.xct = "x" }
    #expect(grey.has("segment") && grey.has("orient") && !grey.has("pores"))
    #expect(
      plan {
        $0.inputs.files.xct = "x"; $0.pores = PoresSettings()
      }.has("pores"))
    let skipping = plan {
      $0.inputs.files.xct = "x"; $0.skip = ["map-plain"]
    }
    #expect(skipping.leftOut["register"] == "it needs map-plain" && !skipping.has("fractions"))
    let given = plan { $0.inputs.files.fractions = "f" }
    #expect(given.leftOut["fractions"] == "fractions are given" && given.has("map-plain"))
  }

  /// Costs are positive, grow with the volume, and say what goes to disk.
  @Test func costsGrowWithTheVolume() throws {
    func costs(_ side: Int) -> StageCosts {
      StageCosts(
        mapSeconds: 1, mapBytes: 1 << 20, coarse: 1000, fine: Shape(z: side, y: side, x: side), labelled: 2,
        variants: 2, hasThickness: true, denoise: .nonLocalMeans, transportAxes: 1, mapHolds: 0, threads: 2,
        memory: 64 << 20)
    }
    for stage in StageDefinition.all {
      let (small, large) = (stage.cost(costs(32)), stage.cost(costs(256)))
      #expect(
        small.seconds > 0 && large.seconds >= small.seconds && large.bytes >= small.bytes, "\(stage.name)")
    }
    let transport = try #require(StageDefinition.named("transport"))
    #expect(transport.cost(costs(32)).estimate("t", memory: 64 << 20).diskBytes == 0)
    #expect(transport.cost(costs(256)).estimate("t", memory: 64 << 20).diskBytes > 0)
  }
}
