import FlyingFox
import FlyingSocks
import Glibc
import Volumetry

/// Ends connections whose request takes long to understand: a line of hundreds of kilobytes keeps a core busy for minutes, before anybody
/// could ask for a token.
///
/// A connection is known by its other side, as numbers of files are given anew. It is watched from the moment that bytes came until its
/// request was understood or it waits for more.
final class HeadWatch: Sendable {
  private struct Entry {
    let clock: Task<Void, any Error>
  }
  private let entries = Guarded<[HTTPRequest.Address: Entry]>([:])

  /// Seconds that a request may take to understand.
  private static let patience = 10.0

  /// Bytes came.
  func began(_ socket: Socket) {
    guard let peer = Self.peer(of: socket) else { return }
    let clock = Task(executorPreference: PageExecutor.shared) { [weak self] in
      try await Task.sleep(for: .seconds(Self.patience))
      guard let self, self.entries.withLock({ $0.removeValue(forKey: peer) }) != nil,
        Self.peer(of: socket) == peer
      else { return }
      _ = shutdown(socket.file.rawValue, Int32(SHUT_RDWR))
    }
    entries.withLock { $0.updateValue(Entry(clock: clock), forKey: peer) }?.clock.cancel()
  }

  /// The connection waits for more.
  func waits(_ socket: Socket) {
    if let peer = Self.peer(of: socket) { understood(peer) }
  }

  /// The request is known.
  func understood(_ peer: HTTPRequest.Address?) {
    guard let peer else { return }
    entries.withLock { $0.removeValue(forKey: peer) }?.clock.cancel()
  }

  private static func peer(of socket: Socket) -> HTTPRequest.Address? {
    (try? socket.remotePeer()).map(HTTPRequest.Address.make)
  }
}
