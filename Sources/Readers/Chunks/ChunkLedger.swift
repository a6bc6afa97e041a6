/// What a cache holds, as a list from the chunk that was not asked for the longest time to the one of the last request.
struct ChunkLedger {
  struct Entry {
    var key: ChunkCache.Key
    var chunk: ChunkBytes?
    /// When it was asked for last, in requests.
    var used: Int
    var previous: Int?
    var next: Int?

    var size: Int { ChunkLedger.size(chunk) }
  }

  private var places: [ChunkCache.Key: Int] = [:]
  private(set) var entries: [Entry?] = []
  private var free: [Int] = []
  private(set) var oldest: Int?
  private var newest: Int?
  private(set) var bytes = 0
  private(set) var clock = 0
  /// Chunks that are being unpacked, with the number of threads that wait for each.
  var loading: [ChunkCache.Key: Int] = [:]

  static func size(_ chunk: ChunkBytes?) -> Int { (chunk?.bytes.count ?? 0) + 160 }

  mutating func forget(_ owner: ObjectIdentifier) {
    for (key, place) in places where key.owner == owner { remove(place) }
  }

  mutating func find(_ key: ChunkCache.Key) -> ChunkBytes?? {
    clock += 1
    guard let place = places[key], var entry = entries[place] else { return nil }
    unlink(place)
    entry.used = clock
    entries[place] = entry
    append(place)
    return .some(entry.chunk)
  }

  mutating func insert(_ key: ChunkCache.Key, _ chunk: ChunkBytes?) {
    guard places[key] == nil else { return }
    let entry = Entry(key: key, chunk: chunk, used: clock)
    let place = free.popLast() ?? entries.count
    if place == entries.count { entries.append(entry) } else { entries[place] = entry }
    places[key] = place
    bytes += entry.size
    append(place)
  }

  mutating func remove(_ place: Int) {
    guard let entry = entries[place] else { return }
    unlink(place)
    places[entry.key] = nil
    bytes -= entry.size
    entries[place] = nil
    free.append(place)
  }

  private mutating func append(_ place: Int) {
    entries[place]?.previous = newest
    entries[place]?.next = nil
    if let newest { entries[newest]?.next = place } else { oldest = place }
    newest = place
  }

  private mutating func unlink(_ place: Int) {
    guard let entry = entries[place] else { return }
    if let previous = entry.previous { entries[previous]?.next = entry.next } else { oldest = entry.next }
    if let next = entry.next { entries[next]?.previous = entry.previous } else { newest = entry.previous }
  }
}
