import Volumetry

/// Sums over voxels with pure neighbourhoods by depth and class, in whole numbers, so that their order does not matter.
struct PureSums: Sendable {
  let classes: Int
  let depths: Int
  /// By depth, then class: voxels that lie at least so deep.
  private(set) var counts: [Int]
  private var sums: [Int]
  private var squares: [Int]
  /// By depth, class, width of the blur, then class that is carried here; in parts of `1 / leakUnit`. Nothing at depth 0, where
  /// what is carried is not looked at.
  private var leaks: [Int]
  /// By depth, class, axis, then lag from 0, of what the blurred classes leave of two voxels: the sums of their products, of the
  /// first ones and of the second ones, and the pairs. Nothing at depth 0.
  private var pairs: [SIMD4<Int>]

  private static let leakUnit = 1 << 24
  private static let widths = 2
  /// Lags in voxels over which the noise is looked at.
  static let lags = 3

  init(classes: Int, depths: Int) {
    self.classes = classes
    self.depths = depths
    counts = [Int](repeating: 0, count: depths * classes)
    sums = counts
    squares = counts
    leaks = [Int](repeating: 0, count: depths * classes * Self.widths * classes)
    pairs = [SIMD4<Int>](repeating: .zero, count: depths * classes * 3 * (Self.lags + 1))
  }

  /// Voxels that are counted, in rows along x.
  struct Layers {
    let shape: Shape
    let grey: [Float]
    /// Class of each voxel.
    let labels: [UInt8]
    /// Depth to which the neighbourhood of each voxel is of one class; less than 0 where the voxel is left out.
    let depths: [Int8]
    /// By width of the blur, then class: the part of the class in each voxel.
    let leaks: [Float]
    /// What the blurred classes leave of each voxel that lies at least 1 deep, in steps, or ``unclear``; empty where that is not
    /// known.
    let noise: [Int32]

    static let unclear = Int32.min
  }

  /// Counts the voxels of a part of a row at their largest depth, and the pairs that each begins.
  mutating func add(_ layers: Layers, z: Int, y: Int, x: Range<Int>, _ scale: GreyScale) {
    Self.add(layers, z: z, y: y, x: x, scale, classes, &counts, &sums, &squares, &leaks, &pairs)
  }

  private static func add(
    _ layers: Layers, z: Int, y: Int, x: Range<Int>, _ scale: GreyScale, _ classes: Int,
    _ counts: inout [Int], _ sums: inout [Int], _ squares: inout [Int], _ leaks: inout [Int],
    _ pairs: inout [SIMD4<Int>]
  ) {
    let shape = layers.shape
    let row = shape.index(z: z, y: y, x: 0)
    let voxels = layers.grey.count
    let widths = layers.leaks.count / (voxels * classes)
    let grey = layers.grey.span
    let labels = layers.labels.span
    let depths = layers.depths.span
    let carried = layers.leaks.span
    let noise = layers.noise.span
    let steps = [1, shape.x, shape.x * shape.y]
    var counted = counts.mutableSpan
    var summed = sums.mutableSpan
    var squared = squares.mutableSpan
    var leak = leaks.mutableSpan
    var pair = pairs.mutableSpan
    for place in x where depths[row + place] >= 0 {
      let i = row + place
      let own = Int(labels[i])
      let depth = Int(depths[i])
      let value = scale.steps(Double(grey[i]) - scale.origin)
      let at = depth * classes + own
      counted[at] += 1
      summed[at] += value
      squared[at] += value * value
      guard depth > 0 else { continue }
      for width in 0..<widths {
        let target = (at * Self.widths + width) * classes
        let source = width * classes * voxels + i
        for other in 0..<classes where other != own {
          leak[target + other] += nearest(Double(carried[source + other * voxels]) * Double(Self.leakUnit))
        }
      }
      guard !noise.isEmpty, noise[i] != Layers.unclear else { continue }
      let first = Int(noise[i])
      pair[(at * 3 + 2) * (Self.lags + 1)] &+= SIMD4(first * first, first, first, 1)
      for axis in 0..<3 {
        let left = axis == 0 ? shape.x - place : axis == 1 ? shape.y - y : shape.z - z
        var next = i
        for lag in 1..<min(Self.lags + 1, max(1, left)) {
          next += steps[axis]
          guard noise[next] != Layers.unclear, labels[next] == labels[i] else { continue }
          let second = Int(noise[next])
          let shallow = min(depth, Int(depths[next]))
          pair[((shallow * classes + own) * 3 + axis) * (Self.lags + 1) + lag] &+= SIMD4(
            first * second, first, second, 1)
        }
      }
    }
  }

  private func place(_ axis: Axis, _ lag: Int, _ depth: Int, _ own: Int) -> Int {
    let row = (depth * classes + own) * 3 + (axis == .x ? 0 : axis == .y ? 1 : 2)
    return row * (Self.lags + 1) + lag
  }

