import ArgumentParser
import Foundation
import Voxelith

/// Gives damaged files to the readers and records what they do.
@main
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ReaderFuzz", abstract: "Give damaged files to every reader.",
    subcommands: [Run.self, WorkerCommand.self, Mutant.self], defaultSubcommand: Run.self)

  struct Run: ParsableCommand {
    @Option(help: "Mutants for each reader.") var count = 1000
    @Option(help: "Number of the first mutant.") var from = 0
    @Option(help: "Seed: the same one gives the same mutants.") var seed: UInt64 = 1
    @Option(parsing: .upToNextOption, help: "Readers; all by default.") var readers: [FuzzTarget] = FuzzTarget
      .allCases
    @Option(help: "Folder whose small files become seeds, too.") var shared: String?
    @Option(help: "Seconds after which a mutant counts as a hang.") var patience = 10.0
    @Option(help: "Write the record as JSON.") var record: String?

    func run() throws {
      let folder = NSTemporaryDirectory() + "/voxelith-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try OutputFile.prepareFolder(folder)
      _ = try Seeds(in: folder, shared: shared, targets: readers)
      let supervisor = Supervisor(folder: folder, seed: seed, patience: patience)
      var record = FuzzRecord(seed: seed, readers: [])
      for target in readers {
        let result = try supervisor.run(target, count: count, from: from)
        record.readers.append(result)
        print(
          "\(target.rawValue): \(result.mutants) mutants, \(result.read) read, \(result.refused) refused, "
            + "\(result.findings.count) findings, at most \(result.peakBytes >> 20) MiB for a file of "
            + "\(result.peakFileBytes) bytes, \(Int(result.seconds)) s")
        for finding in result.findings.prefix(40) {
          print("  \(finding.mutant) \(finding.kind): \(finding.detail)")
        }
      }
      if let path = self.record { try JSONOutput.write(record, to: path, overwrite: true) }
      if record.readers.contains(where: { !$0.findings.isEmpty }) { throw ExitCode.failure }
    }
  }

  struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)
    @Argument var target: FuzzTarget
    @Argument var folder: String
    @Option var seed: UInt64
    @Option var from: Int
    @Option var to: Int

    func run() throws { try Worker(target: target, folder: folder, seed: seed).run(from..<to) }
  }

  /// Writes one mutant to a file, to look at it.
  struct Mutant: ParsableCommand {
    @Argument var target: FuzzTarget
    @Argument var number: Int
    @Argument var path: String
    @Option var seed: UInt64 = 1
    @Option var shared: String?
    @Flag(help: "Read it, too.") var read = false

    func run() throws {
      let folder = NSTemporaryDirectory() + "/voxelith-mutant-\(ProcessInfo.processInfo.processIdentifier)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try OutputFile.prepareFolder(folder)
      let seeds = try Seeds(in: folder, shared: shared, targets: [target])
      let mutator = Mutator(
        seeds: try Seeds.load(seeds.folder(of: target)), tokens: target.tokens, seed: seed)
      try OutputFile.write(mutator.mutant(number), to: path, overwrite: true)
      if read { try target.read(path, try FuzzContext(twin: seeds.twin)) }
    }
  }
}
