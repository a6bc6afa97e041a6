import FlyingFox
import Foundation
import Volumetry

/// What the server answers.
struct PageHandler: HTTPHandler {
  let view: LiveView
  let token: String?
  let address: @Sendable () -> ServerAddress

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard address().isOwn(request.headers[.host]) else {
      return refused(.forbidden, "this page is not served under that name")
    }
    // What a page of another site asks for is not answered; a link that somebody follows is.
    let (site, mode) = (
      request.headers[HTTPHeader("Sec-Fetch-Site")], request.headers[HTTPHeader("Sec-Fetch-Mode")]
    )
    guard site != "cross-site" || mode == "navigate", isOwn(request.headers[HTTPHeader("Origin")]) else {
      return refused(.forbidden, "another site may not ask")
    }
    guard isAdmitted(request) else { return refused(.unauthorized, "the address needs its token") }
    do throws(VoxelithError) {
      switch request.path {
      case "/": return page()
      case "/status": return json(view.status())
      case "/events":
        guard let changes = view.changes() else {
          return refused(.serviceUnavailable, "too many pages are open")
        }
        var headers = Self.headers("text/event-stream")
        headers[HTTPHeader("X-Accel-Buffering")] = "no"
        return HTTPResponse(
          statusCode: .ok, headers: headers, body: HTTPBodySequence(from: EventBytes(changes: changes)))
      case "/slice":
        guard let quantity = LiveView.Quantity(rawValue: request.text("name") ?? ""),
          let axis = Axis(rawValue: request.text("axis") ?? "z"), let index = request.number("index")
        else { return refused(.badRequest, "a slice has a name, an axis and an index") }
        return json(LiveView.json(try view.slice(quantity, axis: axis, index: index)))
      case "/spectrum":
        guard let z = request.number("z"), let y = request.number("y"), let x = request.number("x") else {
          return refused(.badRequest, "a voxel has z, y and x")
        }
        return json(LiveView.json(try view.spectrum(z: z, y: y, x: x)))
      case "/time-left":
        guard let wanted = request.text("sigma").flatMap(Double.init), wanted > 0, wanted.isFinite,
          let target = SigmaTarget(request.text("of") ?? "all")
        else {
          return refused(.badRequest, "a time is for a sigma and all, worst or a box z0:z1,y0:y1,x0:x1")
        }
        return json(view.timeLeft(wanted, of: target).map { LiveView.json($0) } ?? "null")
      default: return refused(.notFound, "there is no such page")
      }
    } catch {
      return refused(error.code == .usage ? .badRequest : .notFound, error.message)
    }
  }

  /// Whether a request comes from this page, as far as its `Origin` tells.
  private func isOwn(_ origin: String?) -> Bool {
    guard let origin else { return true }
    let scheme = "http://"
    return origin.hasPrefix(scheme) && address().isOwn(String(origin.dropFirst(scheme.count)))
  }

  /// Compares all letters of the token, so that the time tells nothing of how many are right.
  private func isAdmitted(_ request: HTTPRequest) -> Bool {
    guard let token else { return true }
    let (given, own) = (Array((request.text("token") ?? "").utf8), Array(token.utf8))
    guard given.count == own.count else { return false }
    return zip(given, own).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private func page() -> HTTPResponse {
    let nonce =
      String(UInt64.random(in: .min ... .max), radix: 36)
      + String(UInt64.random(in: .min ... .max), radix: 36)
    var headers = Self.headers("text/html; charset=utf-8")
    headers[HTTPHeader("Content-Security-Policy")] =
      "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; "
      + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return HTTPResponse(statusCode: .ok, headers: headers, body: Data(LivePage.html(nonce: nonce).utf8))
  }

  private func json(_ text: String) -> HTTPResponse {
    HTTPResponse(statusCode: .ok, headers: Self.headers("application/json"), body: Data(text.utf8))
  }

  private func refused(_ code: HTTPStatusCode, _ text: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: code, headers: Self.headers("text/plain; charset=utf-8"), body: Data((text + "\n").utf8))
  }

  private static func headers(_ type: String) -> HTTPHeaders {
    [
      .contentType: type, HTTPHeader("Cache-Control"): "no-store",
      HTTPHeader("X-Content-Type-Options"): "nosniff", HTTPHeader("Referrer-Policy"): "no-referrer",
      HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
    ]
  }
}

extension HTTPRequest {
  fileprivate func text(_ name: String) -> String? { query.first { $0.name == name }?.value }
  fileprivate func number(_ name: String) -> Int? { text(name).flatMap { Int($0) } }
}
