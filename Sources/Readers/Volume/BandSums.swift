import Volumetry

/// Sums over the voxels of a band, merged with those of the bands before it (Chan, Golub and LeVeque).
struct BandSums: Sendable {
  var finite = 0
  var infinite = 0
  var missing = 0
  var minimum = Double.infinity
  var maximum = -Double.infinity
  var mean = 0.0
  /// Sum of the squared distances from the mean.
  var squares = 0.0

  init() {}

  init(_ buffer: VoxelBuffer) {
    switch buffer {
    case .uint8(let values): self.init(integers: values)
    case .uint16(let values): self.init(integers: values)
    case .uint32(let values): self.init(integers: values)
    case .uint64(let values): self.init(integers: values)
    case .int8(let values): self.init(integers: values)
    case .int16(let values): self.init(integers: values)
    case .int32(let values): self.init(integers: values)
    case .int64(let values): self.init(integers: values)
    case .float16(let values): self.init(floats: values.map { Double($0) })
    case .float32(let values): self.init(floats: values.map { Double($0) })
    case .float64(let values): self.init(floats: values)
    }
  }

  private init<Value: FixedWidthInteger>(integers values: [Value]) {
    guard let first = values.first else { return }
    var (low, high) = (first, first)
    var sum = 0.0
    for value in values {
      low = min(low, value)
      high = max(high, value)
      sum += Double(value)
    }
    finite = values.count
    minimum = Double(low)
    maximum = Double(high)
    mean = sum / Double(finite)
    for value in values {
      let distance = Double(value) - mean
      squares += distance * distance
    }
  }

  private init(floats values: [Double]) {
    var sum = 0.0
    for value in values {
      if value.isFinite {
        finite += 1
        sum += value
        minimum = min(minimum, value)
        maximum = max(maximum, value)
      } else if value.isNaN {
        missing += 1
      } else {
        infinite += 1
      }
    }
    guard finite > 0 else { return }
    mean = sum / Double(finite)
    for value in values where value.isFinite {
      let distance = value - mean
      squares += distance * distance
    }
  }

  mutating func merge(_ other: BandSums) {
    infinite += other.infinite
    missing += other.missing
    guard other.finite > 0 else { return }
    let total = Double(finite + other.finite)
    let distance = other.mean - mean
    squares += other.squares + distance * distance * Double(finite) * Double(other.finite) / total
    mean += distance * Double(other.finite) / total
    finite += other.finite
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
  }
}

/// Equal bins of a histogram.
struct Binning: Sendable {
  let lower: Double
  let upper: Double
  let bins: Int

  func counts(_ buffer: VoxelBuffer) -> [Int] {
    var result = [Int](repeating: 0, count: bins)
    let scale = Double(bins) / (upper - lower)
    for value in buffer.doubles() where value.isFinite {
      result[min(max(Int((value - lower) * scale), 0), bins - 1)] += 1
    }
    return result
  }
}
