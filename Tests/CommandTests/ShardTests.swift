import Foundation
import TestSupport
import Testing
import Voxelith

/// A map that is shared out and put together again has the bytes of one that was made at once, and so has the whole
/// pipeline for any number of threads, any memory and any number of shards.
@Suite(.serialized) struct ShardTests {
  let twin: SmallTwin
  let folder: TemporaryFolder
  private var pipeline: String { twin.path("pipeline.yaml") }

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private func run(_ arguments: [String]) throws {
    let result = try Program.run(arguments + ["-q"], in: folder)
    try #require(result.status == 0, "\(arguments): \(result.errors)")
  }

  /// What one thread makes at once, for all that is compared with it.
  private static let single = Result { () throws -> [String: Data] in
    let folder = try TemporaryFolder()
    let output = folder.file("single")
    let pipeline = try SmallTwin.shared.get().path("pipeline.yaml")
    let made = try Program.run(["run", pipeline, "-o", output, "--threads", "1", "-q"], in: folder)
    try #require(made.status == 0, "\(made.errors)")
    return try content(of: output)
  }

  /// Runs a pipeline with all of its maps in shards, made in another order than that of the slices.
  private func shared(_ output: String, shards: Int, options: [String] = []) throws {
    for stage in try Pipeline(pipeline).shardedStages {
      try run(["run", pipeline, "-o", output, "--before", stage, "--resume"] + options)
      for number in (1...shards).reversed() {
        try run(["run", pipeline, "-o", output, "--only", stage, "--shard", "\(number)/\(shards)"] + options)
      }
      try run(["merge", pipeline, "-o", output, "--only", stage] + options)
    }
    try run(["run", pipeline, "-o", output, "--resume"] + options)
  }

  private func withoutShards(_ files: [String: Data]) -> [String: Data] {
    files.filter { !$0.key.hasPrefix("shards") && !$0.key.isEmpty }
  }

  @Test func anyNumberOfShardsGivesTheSameBytes() throws {
    let expected = try Self.single.get()
    for shards in Soak.isLong ? [1, 2, 3, 4] : [3] {
      let output = folder.file("shards-\(shards)")
      try shared(output, shards: shards)
      let wrong = differences(expected, withoutShards(try content(of: output)))
      #expect(wrong.isEmpty, "\(shards) shards: \(wrong)")
    }
  }

  @Test func anyThreadsAndMemoryGiveTheSameBytes() throws {
    let expected = try Self.single.get()
    let cases: [[String]] =
      Soak.isLong
      ? [
        ["--threads", "2"], ["--threads", "3", "--memory", "24M"], ["--threads", "8"], ["--memory", "16M"],
      ]
      : [["--threads", "3", "--memory", "24M"], ["--threads", "8"]]
    for (index, options) in cases.enumerated() {
      let output = folder.file("case-\(index)")
      try run(["run", pipeline, "-o", output] + options)
      let wrong = differences(expected, try content(of: output))
      #expect(wrong.isEmpty, "\(options): \(wrong)")
    }
  }

