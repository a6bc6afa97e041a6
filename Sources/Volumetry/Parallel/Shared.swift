import Foundation
import Synchronization

func coreCount() -> Int { ProcessInfo.processInfo.activeProcessorCount }

/// Hands out 0, 1, 2, ... to several threads.
final class Counter: Sendable {
  private let value = Atomic<Int>(0)

  func take() -> Int {
    value.wrappingAdd(1, ordering: .relaxed).oldValue
  }
}

/// One place per result, filled by several threads.
final class Slots<Value: Sendable>: Sendable {
  private let values: Guarded<[Value?]>

  init(count: Int) {
    values = Guarded([Value?](repeating: nil, count: count))
  }

  func set(_ index: Int, _ value: Value) {
    values.withLock { $0[index] = value }
  }

  func take() -> [Value?] {
    values.withLock { stored in
      let taken = stored
      stored = []
      return taken
    }
  }
}
