import Glibc

/// Reading and writing sockets with an end: nothing here waits longer than it is told to.
enum SocketWait {
  /// The sockets of a list on which something happened, that is all that end as well; none where the time is over.
  static func readable(_ sockets: [Int32], seconds: Double) -> [Int32] {
    var waits = sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    return poll(&waits, seconds) ? waits.filter { $0.revents != 0 }.map(\.fd) : []
  }

  /// What came, at most `count` bytes; empty where the other side has ended.
  static func read(_ socket: Int32, count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = unsafe recv(socket, &bytes, count, Int32(MSG_DONTWAIT))
    return Array(bytes.prefix(max(0, got)))
  }

  /// Whether all bytes went; the other side may rest for so many seconds between two pieces.
  static func write(_ bytes: [UInt8], to socket: Int32, seconds: Double) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      var waits = [pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)]
      guard poll(&waits, seconds) else { return false }
      let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
      let sent = unsafe rest.withUnsafeBytes { unsafe send(socket, $0.baseAddress, $0.count, flags) }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  private static func poll(_ waits: inout [pollfd], _ seconds: Double) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
      let left = max(0, ContinuousClock.now.duration(to: end) / .milliseconds(1))
      let count = unsafe Glibc.poll(&waits, nfds_t(waits.count), Int32(left.rounded(.up)))
      if count > 0 { return true }
      // A signal came.
      guard count < 0, errno == EINTR, left > 0 else { return false }
    }
  }
}
