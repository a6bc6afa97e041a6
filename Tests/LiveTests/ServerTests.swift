import Foundation
import Live
import Readers
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

  @Test func anEmptyTokenIsNoneAndAShortOneIsRefused() async throws {
    try await apart {
      let everywhere = ServerAddress(host: "0.0.0.0", port: 0)
      let server = try PageServer(LiveView(), at: everywhere, token: "")
      #expect((server.token ?? "").count > 30)
      #expect(code(RawRequest.get("/status?token=", port: server.address.port)) == "401")
      server.stop()
      for address in [everywhere, Self.free] {
        #expect(throws: VoxelithError.self) {
          try PageServer(LiveView(), at: address, token: "fifteen letters").stop()
        }
      }
      let named = try PageServer(LiveView(), at: everywhere, token: "a b&c=d#e/f?ä+%20")
      defer { named.stop() }
      let query = "?token=a%20b%26c%3Dd%23e%2Ff%3F%C3%A4%2B%2520"
      #expect(named.url.hasSuffix(query), "\(named.url)")
      #expect(code(RawRequest.get("/status" + query, port: named.address.port)) == "200")
    }
  }

  /// The answer comes before a body, and the connection ends with it.
  @Test func bodiesAreNotRead() async throws {
    try await apart {
      let server = try PageServer(LiveView(), at: Self.free)
      defer { server.stop() }
      let port = server.address.port
      for (method, kind, wanted) in [
        ("POST", "Content-Length: 99999999999", "405"), ("GET", "Content-Length: 99999999999", "413"),
        ("POST", "Transfer-Encoding: chunked", "405"),
      ] {
        let request = try #require(
          RawRequest(port: port, ["\(method) /status HTTP/1.1", "Host: 127.0.0.1:\(port)", kind]))
        let answer = request.read()
        #expect(code(answer) == wanted && answer.contains("Connection: close"), "\(answer)")
      }
    }
  }

  /// Connections that nobody uses give way to new ones, the oldest first.
  @Test func idleConnectionsDoNotKeepOthersOut() async throws {
    try await apart {
      let server = try PageServer(LiveView(), at: Self.free)
      defer { server.stop() }
      let port = server.address.port
      let began = Date()
      let idle = (0..<150).compactMap { _ in RawRequest(port: port, ["GET / HTTP/1.1", "Host: nobody"]) }
      #expect(idle.count == 150)
      for one in idle { one.read(until: "\r\n\r\n") }
      #expect(code(RawRequest.get("/status", port: port)) == "200")
      #expect(code(try #require(idle.first).read()) == "403")
      #expect(Date().timeIntervalSince(began) < 25, "it ended by its time")
    }
  }

  /// Several at once would take minutes to be understood: they are refused, and others are answered meanwhile.
  @Test func linesWithoutEndKeepNobodyWaiting() async throws {
    try await apart {
      let server = try PageServer(LiveView(), at: Self.free)
      defer { server.stop() }
      let port = server.address.port
      let long = "GET /?" + String(repeating: "a", count: 400_000) + " HTTP/1.1"
      let all = (0..<8).compactMap { _ in RawRequest(port: port, [long, "Host: 127.0.0.1:\(port)"]) }
      let began = Date()
      #expect(all.count == 8 && code(RawRequest.get("/status", port: port)) == "200")
      for one in all { #expect(["431", ""].contains(code(one.read()))) }
      #expect(Date().timeIntervalSince(began) < 30)
    }
  }

  /// Requests that RFC 9112 forbids, and pages of other sites.
  @Test func whatIsNoRequestIsRefused() async throws {
    try await apart {
      let server = try PageServer(LiveView(), at: Self.free)
      defer { server.stop() }
      let port = server.address.port
      let own = "Host: 127.0.0.1:\(port)"
      func answer(_ lines: String...) -> String {
        code(RawRequest(port: port, lines + ["Connection: close"])?.read() ?? "no connection")
      }
      #expect(answer("GET /status HTTP/1.1", own) == "200")
      #expect(answer("GET /status HTTP/1.1", "Host: evil.example", own) == "400")
      #expect(answer("GET /status HTTP/1.1", own, own) == "400")
      #expect(answer("GET http://evil.example/status HTTP/1.1", own) == "400")
      #expect(answer("GET /status HTTP/1.1", own, "Host : evil.example") == "400")
      #expect(answer("GET /status", own) == "400")
      #expect(answer("GET /status HTTP/1.1", own, " folded") == "400")
      #expect(answer("GET /status HTTP/1.1", own, "Content-Length: 30") == "413")
      #expect(answer("GET /status HTTP/1.1", own, "Origin: http://evil.example") == "403")
      #expect(answer("GET /status HTTP/1.1", own, "Origin: http://127.0.0.1:\(port)") == "200")
      #expect(answer("PRI * HTTP/2.0") == "400")
    }
  }

  /// It is refused as soon as it is longer than a request may be.
  @Test func aLineWithoutEndIsCutOff() async throws {
    try await apart {
      let server = try PageServer(LiveView(), at: Self.free)
      defer { server.stop() }
      let port = server.address.port
      let long = "GET /?" + String(repeating: "a", count: 1_000_000) + " HTTP/1.1"
      let answer = RawRequest(port: port, [long, "Host: 127.0.0.1:\(port)"])?.read()
      #expect(
        answer.map { $0.isEmpty || code($0) == "431" } == true, "\(answer?.prefix(100) ?? "no connection")")
      #expect(code(RawRequest.get("/status", port: port)) == "200")
    }
  }

  @Test func aServerThatBreaksOffComesBack() async throws {
    try await apart {
      let told = Guarded<[String]>([])
      let server = try PageServer(LiveView(), at: Self.free) { text in told.withLock { $0.append(text) } }
      defer { server.stop() }
      let port = server.address.port
      #expect(code(RawRequest.get("/status", port: port)) == "200")
      server.breakOff()
      let end = Date().addingTimeInterval(30)
      while told.withLock({ $0.isEmpty }), Date() < end { usleep(20_000) }
      while code(RawRequest.get("/status", port: port)) != "200", Date() < end { usleep(50_000) }
      #expect(code(RawRequest.get("/status", port: port)) == "200")
      #expect(told.withLock { $0 }.first?.contains("is served again") == true)
    }
  }

  /// The folder of the socket, by the name that tells whose it is.
  private func doors() -> [String] {
    let base = NSTemporaryDirectory()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
    return names.filter { WorkName($0) != nil }.map { PathName.join(base, $0) }.filter {
      FileManager.default.fileExists(atPath: $0 + "/page")
    }
  }

  /// Folders for temporary files are tidied up by others.
  @Test func aSocketThatSomebodyRemovedIsMadeAnew() async throws {
    try await apart {
      let before = Set(doors())
      let server = try PageServer(LiveView(), at: Self.free)
      let port = server.address.port
      #expect(code(RawRequest.get("/status", port: port)) == "200")
      let own = Set(doors()).subtracting(before)
      #expect(own.count == 1, "\(own)")
      for folder in own { try FileManager.default.removeItem(atPath: folder) }
      #expect(code(RawRequest.get("/status", port: port)) == "503")
      let end = Date().addingTimeInterval(30)
      while code(RawRequest.get("/status", port: port)) != "200", Date() < end { usleep(50_000) }
      #expect(code(RawRequest.get("/status", port: port)) == "200")
      let made = Set(doors()).subtracting(before)
      server.stop()
      #expect(made.count == 1 && made.allSatisfy { !FileManager.default.fileExists(atPath: $0) }, "\(made)")
    }
  }

  /// A watch that was killed leaves its folder; the next one takes it away, and nothing that holds anything else.
  @Test func whatAKilledWatchLeftGoes() async throws {
    try await apart {
      let base = NSTemporaryDirectory()
      // A process of this number began at another time.
      let parts = WorkName.next().hidden.split(separator: "-")
      let dead = [parts[0], parts[1], parts[2], "1", parts[4]].joined(separator: "-")
      let full = [parts[0], parts[1], parts[2], "2", parts[4]].joined(separator: "-")
      for name in [dead, full] {
        try FileManager.default.createDirectory(
          atPath: PathName.join(base, name), withIntermediateDirectories: false)
      }
      let paper = PathName.join(PathName.join(base, full), "paper")
      try "mine".write(toFile: paper, atomically: false, encoding: .utf8)
      defer { try? FileManager.default.removeItem(atPath: PathName.join(base, full)) }
      let found = try Leftovers(in: base).dead.map { PathName.last(of: $0) }
      #expect(found.contains(dead), "\(found)")
      let server = try PageServer(LiveView(), at: Self.free)
      defer { server.stop() }
      #expect(!FileManager.default.fileExists(atPath: PathName.join(base, dead)))
      #expect(FileManager.default.fileExists(atPath: paper))
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
