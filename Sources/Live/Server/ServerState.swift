import FlyingFox
import Foundation
import Volumetry

/// What the threads of a server share: where it listens, why it could not, and what runs.
final class ServerState: Sendable {
  private struct State {
    var address: ServerAddress
    var isBound = false
    var failure: String?
    var tasks: [Task<Void, Never>] = []
    var server: HTTPServer?
    var gate: PageGate?
  }
  private let state: Guarded<State>
  private let listening = DispatchSemaphore(value: 0)

  init(_ address: ServerAddress) { state = Guarded(State(address: address)) }

  var address: ServerAddress { state.withLock { $0.address } }
  var isBound: Bool { state.withLock { $0.isBound } }
  /// The one that listens now.
  var server: HTTPServer? { state.withLock { $0.server } }
  var failure: String? { state.withLock { $0.failure } }

  /// The library listens.
  func bound() {
    state.withLock { $0.isBound = true }
    listening.signal()
  }

  /// The gate listens, at a port that the system may have chosen.
  func opened(_ gate: PageGate) {
    state.withLock { state in
      state.gate = gate
      state.address.port = gate.port
    }
  }

  func failed(_ text: String) {
    state.withLock { $0.failure = text }
    listening.signal()
  }

  /// Waits until the server listens; whether it does.
  func waitUntilBound(seconds: Int) -> Bool {
    _ = listening.wait(timeout: .now() + .seconds(seconds))
    return state.withLock { $0.isBound }
  }

  func use(_ server: HTTPServer) { state.withLock { $0.server = server } }

  func keep(_ tasks: [Task<Void, Never>]) { state.withLock { $0.tasks = tasks } }

  /// Lets the pages that are open fetch what they were told of last.
  func settle() {
    state.withLock { $0.gate }?.waitUntilQuiet(for: .milliseconds(700), atMost: .seconds(4))
  }

  func cancel() {
    state.withLock { $0.gate }?.stop()
    for task in state.withLock({ $0.tasks }) { task.cancel() }
  }
}