  @Test func shardsAreKeptCheckedAndMissed() throws {
    let output = folder.file("out")
    let stage = "map"
    try run(["run", pipeline, "-o", output, "--before", stage])
    let first = ["run", pipeline, "-o", output, "--shard", "1/2", "--json"]
    try run(first)
    let again = try Program.run(first, in: folder)
    #expect(again.output.contains("\"was_up_to_date\" : true"))
    let early = try Program.run(["merge", pipeline, "-o", output, "--shards", "2"], in: folder)
    #expect(early.status == 66 && early.errors.contains("not there: 2"), "\(early.errors)")
    try run(["run", pipeline, "-o", output, "--shard", "2/2"])
    // One byte of one shard.
    let damaged = output + "/shards/map/0002-of-0002/li.tif"
    var bytes = FileManager.default.contents(atPath: damaged) ?? Data()
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: damaged))
    let refused = try Program.run(["merge", pipeline, "-o", output], in: folder)
    #expect(refused.status == 65 && refused.errors.contains("--shard 2/2"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: output + "/map"))
    try run(["run", pipeline, "-o", output, "--shard", "2/2"])
    try run(["merge", pipeline, "-o", output])
    for wrong in ["0/2", "3/2", "x", "1/99999"] {
      let result = try Program.run(["run", pipeline, "-o", output, "--shard", wrong], in: folder)
      #expect(result.status == 64, "\(wrong): \(result.errors)")
    }
  }

  @Test func resultsAreReplayed() throws {
    let copy = folder.file("twin")
    try FileManager.default.copyItem(atPath: twin.folder.file("twin"), toPath: copy)
    try run(["calibrate", copy + "/standards.yaml", "-o", folder.file("cal.json")])
    try run(["map", copy + "/xcs.nxs", "-c", folder.file("cal.json"), "-o", folder.file("map")])
    let provenance = folder.file("map/provenance.json")
    let same = try Program.run(["replay", provenance], in: folder)
    #expect(same.status == 0 && same.output.contains("the same bytes"), "\(same.errors)")
    try run(["run", copy + "/pipeline.yaml", "-o", folder.file("results")])
    let stage = try Program.run(["replay", folder.file("results/calibrate/provenance.json")], in: folder)
    #expect(stage.status == 0, "\(stage.errors)")
    // A result that is not what was made.
    var bytes = FileManager.default.contents(atPath: folder.file("map/li.tif")) ?? Data()
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: folder.file("map/li.tif")))
    let other = try Program.run(["replay", provenance], in: folder)
    #expect(other.status == 65 && other.errors.contains("li.tif"), "\(other.errors)")
    // An input that changed, and one that is gone.
    let calibration = try String(contentsOfFile: folder.file("cal.json"), encoding: .utf8)
    try (calibration + "\n").write(toFile: folder.file("cal.json"), atomically: true, encoding: .utf8)
    let changed = try Program.run(["replay", provenance], in: folder)
    #expect(changed.status == 65 && changed.errors.contains("cal.json"), "\(changed.errors)")
    try FileManager.default.removeItem(atPath: folder.file("cal.json"))
    #expect(try Program.run(["replay", provenance], in: folder).status == 66)
  }

  /// Names of folders that a shell or Slurm would take for something else.
  @Test(arguments: [
    "with space", "it's \"quoted\"", "-dash", "$(touch pwned)", "`touch pwned`",
    "a\ntouch pwned\n#SBATCH --wrap=touch",
    "ends with a line\n", "100% * [a-z]", "back\\slash",
  ])
  func slurmScriptsOfAnyFolder(name: String) throws {
    let jobs = folder.file(name)
    let results = folder.file("results of " + name)
    let tool = folder.file("sbatch")
    // Stands for sbatch: says a number, and runs the script up to its command.
    try """
    #!/bin/sh
    for last; do :; done
    sed 's/^exec /printf "%s\\n" /' -- "$last" > "$last.run"
    SLURM_ARRAY_TASK_ID=1 sh "$last.run" >> "$RECORD"
    echo 7
    """.write(toFile: tool, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool)
    try run(["slurm", pipeline, "-o", jobs, "--shards", "3", "--results", results])
    let allowed = [
      "#SBATCH --job-name=", "#SBATCH --cpus", "#SBATCH --mem=", "#SBATCH --time=", "#SBATCH --requeue",
      "#SBATCH --open-mode=append", "#SBATCH --array=1-3", "#SBATCH --output=logs/",
    ]
    for file in try FileManager.default.contentsOfDirectory(atPath: jobs) where file.hasSuffix(".sbatch") {
      let lines = try String(contentsOfFile: jobs + "/" + file, encoding: .utf8).split(separator: "\n")
      // Slurm reads its lines up to the first command.
      for line in lines.prefix(while: { $0.hasPrefix("#") }).dropFirst() {
        #expect(allowed.contains { line.hasPrefix($0) }, "\(line)")
      }
    }
    let shell = try ExternalTools.run(
      "/usr/bin/env",
      ["PATH=\(folder.path):/usr/bin:/bin", "RECORD=\(folder.file("record"))", "sh", jobs + "/submit.sh"],
      in: folder.path)
    #expect(shell.status == 0, "\(shell.log)")
    let record = try String(contentsOfFile: folder.file("record"), encoding: .utf8)
    #expect(record.contains("\n-o\n\(results)\n"), "\(record)")
    let found = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    #expect(!found.contains { $0.hasSuffix("pwned") }, "\(found)")
  }

  @Test func slurmScripts() throws {
    let jobs = folder.file("jobs")
    try run(["slurm", pipeline, "-o", jobs, "--shards", "3", "--program", "/opt/my tools/voxelith"])
    let names = try FileManager.default.contentsOfDirectory(atPath: jobs).filter { $0.hasSuffix(".sbatch") }
    let stages = try Pipeline(pipeline).shardedStages
    #expect(names.count == 3 * stages.count + 1)
    for name in names {
      let text = try String(contentsOfFile: jobs + "/" + name, encoding: .utf8)
      #expect(
        text.contains("#SBATCH --mem=") && text.contains("#SBATCH --time=")
          && text.contains("#SBATCH --requeue"))
      #expect(text.contains("exec '/opt/my tools/voxelith' "))
      if text.contains("--array") {
        #expect(
          text.contains("#SBATCH --array=1-3\n") && text.contains("--shard \"${SLURM_ARRAY_TASK_ID}/3\""))
      }
    }
    let submit = try String(contentsOfFile: jobs + "/submit.sh", encoding: .utf8)
    #expect(submit.contains("--dependency=afterok:$after"))
    let kept = try Program.run(["slurm", pipeline, "-o", jobs, "--shards", "3"], in: folder)
    #expect(kept.status == 73)
    #expect(
      try Program.run(["slurm", pipeline, "-o", folder.file("j"), "--shards", "999"], in: folder).status == 64
    )
  }
}
