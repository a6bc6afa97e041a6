import Results
package import Volumetry

/// A stage of a pipeline: everything that there is to know of it, in one value and one file. The plan, `check`, the runner, shards, Slurm and
/// the report learn of it from here.
///
/// To add one, write `StageDefinition+NAME.swift` and put its line into ``all``.
package struct StageDefinition: Sendable {
  package let name: String
  /// Names of the stages whose results it reads where they are there.
  package let reads: [String]
  /// Why a pipeline leaves it out; nil where it does not.
  package let absence: @Sendable (PipelineFile, PipelinePlan) -> String?
  /// Rough seconds and bytes.
  package let cost: @Sendable (StageCosts) -> StageCost
  /// The stage with its inputs and settings, ready to run; results go into folders of the folder that is given.
  let prepare: @Sendable (Pipeline, String) throws(VoxelithError) -> Stage

  /// The stage of a pipeline, ready to run into folders of a folder.
  package func stage(of pipeline: Pipeline, in folder: String) throws(VoxelithError) -> Stage {
    try prepare(pipeline, folder)
  }

  /// All stages in their order.
  package static let all: [StageDefinition] = [
    inspect,
    calibrate,
    segment,
    orient,
    pores,
    transport,
    particles,
    interfaces,
    paths,
    diffuse,
    mapPlain,
    register,
    fractions,
    fields,
    maps,
    map,
    materials,
    correlate,
    figures,
    report,
  ]

  package static func named(_ name: String) -> StageDefinition? { all.first { $0.name == name } }
}

/// Which stages a pipeline has, and why it has not the others.
package struct PipelinePlan: Sendable {
  package private(set) var stages: [StageDefinition] = []
  /// Reasons by name of the stage.
  package private(set) var leftOut: [String: String] = [:]

  package var names: [String] { stages.map(\.name) }

  package init(_ file: PipelineFile) {
    let skip = Set(file.skip)
    for stage in StageDefinition.all {
      let reason = skip.contains(stage.name) ? "it is among those to skip" : stage.absence(file, self)
      if let reason { leftOut[stage.name] = reason } else { stages.append(stage) }
    }
  }

  package func has(_ name: String) -> Bool { stages.contains { $0.name == name } }

  /// Whether labels are given or will be made.
  package func hasLabels(_ file: PipelineFile) -> Bool { file.inputs.files.labels != nil || has("segment") }
}

extension PipelineFile {
  /// Whether there is an XCT, or labels made from one.
  package var hasStructure: Bool { inputs.files.xct != nil || inputs.files.labels != nil }
}
