public import Volumetry

/// One of several parts that a map is shared out in: slabs of slices, as equal as they can be.
public struct Shard: Sendable, Hashable {
  /// From 1.
  public let number: Int
  public let count: Int

  /// - Throws: `usage` where there is no such part.
  public init(_ number: Int, of count: Int) throws(VoxelithError) {
    guard count >= 1, count <= 9999, (1...count).contains(number) else {
      throw VoxelithError(
        .usage, "there is no shard \(number) of \(count)", advice: "shards are 1/n to n/n, at most 9999")
    }
    self.number = number
    self.count = count
  }

  /// Reads `i/n`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/").compactMap { Int($0) }
    guard parts.count == 2, let shard = try? Shard(parts[0], of: parts[1]) else { return nil }
    self = shard
  }

  /// The slices of the part.
  ///
  /// - Throws: `usage` where there are more parts than slices.
  public func slices(of depth: Int) throws(VoxelithError) -> Range<Int> {
    guard count <= depth else {
      throw VoxelithError(.usage, "\(depth) slices cannot be shared out in \(count) shards")
    }
    return ((number - 1) * depth / count)..<(number * depth / count)
  }

  /// Name of the folder of the part.
  var name: String { "\(Self.digits(number))-of-\(Self.digits(count))" }

  private static func digits(_ value: Int) -> String {
    let text = "\(value)"
    return String(repeating: "0", count: max(0, 4 - text.count)) + text
  }
}
