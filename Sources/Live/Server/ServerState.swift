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
  }
  private let state: Guarded<State>
  private let listening = DispatchSemaphore(value: 0)

  init(_ address: ServerAddress) { state = Guarded(State(address: address)) }

  var address: ServerAddress { state.withLock { $0.address } }
  var isBound: Bool { state.withLock { $0.isBound } }
  /// The one that listens now.
  var server: HTTPServer? { state.withLock { $0.server } }
  var failure: String? { state.withLock { $0.failure } }

  func bound(to port: UInt16) {
    state.withLock { state in
      state.address.port = port
      state.isBound = true
    }
    listening.signal()
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

  func cancel() {
    for task in state.withLock({ $0.tasks }) { task.cancel() }
  }
}
