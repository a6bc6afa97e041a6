import CVoxelith
import Dispatch
import Foundation
import Synchronization
import Voxelith

/// What the caller gave: how much may be used, and whom to tell.
@safe struct Hooks {
  private let raw: VoxelithHooks

  init(_ raw: VoxelithHooks) { unsafe self.raw = unsafe raw }

  var threads: Int { unsafe raw.threads > 0 ? Int(raw.threads) : Parallel.availableThreads }
  var memory: Int { unsafe raw.memory > 0 ? Int(raw.memory) : 2 << 30 }
  var isCancelled: Bool { unsafe raw.cancelled.map { unsafe $0(raw.context) != 0 } ?? false }

  func tell(_ update: ProgressReporter.Update) {
    guard let progress = unsafe raw.progress else { return }
    unsafe update.stage.withCString { stage in
      unsafe update.unit.withCString { unit in
        unsafe progress(raw.context, stage, Int64(update.done), Int64(update.total), unit)
      }
    }
  }
}

/// One call: the work on a thread of its own, the caller's functions on the caller's thread.
struct Call {
  let operation: any Operation.Type
  let request: Request
  let inputs: [LentArray]
  let outcome: Outcome

  /// Stack of the thread that works, as large as that of a program's main thread.
  private static let stack = 8 << 20

  /// - Throws: `usage` where operation, request or inputs are not known.
  init(
    _ name: String, request text: String, inputs: [LentArray], outcome: Outcome
  ) throws(VoxelithError) {
    operation = try Operations.named(name)
    request = try Request(text, words: operation.sections)
    self.inputs = inputs
    self.outcome = outcome
    let known = operation.inputs
    for input in inputs {
      let group = input.name.split(separator: ".").first.map { String($0) + "." } ?? ""
      guard
        known[input.name] != nil || (input.name.contains(".") && known.keys.contains { $0.hasPrefix(group) })
      else {
        throw VoxelithError(
          .usage, "\(name) takes no input '\(input.name)'",
          advice: "known are: \(known.keys.sorted().joined(separator: ", "))")
      }
    }
  }

  /// Works and waits; tells the caller how far it has come, and asks whether to stop.
  func run(_ hooks: Hooks) {
    // Within work that listens already, the call stops with that.
    let cancellation = Cancellation.current ?? Cancellation()
    let latest = Latest()
    let resources = Resources(
      threads: hooks.threads, memory: hooks.memory, progress: ProgressReporter { latest.set($0) },
      cancellation: cancellation)
    let ended = DispatchSemaphore(value: 0)
    let isStarted = OwnThread.start(stack: Self.stack) {
      do throws(VoxelithError) {
        let job = try Job(request, inputs: inputs, resources: resources, outcome: outcome)
        defer { job.hideFiles() }
        do throws(VoxelithError) {
          try cancellation.watch { () throws(VoxelithError) in try operation.run(job) }
        } catch {
          outcome.fail(error)
        }
      } catch {
        outcome.fail(error)
      }
      ended.signal()
    }
    guard isStarted else {
      return outcome.fail(VoxelithError(.io, "the system gives no thread for the work"))
    }
    // Short work is seen to end at once, long work costs some tens of looks a second.
    var pause = 1
    while ended.wait(timeout: .now() + .milliseconds(pause)) == .timedOut {
      pause = min(40, 2 * pause)
      if let update = latest.take() { hooks.tell(update) }
      if hooks.isCancelled { cancellation.cancel() }
    }
    if let update = latest.take() { hooks.tell(update) }
  }

  /// The newest message that the caller has not seen.
  private final class Latest: Sendable {
    private let update = Mutex<ProgressReporter.Update?>(nil)

    func set(_ value: ProgressReporter.Update) { update.withLock { $0 = value } }

    func take() -> ProgressReporter.Update? {
      update.withLock { update in
        defer { update = nil }
        return update
      }
    }
  }
}
