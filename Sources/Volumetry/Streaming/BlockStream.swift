import Foundation

/// The one scheduler: runs blocks on the cores and hands their results on in order.
public enum BlockStream {
  /// Calls `work` for every block on several threads, and `consume` on the calling thread in the
  /// order of the blocks. At most `resources.threads + 1` results are held at once; reading within
  /// `work` overlaps with the computing and writing of other blocks.
  ///
  /// - Throws: the first error in the order of the blocks; `cancelled` on request.
  public static func run<Result: Sendable>(
    _ blocks: [Block], stage: String, resources: Resources,
    work: @escaping @Sendable (Block) throws(VoxelithError) -> Result,
    consume: (Block, Result) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    let total = blocks.count
    resources.progress.report(stage, done: 0, of: total)
    if resources.threads <= 1 || total <= 1 {
      for (done, block) in blocks.enumerated() {
        try resources.cancellation.check()
        let result = try resources.cancellation.watch { () throws(VoxelithError) in try work(block) }
        try consume(block, result)
        resources.progress.report(stage, done: done + 1, of: total)
      }
      return
    }
    let queue = OrderedQueue<Result>(total: total, window: resources.threads + 1)
    let finished = DispatchGroup()
    for _ in 0..<min(resources.threads, total) {
      DispatchQueue.global().async(group: finished) {
        while let index = queue.claim() {
          do throws(VoxelithError) {
            let result = try resources.cancellation.watch { () throws(VoxelithError) in
              try resources.cancellation.check()
              return try work(blocks[index])
            }
            queue.deliver(index, .success(result))
          } catch {
            queue.deliver(index, .failure(error))
          }
        }
      }
    }
    defer {
      queue.stop()
      finished.wait()
    }
    for index in 0..<total {
      switch queue.next(index) {
      case .success(let value): try consume(blocks[index], value)
      case .failure(let error): throw error
      }
      resources.progress.report(stage, done: index + 1, of: total)
    }
  }

  /// Runs a stage whose answer per block is voxels, and completes the sink.
  public static func run(
    _ plan: BlockPlan, stage: String, resources: Resources, into sink: some VolumeSink,
    work: @escaping @Sendable (Block) throws(VoxelithError) -> VoxelBuffer
  ) throws(VoxelithError) {
    do throws(VoxelithError) {
      try run(plan.blocks, stage: stage, resources: resources, work: work) {
        (block, buffer) throws(VoxelithError) in
        try sink.write(buffer, to: block.core)
      }
      try sink.finish()
    } catch {
      sink.abandon()
      throw error
    }
  }

  /// Combines the answers of all blocks in their order, so that rounding does not depend on threads.
  public static func reduce<Partial: Sendable, Total>(
    _ blocks: [Block], stage: String, resources: Resources, into start: Total,
    work: @escaping @Sendable (Block) throws(VoxelithError) -> Partial,
    combine: (inout Total, Partial) -> Void
  ) throws(VoxelithError) -> Total {
    var total = start
    try run(blocks, stage: stage, resources: resources, work: work) {
      (_, partial) throws(VoxelithError) in
      combine(&total, partial)
    }
    return total
  }
}

/// Numbers go out in order, results come back in any order and leave in order; the window bounds how
/// far the workers may run ahead.
private final class OrderedQueue<Value: Sendable>: Sendable {
  private struct State {
    var claimed = 0
    var taken = 0
    var stopped = false
    var ready: [Int: Result<Value, VoxelithError>] = [:]
  }

  private let total: Int
  private let window: Int
  private let state = Guarded(State())

  init(total: Int, window: Int) {
    self.total = total
    self.window = window
  }

  func claim() -> Int? {
    state.wait { state -> Int?? in
      if state.stopped || state.claimed >= self.total { return .some(nil) }
      if state.claimed >= state.taken + self.window { return nil }
      state.claimed += 1
      return state.claimed - 1
    }
  }

  func deliver(_ index: Int, _ result: Result<Value, VoxelithError>) {
    state.change { $0.ready[index] = result }
  }

  func next(_ index: Int) -> Result<Value, VoxelithError> {
    let result = state.wait { $0.ready.removeValue(forKey: index) }
    state.change { $0.taken = index + 1 }
    return result
  }

  func stop() {
    state.change { $0.stopped = true }
  }
}
