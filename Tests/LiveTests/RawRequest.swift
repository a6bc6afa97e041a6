import Foundation
import Glibc

/// Requests byte by byte, as no library would send them.
final class RawRequest {
  private let socket: Int32
  private(set) var received = ""

  init?(port: UInt16, _ lines: [String]) {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 120, tv_usec: 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    unsafe inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let connected = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { return nil }
    let text = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    unsafe send(socket, text, text.count, Int32(MSG_NOSIGNAL))
  }

  deinit { close(socket) }

  /// Reads until a text came, or the other side has ended.
  @discardableResult
  func read(until text: String? = nil) -> String {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while text.map({ !received.contains($0) }) ?? true {
      let count = unsafe recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      received += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
    return received
  }

  /// The answer to a GET.
  static func get(
    _ path: String, port: UInt16, host: String? = nil, method: String = "GET", _ headers: [String] = []
  ) -> String {
    let lines =
      ["\(method) \(path) HTTP/1.1", "Connection: close"] + headers
      + [host ?? "127.0.0.1:\(port)"].filter { !$0.isEmpty }.map { "Host: \($0)" }
    return RawRequest(port: port, lines)?.read() ?? "no connection"
  }
}
