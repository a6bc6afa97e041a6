import Foundation
import Volumetry

/// Where a page is served.
public struct ServerAddress: Sendable, Hashable {
  public var host: String
  public var port: UInt16

  /// The machine itself.
  public static let loopback = ServerAddress(host: "127.0.0.1", port: 8642)

  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT`, `[IPv6]:PORT` or `PORT`.
  ///
  /// - Returns: nil for anything else. Hosts are addresses or `localhost`.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else {
      guard let port = UInt16(text) else { return nil }
      self.init(host: Self.loopback.host, port: port)
      return
    }
    guard let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    if host.isEmpty || host == "localhost" { host = Self.loopback.host }
    guard Self.isAddress(host) else { return nil }
    self.init(host: host, port: port)
  }

  var isIPv6: Bool { host.contains(":") }

  /// Whether only this machine can reach it.
  public var isLoopback: Bool { host == "::1" || (host.hasPrefix("127.") && !isIPv6) }

  private static func isAddress(_ text: String) -> Bool {
    var (four, six) = (in_addr(), in6_addr())
    return unsafe inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
  }

  /// Names under which a browser of somebody who may look calls this address; those of another site, whose name was made to lead here, are
  /// none of them.
  func isOwn(_ header: String?) -> Bool {
    guard let header else { return false }
    var name = header.lowercased()
    if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]") {
      guard UInt16(name[name.index(after: colon)...]) == port else { return false }
      name = String(name[..<colon])
    } else if port != 80 {
      return false
    }
    if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
    if isLoopback { return ["localhost", "127.0.0.1", "::1", host].contains(name) }
    let machine = ProcessInfo.processInfo.hostName.lowercased()
    return Self.isAddress(name)
      || [machine, machine.split(separator: ".").first.map(String.init) ?? machine].contains(name)
  }

  /// As it stands in an address of the web.
  public var text: String { (isIPv6 ? "[\(host)]" : host) + ":\(port)" }
}
