import Foundation
import Live
import Testing
import Volumetry

/// Who may see the page, and what it answers.
@Suite(.serialized) struct ServerTests {
  private static let free = ServerAddress(host: "127.0.0.1", port: 0)

  /// Runs what waits on a thread of its own: those of tasks are the server's.
  private func apart(_ work: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      Thread.detachNewThread { done.resume(with: Result { try work() }) }
    }
  }

  private func code(_ answer: String) -> String {
    answer.split(separator: " ").dropFirst().first.map(String.init) ?? answer
  }

  @Test func thePageIsForThisMachineAndItsOwnName() async throws {
    try await apart {
      let server = try PageServer(LiveView(), at: Self.free)
      defer { server.stop() }
      let port = server.address.port
      #expect(server.url == "http://127.0.0.1:\(port)/" && server.token == nil)
      let page = RawRequest.get("/", port: port)
      #expect(
        code(page) == "200" && page.contains("default-src 'none'") && page.contains("nosniff"),
        "\(page.prefix(600))")
      #expect(!page.contains("http://") && !page.contains("https://"), "an outside address")
      for host in ["localhost:\(port)", "127.0.0.1:\(port)", "[::1]:\(port)"] {
        #expect(code(RawRequest.get("/status", port: port, host: host)) == "200", "\(host)")
      }
      for host in [
        "example.org", "example.org:\(port)", "127.0.0.1", "127.0.0.1:1", "localhost.example.org:\(port)", "",
      ] {
        #expect(code(RawRequest.get("/", port: port, host: host)) == "403", "\(host)")
      }
      for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        #expect(code(RawRequest.get("/status", port: port, method: method)) == "405", "\(method)")
      }
      let foreign = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"]
      #expect(code(RawRequest.get("/status", port: port, foreign)) == "403")
    }
  }

  @Test func noPathLeadsToAFile() async throws {
    try await apart {
      let server = try PageServer(LiveView(), at: Self.free)
      defer { server.stop() }
      let port = server.address.port
      for path in [
        "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd",
        "/etc/passwd",
        "/li.tif", "/page.js", "/slice/../../../etc/passwd",
      ] {
        let answer = RawRequest.get(path, port: port)
        #expect(["404", "400"].contains(code(answer)) && !answer.contains("root:"), "\(path): \(answer)")
      }
      for query in [
        "name=../../etc/passwd&index=0", "name=/etc/passwd&index=0", "name=li&index=-1", "name=li&index=x",
        "name=li&axis=t&index=0", "",
      ] {
        let answer = RawRequest.get("/slice?" + query, port: port)
        #expect(["404", "400"].contains(code(answer)), "\(query): \(answer)")
      }
      for path in [
        "/spectrum?z=0&y=0&x=0", "/spectrum?z=a", "/time-left?sigma=-1", "/time-left?sigma=1&of=none",
      ] {
        let answer = RawRequest.get(path, port: port)
        #expect(["404", "400"].contains(code(answer)), "\(path): \(answer)")
      }
    }
  }

  @Test func othersNeedTheToken() async throws {
    try await apart {
      let server = try PageServer(LiveView(), at: ServerAddress(host: "0.0.0.0", port: 0))
      defer { server.stop() }
      let (port, token) = (server.address.port, try #require(server.token))
      #expect(token.count > 30 && server.url.hasSuffix("?token=\(token)"))
      for path in [
        "/", "/events", "/status", "/slice?name=li&index=0", "/status?token=", "/status?token=\(token)x",
      ] {
        #expect(code(RawRequest.get(path, port: port)) == "401", "\(path)")
      }
      #expect(code(RawRequest.get("/status?token=\(token)", port: port)) == "200")
      #expect(
        code(RawRequest.get("/status?token=\(token)", port: port, host: "example.org:\(port)")) == "403")
      let other = try PageServer(LiveView(), at: ServerAddress(host: "0.0.0.0", port: 0))
      #expect(other.token != token)
      other.stop()
    }
  }

  @Test func eventsComeAsTheyArePublished() async throws {
    try await apart {
      let view = LiveView()
      let server = try PageServer(view, at: Self.free)
      defer { server.stop() }
      let port = server.address.port
      let listener = try #require(
        RawRequest(port: port, ["GET /events HTTP/1.1", "Host: 127.0.0.1:\(port)"]))
      let first = listener.read(until: "\n\n")
      #expect(first.contains("text/event-stream") && first.contains("retry: 1000"), "\(first)")
      view.publish(waiting: "<b>a name</b>\nof two lines")
      let second = listener.read(until: "of two lines")
      #expect(second.contains("event: status") && second.contains("\\nof two lines"), "\(second)")
      // A sign of life on a connection where nothing happens.
      #expect(listener.read(until: ":\n\n").contains(":\n\n"))
    }
  }

  @Test func aPortThatIsTakenIsAnError() async throws {
    try await apart {
      let server = try PageServer(LiveView(), at: Self.free)
      defer { server.stop() }
      #expect(throws: VoxelithError.self) { try PageServer(LiveView(), at: server.address).stop() }
    }
  }

  @Test(arguments: [
    ("8080", "127.0.0.1:8080"), ("localhost:1", "127.0.0.1:1"), ("[::1]:80", "[::1]:80"),
    ("0.0.0.0:5", "0.0.0.0:5"),
    (":7", "127.0.0.1:7"),
  ])
  func addressesAreRead(text: String, shown: String) { #expect(ServerAddress(text)?.text == shown) }

  @Test(arguments: ["", "a", "example.org:80", "1.2.3.4:x", "1.2.3.4:70000", "1.2.3:80"])
  func addressesThatAreNoneAreRefused(text: String) { #expect(ServerAddress(text) == nil) }

  @Test func onlyThisMachineIsLoopback() {
    for text in ["127.0.0.1:1", "127.1.2.3:1", "[::1]:1"] { #expect(ServerAddress(text)?.isLoopback == true) }
    for text in ["0.0.0.0:1", "10.0.0.1:1", "[::]:1", "128.0.0.1:1"] {
      #expect(ServerAddress(text)?.isLoopback == false)
    }
  }
}
