import ArgumentParser
import Foundation
import Voxelith

/// Options that every command has.
struct CommonOptions: ParsableArguments {
  @Option(name: .long, help: "Number of threads; the result does not depend on it.")
  var threads: Int = Parallel.availableThreads

  @Option(name: .long, help: "Memory for working arrays, as 512M or 2G.")
  var memory: MemorySize = MemorySize(bytes: 2 << 30)

  @Flag(
    name: [.short, .long],
    help: "Print nothing but errors (inspect, check and plan still print their answer).")
  var quiet = false

  @Flag(name: [.short, .long], help: "Print more detail.")
  var verbose = false

  @Flag(name: .long, help: "Print the result as JSON on standard output.")
  var json = false

  @Flag(
    name: .long,
    help: "Refuse files that refer to files outside their folder (links, virtual datasets, YAML).")
  var contained = false

  func validate() throws {
    try NumberRange.threads.checkOption(threads, "--threads")
    ReadingMemory.budget = memory.bytes
    guard !quiet || !verbose else { throw ValidationError("give --quiet or --verbose, not both") }
    // Holds for all that the process reads, before a command opens anything.
    let console = console
    Containment.set(contained ? .refuse : .notice { console.notice($0) })
  }

  /// What the work may use, with a progress bar on a terminal and an interrupt that stops cleanly.
  func resources() -> Resources {
    Resources(
      threads: threads, memory: memory.bytes,
      progress: quiet || !ProgressBar.isPossible ? .silent : ProgressBar().reporter,
      cancellation: Interrupt.cancellation)
  }

  /// Where notices of the library go.
  var console: Console { Console(quiet: quiet, verbose: verbose, json: json) }
}

/// The option of every command that writes.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Replace outputs that Voxelith wrote and nobody changed since.")
  var overwrite = false
}

/// A number of bytes as written by people: 800M, 2G, 1.5GiB.
struct MemorySize: ExpressibleByArgument, Sendable {
  let bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    let units: [(String, Double)] = [
      ("K", 1024), ("M", 1_048_576), ("G", 1_073_741_824), ("T", 1.099511627776e12),
    ]
    var text = argument.uppercased()
    for suffix in ["IB", "B"] where text.hasSuffix(suffix) { text.removeLast(suffix.count) }
    var factor = 1.0
    for (unit, scale) in units where text.hasSuffix(unit) {
      text.removeLast()
      factor = scale
    }
    guard let number = Double(text), number > 0, number * factor >= 1_048_576, number * factor < 1e15 else {
      return nil
    }
    bytes = Int(number * factor)
  }

  var defaultValueDescription: String { "\(bytes / 1_048_576)M" }
}

/// A voxel size: one number for cubes, or `z,y,x`, in micrometres.
struct VoxelSize: ExpressibleByArgument, Sendable {
  /// x, y, z in micrometres.
  let spacing: SIMD3<Double>

  init?(argument: String) {
    let numbers = argument.split(separator: ",").map { Double($0.trimmingCharacters(in: .whitespaces)) }
    guard numbers.count == 1 || numbers.count == 3 else { return nil }
    let values = numbers.compactMap { $0 }.filter(NumberRange.voxelSize.contains)
    guard values.count == numbers.count else { return nil }
    spacing =
      values.count == 1
      ? SIMD3(repeating: values[0]) : SIMD3(values[2], values[1], values[0])
  }
}
