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

  /// - Parameter range: the voxels of the buffer to count.
  init(_ buffer: VoxelBuffer, _ range: Range<Int>) {
    switch buffer {
    case .uint8(let values): self.init(integers: values.span.extracting(range))
    case .uint16(let values): self.init(integers: values.span.extracting(range))
    case .uint32(let values): self.init(integers: values.span.extracting(range))
    case .uint64(let values): self.init(integers: values.span.extracting(range))
    case .int8(let values): self.init(integers: values.span.extracting(range))
    case .int16(let values): self.init(integers: values.span.extracting(range))
    case .int32(let values): self.init(integers: values.span.extracting(range))
    case .int64(let values): self.init(integers: values.span.extracting(range))
    case .float16(let values): self.init(floats: values.span.extracting(range))
    case .float32(let values): self.init(floats: values.span.extracting(range))
    case .float64(let values): self.init(floats: values.span.extracting(range))
    }
  }

  private init<Value: FixedWidthInteger & BitwiseCopyable>(integers values: Span<Value>) {
    guard !values.isEmpty else { return }
    var (low, high) = (values[0], values[0])
    var sum = 0.0
    for index in values.indices {
      let value = values[index]
      low = min(low, value)
      high = max(high, value)
      sum += Double(value)
    }
    finite = values.count
    minimum = Double(low)
    maximum = Double(high)
    mean = sum / Double(finite)
    for index in values.indices {
      let distance = Double(values[index]) - mean
      squares += distance * distance
    }
  }

  private init<Value: BinaryFloatingPoint & BitwiseCopyable>(floats values: Span<Value>) {
    var sum = 0.0
    for index in values.indices {
      let value = Double(values[index])
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
    if !mean.isFinite {
      // The sum is beyond the range of doubles, the mean is not.
      let unit = 0x1p64
      sum = 0
      for index in values.indices {
        let value = Double(values[index])
        if value.isFinite { sum += value / unit }
      }
      mean = sum / Double(finite) * unit
    }
    for index in values.indices {
      let value = Double(values[index])
      let distance = value - mean
      if value.isFinite { squares += distance * distance }
    }
  }

  mutating func merge(_ other: BandSums) {
    infinite += other.infinite
    missing += other.missing
    guard other.finite > 0 else { return }
    guard finite > 0 else {
      (finite, mean, squares) = (other.finite, other.mean, other.squares)
      (minimum, maximum) = (other.minimum, other.maximum)
      return
    }
    let total = Double(finite + other.finite)
    let distance = other.mean - mean
    let moved = distance * Double(other.finite)
    squares += other.squares + distance * distance * Double(finite) * Double(other.finite) / total
    mean =
      moved.isFinite
      ? mean + moved / total
      : mean * (Double(finite) / total) + other.mean * (Double(other.finite) / total)
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
    let range = upper - lower
    // A range beyond that of doubles is halved with its values.
    let unit = range.isFinite ? 1.0 : 0.5
    let scale = Double(bins) / (upper * unit - lower * unit)
    for value in buffer.doubles() where value.isFinite {
      let place = bins == 1 ? 0 : (value * unit - lower * unit) * scale
      result[place.isFinite ? min(max(Int(place), 0), bins - 1) : bins - 1] += 1
    }
    return result
  }
}
