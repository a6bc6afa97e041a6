import FlyingFox
import FlyingSocks
import Foundation
public import Volumetry

/// Serves the page of a watch: to this machine alone, or to others who know its token.
///
/// It answers GET and writes nothing. Every answer is made of what the watch published: no name of a file comes from a request.
public final class PageServer: Sendable {
  public let address: ServerAddress
  public let token: String?
  private let server: HTTPServer
  private let state: ServerState

  /// Seconds between signs of life on connections that wait for events.
  private static let pulse = 5.0
  /// Seconds until the server must listen.
  private static let patience = 120

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - token: what a request must name where others than this machine can reach the page; made where it is nil.
  /// - Throws: `cannotCreate` where the address cannot be had.
  public init(_ view: LiveView, at wanted: ServerAddress, token: String? = nil) throws(VoxelithError) {
    let token = wanted.isLoopback ? token : token ?? Self.makeToken()
    self.token = token
    let state = ServerState(wanted)
    self.state = state
    let handler = PageHandler(view: view, token: token, address: { state.address })
    let server: HTTPServer
    do {
      if wanted.isIPv6 {
        server = HTTPServer(
          address: try sockaddr_in6.inet6(ip6: wanted.host, port: wanted.port), logger: .disabled,
          handler: handler)
      } else {
        server = HTTPServer(
          address: try sockaddr_in.inet(ip4: wanted.host, port: wanted.port), logger: .disabled,
          handler: handler)
      }
    } catch {
      throw VoxelithError(.usage, "\(wanted.text) is not an address", cause: "\(error)")
    }
    self.server = server
    let main = Task.detached {
      do { try await server.run() } catch { state.failed("\(error)") }
    }
    let ready = Task.detached {
      guard (try? await server.waitUntilListening(timeout: Double(Self.patience))) != nil else { return }
      switch await server.listeningAddress {
      case .ip4(_, let port)?, .ip6(_, let port)?: state.bound(to: port)
      default: state.failed("the server does not tell where it listens")
      }
    }
    let pulse = Task.detached {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(Self.pulse))
        view.beat()
      }
    }
    state.keep([main, ready, pulse])
    guard state.waitUntilBound(seconds: Self.patience) else {
      state.cancel()
      throw VoxelithError(
        .cannotCreate, "the page cannot be served at \(wanted.text)",
        advice: "another program may have the port: choose one with --address, or 0 for any that is free",
        cause: state.failure)
    }
    address = state.address
  }

  /// Ends all connections.
  public func stop() {
    state.cancel()
    let (server, stopped) = (server, DispatchSemaphore(value: 0))
    Task.detached {
      await server.stop()
      stopped.signal()
    }
    _ = stopped.wait(timeout: .now() + .seconds(1))
  }

  /// What a browser is pointed at.
  public var url: String { "http://\(address.text)/" + (token.map { "?token=\($0)" } ?? "") }

  private static func makeToken() -> String {
    var random = SystemRandomNumberGenerator()
    return (0..<4).map { _ in String(random.next() as UInt64, radix: 36) }.joined()
  }
}
