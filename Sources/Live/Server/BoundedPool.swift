import FlyingSocks
import Glibc
import Volumetry

/// Waits of sockets that end: those of connections where nothing happens for long, and the oldest where they are too many.
///
/// So connections that somebody opens and leaves do not take the files that a process may open.
struct BoundedPool: AsyncSocketPool {
  private struct State {
    var waits: [Int: Task<Void, any Error>] = [:]
    var next = 0
  }
  private let base: any AsyncSocketPool
  private let state = Guarded(State())
  private let most: Int
  private let heads: HeadWatch

  /// Seconds that a connection may wait for its other side.
  private static let patience = 30.0
  /// Bytes that may come before they are read; requests are small.
  private static let received: Int32 = 8192

  init(_ base: any AsyncSocketPool, most: Int, heads: HeadWatch) {
    (self.base, self.most, self.heads) = (base, most, heads)
  }

  func prepare() async throws { try await base.prepare() }
  func run() async throws { try await base.run() }

  func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
    guard !Self.isListening(socket) else {
      // Those that are accepted inherit it.
      try? socket.setValue(Self.received, for: .receiveBufferSize)
      return try await base.suspendSocket(socket, untilReadyFor: events)
    }
    heads.waits(socket)
    let base = base
    let wait = Task(executorPreference: PageExecutor.shared) {
      try await base.suspendSocket(socket, untilReadyFor: events)
    }
    let number = add(wait)
    let clock = Task(executorPreference: PageExecutor.shared) {
      try await Task.sleep(for: .seconds(Self.patience))
      wait.cancel()
    }
    defer {
      clock.cancel()
      state.withLock { $0.waits[number] = nil }
    }
    try await withTaskCancellationHandler {
      try await wait.value
    } onCancel: {
      wait.cancel()
    }
    if events.contains(.read) { heads.began(socket) }
  }

  private func add(_ wait: Task<Void, any Error>) -> Int {
    let (number, oldest) = state.withLock { state in
      let number = state.next
      state.next += 1
      let oldest =
        state.waits.count >= most
        ? state.waits.keys.min().flatMap { state.waits.removeValue(forKey: $0) } : nil
      state.waits[number] = wait
      return (number, oldest)
    }
    oldest?.cancel()
    return number
  }

  private static func isListening(_ socket: Socket) -> Bool {
    var (value, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
    return unsafe getsockopt(socket.file.rawValue, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0
      && value != 0
  }
}
