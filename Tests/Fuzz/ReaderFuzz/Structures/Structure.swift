import Foundation
import Voxelith

/// An array of known numbers in a file that is put together by hand: kinds of numbers, shapes, chunks, lists of filters, lengths
/// of chunks, links and depths, drawn from a seed. What reading must give is known with it.
struct Structure {
  /// What reading has to do.
  enum Expectation {
    /// Give the numbers.
    case values
    /// End in an error: a chunk cannot hold what it should.
    case refusal
    /// Either of both, but never other numbers.
    case valuesOrRefusal
    /// No crash, no hang, no balloon; the numbers are not known.
    case anything
  }

  let number: Int
  private(set) var expectation = Expectation.values
  private(set) var values: [Double] = []
  private(set) var type = VoxelType.uint8
  private(set) var shape: [Int] = []
  private(set) var chunk: [Int] = []
  private(set) var isBigEndian = false
  private var random: SeededGenerator

  init(_ number: Int, seed: UInt64) {
    self.number = number
    random = SeededGenerator(seed: seed ^ 0x5EED, stream: UInt64(number))
  }

  /// Writes the files into an empty folder; answers the path to open and the bytes of all files.
  mutating func write(to folder: String) throws -> (path: String, dataset: String?, bytes: Int) {
    type = VoxelType.allCases.randomElement(using: &random) ?? .uint8
    isBigEndian = Bool.random(using: &random)
    let axes = Int.random(in: 2...3, using: &random)
    let side = axes == 2 ? 40 : 12
    shape = (0..<axes).map { _ in Int.random(in: 1...side, using: &random) }
    chunk = shape.map { Int.random(in: 1...$0, using: &random) }
    // Small whole numbers, which every type holds.
    values = (0..<shape.reduce(1, *)).map { _ in Double(Int.random(in: 0...100, using: &random)) }
    return Bool.random(using: &random) ? try writeHDF5(to: folder) : try writeZarr(to: folder)
  }

  private var places: [[Int]] {
    let counts = zip(shape, chunk).map { ($0 - 1) / $1 + 1 }
    return (0..<counts.reduce(1, *)).map { number in
      var rest = number
      var place = counts
      for axis in counts.indices.reversed() {
        place[axis] = rest % counts[axis]
        rest /= counts[axis]
      }
      return place
    }
  }

  /// The bytes of a chunk before it is packed, its axes from the slowest to the fastest as `order` has them.
  private func plain(_ place: [Int], order: [Int]? = nil) -> [UInt8] {
    let order = order ?? Array(chunk.indices)
    let sides = order.map { chunk[$0] }
    return (0..<chunk.reduce(1, *)).flatMap { number -> [UInt8] in
      var rest = number
      var inside = [Int](repeating: 0, count: chunk.count)
      for position in sides.indices.reversed() {
        inside[order[position]] = rest % sides[position]
        rest /= sides[position]
      }
      var index = 0
      for axis in chunk.indices {
        let at = place[axis] * chunk[axis] + inside[axis]
        if at >= shape[axis] { return bytes(of: 0) }
        index = index * shape[axis] + at
      }
      return bytes(of: values[index])
    }
  }

  private func bytes(of value: Double) -> [UInt8] {
    let bits: UInt64 =
      switch type {
      case .float16: UInt64(Float16(value).bitPattern)
      case .float32: UInt64(Float(value).bitPattern)
      case .float64: value.bitPattern
      default: UInt64(value)
      }
    return isBigEndian ? ChunkEncoders.big(bits, type.size) : ChunkEncoders.little(bits, type.size)
  }

  // MARK: HDF5

  private mutating func writeHDF5(to folder: String) throws -> (String, String?, Int) {
    let filters = (0..<Int.random(in: 0...3, using: &random)).map { _ in
      HandmadeFilter.allCases.randomElement(using: &random) ?? .deflate
    }
    let file = try HDF5Output(path: folder + "/data.h5", overwrite: true)
    let depth = Int.random(in: 0...12, using: &random)
    var group = ""
    for level in 0..<depth {
      group += "/g\(level)"
      try file.group(group)
    }
    let path = group + "/array"
    do {
      let array = try HDF5HandmadeArray(
        path, in: file, type: type, isBigEndian: isBigEndian, shape: shape, chunk: chunk,
        filters: filters.map { ($0.identifier, $0.settings(size: type.size)) })
      let bad = Bool.random(using: &random) ? places.randomElement(using: &random) : nil
      for place in places {
        var bytes = plain(place)
        var skipped: UInt32 = 0
        if place == bad { (bytes, skipped) = damaged(bytes, filters) } else { bytes = pack(bytes, filters) }
        try array.write(bytes, at: place, chunk: chunk, skipped: skipped)
      }
    }
    if case .values = expectation, !shufflesWholeNumbers(filters) { expectation = .valuesOrRefusal }
    let link = Int.random(in: 0...3, using: &random)
    if link == 1 { try file.softLink("/soft", to: path) }
    if link == 2 {
      try file.softLink("/one", to: "/two")
      try file.softLink("/two", to: "/one")
      expectation = .refusal
    }
    try file.finish()
    var opened = folder + "/data.h5"
    if link == 3 {
      let master = try HDF5Output(path: folder + "/master.h5", overwrite: true)
      try master.externalLink("/there", to: path, in: "data.h5")
      try master.finish()
      opened = folder + "/master.h5"
    }
    let size = (FileManager.default.contents(atPath: folder + "/data.h5") ?? Data()).count
    return (opened, [path, "/soft", "/one", "/there"][link], size)
  }

