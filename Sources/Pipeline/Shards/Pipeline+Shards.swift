import Compton
import Foundation
import Readers
import Results
public import Volumetry

extension Pipeline {
  /// Stages of the pipeline that can be shared out, in their order.
  public var shardedStages: [String] {
    // What is done against noise joins voxels beyond a part's slices.
    let isDenoised = (try? file.map.request().isWanted) ?? false
    return [StageDefinition.mapPlain, .map].map(\.name).filter {
      plan.has($0) && !($0 == StageDefinition.map.name && isDenoised)
    }
  }

  /// Maps one part of a map into `shards` of the output folder. A part that is there, made from the same inputs, is
  /// kept; so the call may be repeated, and parts may be made at the same time on several machines.
  ///
  /// - Parameter name: `map` or `map-plain`; the stages before it must be done.
  /// - Throws: `usage` where the stage cannot be shared out; `missing` where a stage before it is not done.
  public func run(
    _ shard: Shard, of name: String, into folder: String, command: [String], resources: Resources
  ) throws(VoxelithError) -> StageOutcome {
    let stage = try sharded(name, in: folder)
    let parent = folder + "/shards/" + name
    try OutputFile.prepareFolder(parent)
    return try StageRunner(
      folder: parent, lock: try ResultsLock(folder, use: .shared), resume: true, overwrite: false,
      command: command, resources: resources
    ).run(try shardStage(shard, of: stage, in: folder))
  }

  /// Puts the parts of a map together as the stage's own folder, with the bytes that the stage would have written.
  ///
  /// - Throws: `missing` where parts are not there, `data` where one is damaged or was made from other inputs.
  public func merge(
    _ name: String, count: Int?, in folder: String, command: [String], resources: Resources
  ) throws(VoxelithError) -> StageOutcome {
    let stage = try sharded(name, in: folder)
    let parent = folder + "/shards/" + name
    let count: Int = if let count { count } else { try Self.count(of: parent) }
    let source = try openXCS()
    let runner = StageRunner(
      folder: folder, lock: try ResultsLock(folder), resume: true, overwrite: false, command: command,
      resources: resources)
    let calibration = try CalibrationFile.read(folder + "/calibrate/calibration.json")
    let method = file.map.method
    let corrected = stage.name == StageDefinition.map.name
    let whole = try mapStage(folder, corrected: corrected) {
      (work, resources) throws(VoxelithError) in
      let manifest = try InputManifest(try mapStage(folder, corrected: corrected).inputs)
      let merge = try ShardMerge(parent, count: count, grid: source.grid) { (shard) throws(VoxelithError) in
        try StageKey.of(try shardStage(shard, of: stage, in: folder), manifest: manifest)
      }
      let map = try lithiumMap(folder, corrected: corrected, resources: resources)
      let (summary, misfit) = try merge.write(map, to: work, resources: resources)
      try JSONOutput.write(
        MapReport(
          summary, method: method, calibration: calibration, grid: source.grid, misfit: misfit,
          counts: map.counts),
        to: work + "/map.json",
        overwrite: true)
    }
    return try runner.run(whole)
  }

  private func sharded(_ name: String, in folder: String) throws(VoxelithError) -> StageDefinition {
    guard let stage = StageDefinition.named(name), shardedStages.contains(name) else {
      throw VoxelithError(
        .usage, "the stage '\(name)' cannot be shared out", file: path,
        advice: "of this pipeline: " + shardedStages.joined(separator: ", "))
    }
    try requireDone(before: stage, in: folder, plan: plan)
    return stage
  }

  /// The whole stage cut down to one part.
  private func shardStage(
    _ shard: Shard, of stage: StageDefinition, in folder: String
  ) throws(VoxelithError) -> Stage {
    let slices = try shard.slices(of: try openXCS().grid.shape.z)
    let corrected = stage.name == StageDefinition.map.name
    let whole = try mapStage(folder, corrected: corrected)
    return try Stage(
      shard.name, inputs: whole.inputs,
      settings: ["whole": whole.settings, "slices": [slices.lowerBound, slices.upperBound]]
    ) { (work, resources) throws(VoxelithError) in
      let map = try lithiumMap(folder, corrected: corrected, resources: resources)
      try ShardFolder.write(map, slices: slices, to: work, resources: resources)
    }
  }

  /// Number of parts that a folder was shared out in, by the names of those that are there.
  private static func count(of parent: String) throws(VoxelithError) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    let counts = Set(
      names.filter { !$0.hasPrefix(".") }.compactMap { $0.split(separator: "-").last.flatMap { Int($0) } })
    guard let count = counts.first else {
      throw VoxelithError(
        .missing, "there are no shards", file: parent, advice: "make them with run --shard i/n")
    }
    guard counts.count == 1 else {
      throw VoxelithError(
        .usage, "there are shards of \(counts.sorted().map(String.init).joined(separator: " and of ")) parts",
        file: parent, advice: "say which with --shards")
    }
    return count
  }
}
