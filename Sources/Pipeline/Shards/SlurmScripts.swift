import Foundation
import Readers
public import Volumetry

/// The scripts that run a pipeline on a Slurm cluster: what can be shared out as job arrays, the rest before, between and
/// after them, chained by dependencies.
public struct SlurmScripts: Sendable {
  /// One `.sbatch` file.
  public struct Job: Sendable, Codable {
    public var name: String
    public var command: [String]
    public var seconds: Double
    public var memoryBytes: Int
    /// Tasks of an array; nil for a single job.
    public var tasks: Int?

    enum CodingKeys: String, CodingKey {
      case name, command, seconds, tasks
      case memoryBytes = "memory_bytes"
    }
  }

  public let jobs: [Job]
  private let threads: Int

  /// Plans the jobs by the estimates of `check`. Times are the estimate five times over and ten minutes at least, memory
  /// one and a half times over with 512 MB for the program itself.
  ///
  /// - Parameter program: how the compute nodes call voxelith.
  /// - Throws: what `check` throws; `usage` where there are more shards than slices.
  public init(
    _ pipeline: Pipeline, path: String, output: String, shards: Int, program: String, resources: Resources
  ) throws(VoxelithError) {
    let check = try PipelineCheck(pipeline, resources: resources)
    _ = try Shard(1, of: shards).slices(of: check.shape[0])
    var remaining = check.estimates
    func estimate(until stage: String?) -> (seconds: Double, bytes: Int) {
      let count = stage.flatMap { name in remaining.firstIndex { $0.name == name } } ?? remaining.count
      let part = remaining[..<count]
      remaining.removeFirst(count)
      return (part.reduce(0) { $0 + $1.seconds }, part.map(\.peakBytes).max() ?? 0)
    }
    let common = ["--threads", "\(resources.threads)", "--memory", "\(resources.memory >> 20)M", "--quiet"]
    var jobs: [Job] = []
    for stage in pipeline.shardedStages {
      let before = estimate(until: stage)
      jobs.append(
        Job(
          name: "before-" + stage,
          command: [program, "run", path, "-o", output, "--before", stage, "--resume"] + common,
          seconds: before.seconds, memoryBytes: before.bytes, tasks: nil))
      let own = remaining.removeFirst()
      jobs.append(
        Job(
          name: stage,
          command: [
            program, "run", path, "-o", output, "--only", stage, "--shard",
            "${SLURM_ARRAY_TASK_ID}/\(shards)",
          ] + common,
          seconds: own.seconds / Double(shards), memoryBytes: own.peakBytes, tasks: shards))
      jobs.append(
        Job(
          name: "merge-" + stage,
          command: [program, "merge", path, "-o", output, "--only", stage, "--shards", "\(shards)"] + common,
          seconds: 60, memoryBytes: min(resources.memory, 1 << 28), tasks: nil))
    }
    let rest = estimate(until: nil)
    jobs.append(
      Job(
        name: "rest", command: [program, "run", path, "-o", output, "--resume"] + common,
        seconds: rest.seconds,
        memoryBytes: rest.bytes, tasks: nil))
    self.jobs = jobs
    threads = resources.threads
  }

  /// Writes a numbered `.sbatch` file for each job and `submit.sh`, which submits them in order.
  ///
  /// - Throws: `cannotCreate` where a file exists and `overwrite` is false.
  /// - Returns: the paths in the order of submission, `submit.sh` last.
  public func write(to folder: String, overwrite: Bool) throws(VoxelithError) -> [String] {
    try OutputFile.prepareFolder(folder)
    try OutputFile.prepareFolder(folder + "/logs")
    var paths: [String] = []
    for (index, job) in jobs.enumerated() {
      let path = "\(folder)/\(index + 1)-\(job.name).sbatch"
      try OutputFile.write(script(job), to: path, overwrite: overwrite)
      paths.append(path)
    }
    var lines = [
      "#!/bin/sh", "# Submits the jobs one after another; each waits for the one before to end well.",
      "set -eu",
      // What a command prints loses its last line ends, which the name of a folder may have; logs are named from here.
      "here=$(dirname -- \"$0\"; echo .)", "cd -- \"${here%??}\"", "after=",
    ]
    for path in paths {
      let name = PathName.last(of: path)
      lines.append("job=$(sbatch --parsable ${after:+--dependency=afterok:$after} \(Self.quoted(name)))")
      lines.append("echo \"$job \(name)\"")
      lines.append("after=$job")
    }
    let submit = folder + "/submit.sh"
    try OutputFile.write(lines.joined(separator: "\n") + "\n", to: submit, overwrite: overwrite)
    do {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: submit)
    } catch {
      throw VoxelithError(.io, "cannot be made executable", file: submit, cause: error.localizedDescription)
    }
    return paths + [submit]
  }

  /// The text of a job's script. No line that Slurm reads holds a name of a folder, which could end the line. A job that is requeued goes on where it was: finished stages and shards are kept.
  func script(_ job: Job) -> String {
    let minutes = max(10, Int((5 * job.seconds / 60).rounded(.up)))
    let megabytes = (job.memoryBytes + job.memoryBytes / 2) >> 20 + 512
    var lines = [
      "#!/bin/sh", "#SBATCH --job-name=voxelith-\(job.name)", "#SBATCH --cpus-per-task=\(threads)",
      "#SBATCH --mem=\(megabytes)M", "#SBATCH --time=\(minutes)", "#SBATCH --requeue",
      "#SBATCH --open-mode=append",
    ]
    if let tasks = job.tasks {
      lines += ["#SBATCH --array=1-\(tasks)", "#SBATCH --output=logs/\(job.name)-%a.log"]
    } else {
      lines.append("#SBATCH --output=logs/\(job.name).log")
    }
    lines += ["set -eu", "exec " + job.command.map(Self.quoted).joined(separator: " "), ""]
    return lines.joined(separator: "\n")
  }

  /// A word as a shell takes it; the number of an array's task stays a variable.
  private static func quoted(_ word: String) -> String {
    let task = "${SLURM_ARRAY_TASK_ID}/"
    if word.hasPrefix(task), word.dropFirst(task.count).allSatisfy(\.isNumber) { return "\"\(word)\"" }
    let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=+:,".contains($0)) }
    return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