  private func pack(_ bytes: [UInt8], _ filters: [HandmadeFilter]) -> [UInt8] {
    filters.reduce(bytes) { $1.pack($0, size: type.size) }
  }

  /// Whether Bitshuffle, which refuses anything else, gets whole numbers from the filters before it.
  private func shufflesWholeNumbers(_ filters: [HandmadeFilter]) -> Bool {
    var bytes = [UInt8](repeating: 0, count: chunk.reduce(type.size, *))
    for filter in filters {
      if filter == .bitshuffle, !bytes.count.isMultiple(of: type.size) { return false }
      bytes = filter.pack(bytes, size: type.size)
    }
    return true
  }

  /// A chunk of another length, or with other bytes, than its array says.
  private mutating func damaged(_ bytes: [UInt8], _ filters: [HandmadeFilter]) -> ([UInt8], UInt32) {
    let isChecked = filters.contains(.fletcher32)
    switch Int.random(in: 0...7, using: &random) {
    case 0 where bytes.count > 1:
      expectation = .refusal
      return (pack(Array(bytes.dropLast(Int.random(in: 1..<bytes.count, using: &random))), filters), 0)
    case 1:
      expectation = .refusal
      let more = [UInt8](repeating: 7, count: 1 << Int.random(in: 0...16, using: &random))
      return (pack(bytes + more, filters), 0)
    case 2:
      let packed = pack(bytes, filters)
      let cut = Array(packed.prefix(max(1, Int.random(in: 0..<packed.count, using: &random))))
      // One byte is all that there is of some.
      if cut.count < packed.count { expectation = filters.isEmpty ? .refusal : .valuesOrRefusal }
      return (cut, 0)
    case 3:
      expectation = filters.isEmpty ? .refusal : .valuesOrRefusal
      return (pack(bytes, filters) + [UInt8](repeating: 9, count: Int.random(in: 1...300, using: &random)), 0)
    case 4:
      var packed = pack(bytes, filters)
      expectation = .anything
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        packed[Int.random(in: 0..<packed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      return (packed, 0)
    case 5:
      // Lengths that are claimed at the beginning.
      var packed = pack(bytes, filters)
      expectation = .anything
      let claims: [UInt64] = [0, 1, UInt64(UInt32.max), UInt64.max, 1 << 40]
      let claim = claims.randomElement(using: &random) ?? 0
      let wide = ChunkEncoders.big(claim, 8)
      for (index, byte) in wide.enumerated() where index < packed.count { packed[index] = byte }
      return (packed, 0)
    case 6 where !filters.isEmpty:
      // A filter that was left out for this chunk.
      let left = Int.random(in: 0..<filters.count, using: &random)
      let others = filters.indices.filter { $0 != left }.map { filters[$0] }
      expectation = shufflesWholeNumbers(others) ? .values : .valuesOrRefusal
      return (pack(bytes, others), 1 << UInt32(left))
    default:
      // A filter that is said to be left out, and was not.
      guard !filters.isEmpty else { return (pack(bytes, filters), 0) }
      expectation =
        isChecked || filters.contains(.shuffle) || filters.contains(.bitshuffle) ? .anything : .refusal
      return (pack(bytes, filters), 1 << UInt32(Int.random(in: 0..<filters.count, using: &random)))
    }
  }

  // MARK: Zarr

  private mutating func writeZarr(to folder: String) throws -> (String, String?, Int) {
    let root = folder + "/array.zarr"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    let version = Bool.random(using: &random) ? 3 : 2
    let order =
      version == 3
      ? chunk.indices.shuffled(using: &random)
      : Bool.random(using: &random) ? Array(chunk.indices) : chunk.indices.reversed()
    let codec = ["none", "zstd", "blosc", "zlib"].randomElement(using: &random) ?? "none"
    let hasChecksum = version == 3 && Bool.random(using: &random)
    func packed(_ bytes: [UInt8]) -> [UInt8] {
      let inner =
        switch codec {
        case "zstd": ChunkEncoders.zstd(bytes)
        case "blosc": ChunkEncoders.blosc(bytes, size: type.size)
        case "zlib": ChunkEncoders.zlib(bytes)
        default: bytes
        }
      return hasChecksum ? ChunkEncoders.crc32c(inner) : inner
    }
    var chunks: [[Int]: [UInt8]] = [:]
    let bad = Bool.random(using: &random) ? places.randomElement(using: &random) : nil
    for place in places {
      let bytes = plain(place, order: order)
      chunks[place] = packed(bytes)
      guard place == bad else { continue }
      switch Int.random(in: 0...3, using: &random) {
      case 0 where bytes.count > 1:
        expectation = .refusal
        chunks[place] = packed(Array(bytes.dropLast(Int.random(in: 1..<bytes.count, using: &random))))
      case 1:
        expectation = .refusal
        chunks[place] = packed(
          bytes + [UInt8](repeating: 3, count: 1 << Int.random(in: 0...12, using: &random)))
      case 2:
        expectation = .valuesOrRefusal
        chunks[place] = Array(packed(bytes).dropLast(Int.random(in: 1...4, using: &random)))
      default:
        expectation = .anything
        chunks[place]?[0] ^= 0xFF
      }
      if chunks[place]?.isEmpty != false {
        // A byte again, which may be all that a chunk needs.
        chunks[place] = [0]
        expectation = .anything
      }
    }
    let texts = ZarrTexts(
      shape: shape, chunk: chunk, type: type, isBigEndian: isBigEndian, order: order, codec: codec,
      hasChecksum: hasChecksum)
    if version == 2 {
      try Data(texts.version2.utf8).write(to: URL(fileURLWithPath: root + "/.zarray"))
      for (place, bytes) in chunks {
        try Data(bytes).write(
          to: URL(fileURLWithPath: root + "/" + place.map(String.init).joined(separator: ".")))
      }
    } else {
      try writeZarr3(texts, chunks, to: root)
    }
    let size = chunks.values.reduce(0) { $0 + $1.count }
    return (root, nil, size + 4096)
  }

  private mutating func writeZarr3(_ texts: ZarrTexts, _ chunks: [[Int]: [UInt8]], to root: String) throws {
    let isSharded = Bool.random(using: &random)
    let counts = isSharded ? chunk.map { _ in Int.random(in: 1...3, using: &random) } : chunk.map { _ in 1 }
    let isAtEnd = Bool.random(using: &random)
    try Data(texts.version3(shards: isSharded ? counts : nil, isAtEnd: isAtEnd).utf8).write(
      to: URL(fileURLWithPath: root + "/zarr.json"))
    func path(_ place: [Int]) throws -> URL {
      let folder = root + "/c/" + place.dropLast().map(String.init).joined(separator: "/")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return URL(fileURLWithPath: folder + "/\(place[place.count - 1])")
    }
    guard isSharded else {
      for (place, bytes) in chunks { try Data(bytes).write(to: path(place)) }
      return
    }
    let shards = Dictionary(grouping: chunks.keys) { zip($0, counts).map { $0 / $1 } }
    let total = counts.reduce(1, *)
    for (shard, members) in shards.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      var body: [UInt8] = []
      var index = [UInt8](repeating: 0xFF, count: 16 * total)
      let header = isAtEnd ? 0 : 16 * total + 4
      for place in members.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        let number = zip(place, counts).reduce(0) { $0 * $1.1 + $1.0 % $1.1 }
        let bytes = chunks[place] ?? []
        let entry =
          ChunkEncoders.little(UInt64(header + body.count), 8) + ChunkEncoders.little(UInt64(bytes.count), 8)
        index.replaceSubrange((16 * number)..<(16 * number + 16), with: entry)
        body += bytes
      }
      var entries = index
      if Int.random(in: 0...9, using: &random) == 0 {
        // Places beyond the file, and lengths beyond measure.
        expectation = .anything
        let at = 8 * Int.random(in: 0..<(2 * total), using: &random)
        let values: [UInt64] = [1 << 62, .max - 1, UInt64(body.count + header + 1)]
        let value = values.randomElement(using: &random) ?? 0
        entries.replaceSubrange(at..<(at + 8), with: ChunkEncoders.little(value, 8))
      }
      let sealed = ChunkEncoders.crc32c(entries)
      try Data(isAtEnd ? body + sealed : sealed + body).write(to: path(shard))
    }
  }
}
