import FlyingSocks
import Foundation
import Glibc
import Volumetry

/// Stands before the HTTP library, which knows no limit for the length of a line and needs minutes for one of some hundred kilobytes.
///
/// Every connection has a thread and brings one request. Its head is read here, within a time and a number of bytes; what is understood
/// goes on to the library, which listens on a socket that only this process's user can reach, and the answer comes back.
final class PageGate: Sendable {
  /// Where it listens.
  let port: UInt16
  private let listener: Socket
  private let door: ServerDoor
  private let isGone: @Sendable () -> Void
  private let state = Guarded(State())

  private struct State {
    var isStopped = false
    /// Connections by number, the oldest first; whether somebody waits there for an answer that was asked for.
    var open: [(number: Int, socket: Int32, isNeeded: Bool)] = []
    var next = 0
    /// When a connection was last asked for something, or ended.
    var last = ContinuousClock.now
  }

  /// Connections at once: each takes up to three of the files that the process may open, of which the watch needs some hundred.
  private static let most = max(4, min(128, (OpenFileLimit.current - 100) / 3))
  /// Times the files that outputs need: what connections leave free, more than the spectra of a watch do.
  private static let spared = 3
  /// Seconds that a head may take, in all.
  private static let patience = 10.0
  /// Seconds that either side may rest while an answer goes through; events have a sign of life every few seconds.
  private static let rest = 30.0
  private static let piece = 65_536

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - door: the socket that requests go on to.
  ///   - isGone: is told where somebody removed that.
  /// - Throws: what the system says where the address cannot be had, and `io` without a thread.
  init(at address: ServerAddress, door: ServerDoor, isGone: @escaping @Sendable () -> Void) throws {
    (self.door, self.isGone) = (door, isGone)
    if address.isIPv6 {
      listener = try Self.listen(try sockaddr_in6.inet6(ip6: address.host, port: address.port))
    } else {
      listener = try Self.listen(try sockaddr_in.inet(ip4: address.host, port: address.port))
    }
    switch try listener.sockname() {
    case .ip4(_, let port), .ip6(_, let port): self.port = port
    default: port = address.port
    }
    guard OwnThread.start({ [self] in accept() }) else {
      try? listener.close()
      throw VoxelithError(.io, "the system gives no thread")
    }
  }

  private static func listen(_ address: some SocketAddress) throws -> Socket {
    let socket = try Socket(domain: Int32(address.family))
    do {
      try socket.setValue(true, for: .localAddressReuse)
      try socket.bind(to: address)
    } catch {
      try? socket.close()
      throw error
    }
    try socket.listen()
    return socket
  }

  /// Ends all connections and listens no more.
  func stop() {
    let sockets = state.withLock { state in
      state.isStopped = true
      return state.open.map(\.socket)
    }
    for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
  }

  private func accept() {
    while !state.withLock({ $0.isStopped }) {
      guard !SocketWait.readable([listener.file.rawValue], seconds: 0.25).isEmpty else { continue }
      guard let file = try? listener.accept().file.rawValue else {
        // No more files for this process, or a connection that is gone again.
        usleep(50_000)
        continue
      }
      guard let number = admit(file) else {
        close(file)
        continue
      }
      let isStarted = OwnThread.start(stack: Self.stack) { [self] in
        serve(file, number)
        leave(file, number)
      }
      if !isStarted { leave(file, number) }
    }
    try? listener.close()
  }

  private static let stack = 1 << 18

  /// Waits until every answer that was asked for is given and nobody has asked for a while.
  func waitUntilQuiet(for quiet: Duration, atMost longest: Duration) {
    let began = ContinuousClock.now
    while began.duration(to: .now) < longest {
      let isQuiet = state.withLock { state in
        !state.open.contains { $0.isNeeded } && state.last.duration(to: .now) >= quiet
      }
      if isQuiet { return }
      usleep(50_000)
    }
  }

  /// Ends a connection; the number of its socket is free again only after nobody knows it any more.
  private func leave(_ file: Int32, _ number: Int) {
    state.withLock { state in
      state.open.removeAll { $0.number == number }
      state.last = .now
    }
    close(file)
  }

