import Volumetry

/// An unpacked chunk that several readers share.
final class ChunkBytes: Sendable {
  let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// Unpacked chunks of all open arrays, within one budget, so that a chunk that many boxes cut is unpacked once.
///
/// A chunk that comes when the cache is full takes the place of the one that was not asked for the longest time, but only if
/// that time is longer than a sweep through a layer of chunks; else the newcomer is not kept. A sweep through layers larger
/// than the cache so finds a part of each again, where throwing out the oldest would find none.
final class ChunkCache: Sendable {
  static let shared = ChunkCache()

  struct Key: Hashable {
    var owner: ObjectIdentifier
    var chunk: Int
  }

  enum Claim {
    /// `nil` stands for a chunk that was never written.
    case found(ChunkBytes?)
    /// The caller unpacks it and then calls ``publish(_:_:layer:)`` or ``fail(_:)``.
    case mine
    /// Another thread is unpacking it.
    case busy
  }

  private let state = Guarded(ChunkLedger())

  func claim(_ key: Key) -> Claim {
    state.withLock { state in
      if let chunk = state.find(key) { return .found(chunk) }
      if state.loading[key] != nil { return .busy }
      state.loading[key] = 0
      return .mine
    }
  }

  /// The chunk if it is here, without a promise to unpack it.
  func peek(_ key: Key) -> ChunkBytes?? { state.withLock { $0.find(key) } }

  /// Waits until a chunk that was busy is here, or nobody unpacks it any more: then it is the caller's.
  func wait(_ key: Key) -> Claim {
    state.withLock { state in if state.loading[key] != nil { state.loading[key, default: 0] += 1 } }
    return state.wait { state -> Claim? in
      if let chunk = state.find(key) { return .found(chunk) }
      if state.loading[key] != nil { return nil }
      state.loading[key] = 0
      return .mine
    }
  }

  /// Hands a chunk to those who wait for it, and keeps it if it is worth keeping.
  func publish(_ key: Key, _ chunk: ChunkBytes?, layer: Int) {
    let limit = ReadingMemory.cacheLimit
    state.change { state in
      let isAwaited = (state.loading.removeValue(forKey: key) ?? 0) > 0
      let size = ChunkLedger.size(chunk)
      guard size <= limit || isAwaited else { return }
      while state.bytes + size > limit, let oldest = state.oldest, let entry = state.entries[oldest] {
        guard isAwaited || state.clock - entry.used > layer + layer / 4 + 16 else { return }
        state.remove(oldest)
      }
      state.insert(key, chunk)
    }
  }

  func fail(_ key: Key) { state.change { $0.loading[key] = nil } }

  /// Drops the chunks of an array that is no longer open.
  func forget(_ owner: ObjectIdentifier) {
    state.change { $0.forget(owner) }
  }

  /// Drops what lies above the budget.
  func trim() {
    let limit = ReadingMemory.cacheLimit
    state.change { state in
      while state.bytes > limit, let oldest = state.oldest { state.remove(oldest) }
    }
  }
}
