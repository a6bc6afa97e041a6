import Readers
public import Volumetry

/// Values below which given parts of a map's voxels lie. They do not move with a few wild voxels, as a mean does.
public struct ValueQuantiles: Codable, Sendable, Hashable {
  public var median: Double
  /// Between them lie 68.27 % of the values: one standard deviation to both sides, were they normal.
  public var inner: [Double]
  /// Between them lie 95 % of the values.
  public var outer: [Double]

  enum CodingKeys: String, CodingKey {
    case median
    case inner = "middle_68_percent"
    case outer = "middle_95_percent"
  }

  /// Exact quantiles of the values of the good voxels (mask 0), the nearest rank, slice by slice: two passes over the
  /// files and half a megabyte whatever the size. Nil where no voxel is good.
  ///
  /// - Throws: errors of reading.
  public init?(of values: any VolumeSource, mask: any VolumeSource) throws(VoxelithError) {
    let parts = [0.025, 0.158655, 0.5, 0.841345, 0.975]
    var upper = [Int](repeating: 0, count: 1 << 16)
    try Self.forEach(values, mask) { upper[Int($0 >> 16)] += 1 }
    let count = upper.reduce(0, +)
    guard count > 0 else { return nil }
    // The bucket of each rank, and the rank within it.
    let places = parts.map { part in
      var rank = min(count - 1, max(0, Int((part * Double(count)).rounded(.up)) - 1))
      var bucket = 0
      while rank >= upper[bucket] {
        rank -= upper[bucket]
        bucket += 1
      }
      return (bucket: bucket, rank: rank)
    }
    var lower: [Int: [Int]] = [:]
    for place in places { lower[place.bucket] = [Int](repeating: 0, count: 1 << 16) }
    try Self.forEach(values, mask) { lower[Int($0 >> 16)]?[Int($0 & 0xFFFF)] += 1 }
    let found = places.map { place in
      var rank = place.rank
      var low = 0
      let counts = lower[place.bucket] ?? []
      while low < counts.count - 1, rank >= counts[low] {
        rank -= counts[low]
        low += 1
      }
      return Double(Self.value(UInt32(place.bucket) << 16 | UInt32(low)))
    }
    median = rounded(found[2])
    inner = [rounded(found[1]), rounded(found[3])]
    outer = [rounded(found[0]), rounded(found[4])]
  }

  private static func forEach(
    _ values: any VolumeSource, _ mask: any VolumeSource, _ body: (UInt32) -> Void
  ) throws(VoxelithError) {
    let shape = values.grid.shape
    for z in 0..<shape.z {
      try Cancellation.poll()
      let slice = Region(slices: z..<(z + 1), of: shape)
      let numbers = try values.readFloats(slice)
      let reasons = try mask.readLabels(slice)
      for index in numbers.indices where reasons[index] == 0 && numbers[index].isFinite {
        body(key(numbers[index]))
      }
    }
  }

  /// Whole numbers in the order of the values.
  private static func key(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
  }

  private static func value(_ key: UInt32) -> Float {
    Float(bitPattern: key & 0x8000_0000 == 0 ? ~key : key & 0x7FFF_FFFF)
  }
}