  /// Adds to what was counted at each depth what lies deeper.
  mutating func addDeeper() {
    func add<Value>(_ values: inout [Value], _ sum: (Value, Value) -> Value) {
      let row = values.count / depths
      for i in (0..<(values.count - row)).reversed() { values[i] = sum(values[i], values[i + row]) }
    }
    add(&counts, +)
    add(&sums, +)
    add(&squares, +)
    add(&leaks, +)
    add(&pairs, &+)
  }

  mutating func merge(_ other: PureSums) {
    for i in counts.indices {
      counts[i] += other.counts[i]
      sums[i] += other.sums[i]
      squares[i] += other.squares[i]
    }
    for i in leaks.indices { leaks[i] += other.leaks[i] }
    for i in pairs.indices { pairs[i] &+= other.pairs[i] }
  }

  /// Mean and variance of the voxels of one class that lie at least so deep.
  struct Moment {
    let depth: Int
    let ofClass: Int
    let count: Int
    let mean: Double
    let variance: Double
  }

  func moments(_ scale: GreyScale) -> [Moment] {
    (0..<depths).flatMap { depth in
      (0..<classes).map { own in
        let i = depth * classes + own
        let (mean, variance) = Self.moment(counts[i], sums[i], squares[i], scale)
        return Moment(depth: depth, ofClass: own, count: counts[i], mean: mean, variance: variance)
      }
    }
  }

  private static func moment(_ count: Int, _ sum: Int, _ squares: Int, _ scale: GreyScale) -> (Double, Double)
  {
    guard count > 1 else { return (.nan, .nan) }
    let n = Double(count)
    let mean = Double(sum) / n
    let variance = max(0, (Double(squares) - Double(sum) * mean) / (n - 1))
    return (scale.origin + scale.step * mean, variance * scale.step * scale.step)
  }

  /// The voxels of every class at every depth from one on, each in one shell alone.
  func shells(_ scale: GreyScale) -> [PureValues.Shell] {
    var result: [PureValues.Shell] = []
    for depth in 1..<depths {
      for own in 0..<classes {
        func only(_ values: [Int], _ stride: Int, _ offset: Int) -> Int {
          let here = values[(depth * classes + own) * stride + offset]
          return depth + 1 < depths ? here - values[((depth + 1) * classes + own) * stride + offset] : here
        }
        let count = only(counts, 1, 0)
        guard count >= Self.fewestInShell else { continue }
        let (mean, variance) = Self.moment(count, only(sums, 1, 0), only(squares, 1, 0), scale)
        let unit = Double(count) * Double(Self.leakUnit)
        let carried = (0..<Self.widths).map { width in
          (0..<classes).map {
            Double(only(leaks, Self.widths * classes, width * classes + $0)) / unit
          }
        }
        // A variance of zero would let one shell decide: the step is the least that is known.
        result.append(
          PureValues.Shell(
            ofClass: own, count: count, mean: mean, variance: max(variance, scale.step * scale.step / 12),
            leaks: carried[0], slopes: zip(carried[1], carried[0]).map { $0 - $1 }))
      }
    }
    return result
  }

  private static let fewestInShell = 200

  /// Standard deviation of the noise: of what the blurred classes leave of voxels with pure neighbourhoods.
  func noise(_ scale: GreyScale) -> Double {
    covariance(.z, lag: 0, depth: 1).value.squareRoot() * scale.step
  }

  /// Mean product of what is left of voxels of one class some lag apart, the class's mean taken off: the value that a
  /// class was looked at with need not be its own. In squared steps.
  private func covariance(_ axis: Axis, lag: Int, depth: Int) -> (value: Double, pairs: Int) {
    var sum = 0.0
    var count = 0
    for own in 0..<classes {
      let pair = pairs[place(axis, lag, depth, own)]
      guard pair.w > 0 else { continue }
      sum += Double(pair.x) - Double(pair.y) * Double(pair.z) / Double(pair.w)
      count += pair.w
    }
    return (sum / Double(max(1, count)), count)
  }

  /// Voxels over which the noise is alike: the product over the axes of `1 + 2 (rho_1 + rho_2 + ...)`, with the
  /// correlations rho of voxels one, two, ... apart. Noise that neighbours oppose counts as independent.
  func correlatedVoxels() -> Double {
    var result = 1.0
    for axis in Axis.allCases {
      var sum = 1.0
      for lag in 1...Self.lags {
        let depth = (1..<depths).last { covariance(axis, lag: lag, depth: $0).pairs >= GreyModel.fewest } ?? 1
        let (value, count) = covariance(axis, lag: lag, depth: depth)
        let variance = covariance(.z, lag: 0, depth: depth).value
        guard count >= Self.fewestInShell, variance > 0 else { continue }
        sum += 2 * min(1, value / variance)
      }
      result *= max(1, sum)
    }
    return result
  }
}

/// The nearest whole number, halves away from zero, of a number far from the largest: the C library's is a call.
@inline(__always)
func nearest(_ value: Double) -> Int {
  let whole = Int(value)
  let rest = value - Double(whole)
  return rest >= 0.5 ? whole + 1 : rest <= -0.5 ? whole - 1 : whole
}
