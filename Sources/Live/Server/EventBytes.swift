import FlyingSocks

/// Server-sent events (WHATWG HTML, 9.2): each status of a stream as one event, and a comment where there is nothing new.
struct EventBytes: AsyncBufferedSequence {
  typealias Element = UInt8
  let changes: AsyncStream<String>

  func makeAsyncIterator() -> Iterator { Iterator(changes: changes.makeAsyncIterator()) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    var changes: AsyncStream<String>.Iterator
    var isFirst = true

    mutating func next() async throws -> UInt8? { nil }

    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
      guard let text = await changes.next() else { return nil }
      defer { isFirst = false }
      // JSON has no line breaks. A page that lost its connection comes back after a second.
      let event = text.isEmpty ? ":\n\n" : "event: status\ndata: \(text)\n\n"
      return Array(((isFirst ? "retry: 1000\n" : "") + event).utf8)
    }
  }
}
