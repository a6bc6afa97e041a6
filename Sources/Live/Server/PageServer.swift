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
  private let state: ServerState
  private let view: LiveView
  private let door: ServerDoor

  /// Seconds between signs of life on connections that wait for events.
  private static let pulse = 5.0
  /// Seconds until the server must listen.
  private static let patience = 120

  /// Characters that a token has at least.
  private static let shortestToken = 16
  /// Seconds until a server that broke off is started again, and for which it must have run for that to be told once more.
  private static let rest = 1.0
  private static let longRun = 60.0

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - given: what a request must name where others than this machine can reach the page; made where it is nil or empty.
  ///   - tell: is told when the server broke off and is started again.
  /// - Throws: `cannotCreate` where the address cannot be had; `usage` for a token that is too short.
  public init(
    _ view: LiveView, at wanted: ServerAddress, token given: String? = nil,
    tell: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(VoxelithError) {
    let own = given.flatMap { $0.isEmpty ? nil : $0 }
    if let own, own.count < Self.shortestToken {
      throw VoxelithError(
        .usage, "the token of the page has \(own.count) characters; it needs \(Self.shortestToken) or more",
        advice: "give a longer VOXELITH_TOKEN, or none: then one is made")
    }
    let token = wanted.isLoopback ? own : own ?? Self.makeToken()
    self.token = token
    self.view = view
    let state = ServerState(wanted)
    self.state = state
    let handler = PageHandler(view: view, token: token, address: { state.address })
    guard PageExecutor.shared.threads > 0 else {
      throw VoxelithError(.cannotCreate, "the page cannot be served: the system gives no thread")
    }
    let door = try ServerDoor()
    self.door = door
    let first = Self.makeServer(door, handler)
    state.use(first)
    let main = Task.detached(executorPreference: PageExecutor.shared) {
      await Self.serve(first, state, door, handler, tell)
    }
    let ready = Task.detached(executorPreference: PageExecutor.shared) {
      guard (try? await first.waitUntilListening(timeout: Double(Self.patience))) != nil else { return }
      state.bound()
    }
    let pulse = Task.detached(executorPreference: PageExecutor.shared) {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(Self.pulse))
        view.beat()
      }
    }
    state.keep([main, ready, pulse])
    do {
      guard state.waitUntilBound(seconds: Self.patience) else {
        throw VoxelithError(.cannotCreate, state.failure ?? "the server did not start in time")
      }
      state.opened(
        try PageGate(at: wanted, door: door) { [weak state] in
          let server = state?.server
          Task.detached(executorPreference: PageExecutor.shared) { await server?.stop() }
        })
    } catch {
      state.cancel()
      throw VoxelithError(
        .cannotCreate, "the page cannot be served at \(wanted.text)",
        advice: "another program may have the port: choose one with --address, or 0 for any that is free",
        cause: (error as? VoxelithError)?.message ?? "\(error)")
    }
    address = state.address
  }

  /// Ends all connections. Pages that are open get the last status and fetch its map before: some seconds at most.
  public func stop() {
    if view.finish() { state.settle() }
    state.cancel()
    let (server, stopped) = (state.server, DispatchSemaphore(value: 0))
    Task.detached(executorPreference: PageExecutor.shared) {
      await server?.stop()
      stopped.signal()
    }
    _ = stopped.wait(timeout: .now() + .seconds(1))
    door.remove()
  }

  /// What a browser is pointed at.
  public var url: String { "http://\(address.text)/" + (token.map { "?token=\(Self.encoded($0))" } ?? "") }

  /// Breaks off as a failure would.
  package func breakOff() {
    let server = state.server
    Task.detached(executorPreference: PageExecutor.shared) { await server?.stop() }
  }

  /// Serves until the end; one that broke off is followed by another at the same port, which those who look know.
  private static func serve(
    _ first: HTTPServer, _ state: ServerState, _ door: ServerDoor, _ handler: PageHandler,
    _ tell: @Sendable (String) -> Void
  ) async {
    var server = first
    var isTold = false
    while true {
      let began = ContinuousClock.now
      var why = "it ended"
      do { try await server.run() } catch { why = "\(error)" }
      guard state.isBound else { return state.failed(why) }
      guard !Task.isCancelled else { return }
      if !isTold || began.duration(to: .now) > .seconds(longRun) {
        tell("the page broke off (\(why)) and is served again")
        isTold = true
      }
      guard (try? await Task.sleep(for: .seconds(rest))) != nil else { return }
      let next = makeServer(door, handler)
      server = next
      state.use(next)
    }
  }

  private static func makeServer(_ door: ServerDoor, _ handler: PageHandler) -> HTTPServer {
    door.clear()
    return HTTPServer(
      config: HTTPServer.Configuration(
        address: sockaddr_un.unix(path: door.path), sharedRequestReplaySize: 0, logger: .disabled),
      handler: handler)
  }

  /// Letters, digits and `-._~` stand for themselves in an address (RFC 3986).
  private static func encoded(_ text: String) -> String {
    let plain = CharacterSet(
      charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    return text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
  }

  private static func makeToken() -> String {
    var random = SystemRandomNumberGenerator()
    return (0..<4).map { _ in String(random.next() as UInt64, radix: 36) }.joined()
  }
}