  private func note(_ number: Int, isNeeded: Bool) {
    state.withLock { state in
      if let index = state.open.firstIndex(where: { $0.number == number }) {
        state.open[index].isNeeded = isNeeded
        state.last = .now
      }
    }
  }

  /// Takes a connection; where there are too many, the oldest that did not say what it wants, or said that it listens no more, goes, and
  /// without one the new one.
  private func admit(_ file: Int32) -> Int? {
    let isShort = Int(file) >= OpenFileLimit.end(sparing: Self.spared)
    return state.withLock { state in
      if state.isStopped { return nil }
      if state.open.count >= Self.most || isShort {
        guard let oldest = state.open.firstIndex(where: { !$0.isNeeded }) else { return nil }
        shutdown(state.open.remove(at: oldest).socket, Int32(SHUT_RDWR))
      }
      state.next += 1
      state.open.append((state.next, file, false))
      return state.next
    }
  }

  private func serve(_ client: Int32, _ number: Int) {
    guard let reading = head(of: client) else { return }
    let head: RequestHead
    switch reading {
    case .incomplete: return
    case .refused(let refusal): return answer(refusal, to: client)
    case .whole(let whole): head = whole
    }
    note(number, isNeeded: true)
    guard let library = try? Socket(domain: AF_UNIX) else { return answer(Self.full, to: client) }
    defer { try? library.close() }
    guard Int(library.file.rawValue) < OpenFileLimit.end() else { return answer(Self.full, to: client) }
    guard (try? library.connect(to: sockaddr_un.unix(path: door.path))) != nil,
      SocketWait.write(head.forwarded, to: library.file.rawValue, seconds: Self.rest)
    else {
      if !door.isThere { isGone() }
      return answer(
        .init(status: "503 Service Unavailable", text: "the page is about to be served again"), to: client)
    }
    relay(from: library.file.rawValue, to: client, number)
  }

  private static let full = RequestHead.Refusal(
    status: "503 Service Unavailable", text: "too many connections are open")

  /// The head of the request; nil where none comes within the time.
  private func head(of client: Int32) -> RequestHead.Reading? {
    var bytes: [UInt8] = []
    let end = ContinuousClock.now + .seconds(Self.patience)
    while true {
      let left = ContinuousClock.now.duration(to: end) / .seconds(1)
      guard left > 0, !SocketWait.readable([client], seconds: left).isEmpty else { return nil }
      let more = SocketWait.read(client, count: RequestHead.most)
      guard !more.isEmpty else { return nil }
      bytes += more
      let reading = RequestHead.read(bytes)
      if case .incomplete = reading { continue }
      return reading
    }
  }

  /// Passes on what the library answers, until it ends or nobody is there to read it.
  private func relay(from library: Int32, to client: Int32, _ number: Int) {
    var listens = [library, client]
    while true {
      let ready = SocketWait.readable(listens, seconds: Self.rest)
      guard !ready.isEmpty else { return }
      if ready.contains(client) {
        // What still comes after the request is not read on; an end may be that of one direction.
        if SocketWait.read(client, count: Self.piece).isEmpty {
          listens = [library]
          note(number, isNeeded: false)
        }
      }
      guard ready.contains(library) else { continue }
      let bytes = SocketWait.read(library, count: Self.piece)
      guard !bytes.isEmpty, SocketWait.write(bytes, to: client, seconds: Self.rest) else {
        shutdown(client, Int32(SHUT_WR))
        return
      }
    }
  }

  /// Answers and ends; what the other side still sends is looked at for a moment only, so that it can read the answer.
  private func answer(_ refusal: RequestHead.Refusal, to client: Int32) {
    let body = refusal.text + "\n"
    let text =
      "HTTP/1.1 \(refusal.status)\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
      + "X-Content-Type-Options: nosniff\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    guard SocketWait.write(Array(text.utf8), to: client, seconds: 1) else { return }
    shutdown(client, Int32(SHUT_WR))
    var left = 16
    while left > 0, !SocketWait.readable([client], seconds: 0.5).isEmpty,
      !SocketWait.read(client, count: Self.piece).isEmpty
    { left -= 1 }
  }
}
