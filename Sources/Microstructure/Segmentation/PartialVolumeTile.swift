import Volumetry

/// A box of voxels whose labels are looked for.
struct PartialVolumeTile {
  private let grey: [Float]
  private let shape: Shape
  private let means: [Float]
  private let sigma: SIMD3<Double>
  /// `1 / (2 s^2)`.
  private let weight: Float
  /// Sum of the squares of the blur's weights.
  private let kernelSquare: Float
  private(set) var labels: [UInt8]
  /// The labels before faces cost their last: what the number of faces decides, and not the grey values.
  private(set) var early: [UInt8] = []
  private var changes: [Float]
  private var chosen: [UInt8]

  /// What a face costs, in steps: few faces too early would keep the thresholds' films.
  private static let faceCosts: [Float] = [0.1, 0.3, 0.6, 1]
  private static let mostSweeps = 12
  private static let earlySteps = 2
  /// The share of voxels that change at a step's last sweep.
  private static let settled = 1e-5

  /// With the labels that the thresholds give.
  init(_ grey: [Float], shape: Shape, model: PartialVolume) {
    var labels = [UInt8](repeating: 0, count: grey.count)
    for limit in model.middles {
      for i in grey.indices where grey[i] > Float(limit) { labels[i] += 1 }
    }
    self.init(grey, labels: labels, shape: shape, model: model)
  }

  /// With labels and no grey values.
  init(labels: [UInt8], shape: Shape, model: PartialVolume) {
    self.init([], labels: labels, shape: shape, model: model)
  }

  private init(_ grey: [Float], labels: [UInt8], shape: Shape, model: PartialVolume) {
    self.grey = grey
    self.shape = shape
    means = model.means.map { Float($0) }
    weight = Float(1 / (2 * model.scatter * model.scatter))
    let blur = model.blur
    sigma = SIMD3(shape.x > 1 ? blur : 0, shape.y > 1 ? blur : 0, shape.z > 1 ? blur : 0)
    var square: Float = 1
    for width in [sigma.x, sigma.y, sigma.z] where width > 0 {
      square *= Kernel.gaussian(sigma: width, truncate: Self.truncation).weights.reduce(0) { $0 + $1 * $1 }
    }
    kernelSquare = square
    self.labels = labels
    changes = [Float](repeating: 0, count: grey.count)
    chosen = labels
  }

  private static let truncation = 3.0

  /// Looks for the labels, each step from those of the step before.
  mutating func relax() {
    early = labels
    guard kernelSquare < 1 else { return }
    for (step, cost) in Self.faceCosts.enumerated() {
      if step == Self.earlySteps { early = labels }
      for _ in 0..<Self.mostSweeps {
        let changed = sweep(cost)
        if Double(changed) <= Self.settled * Double(grey.count) { break }
      }
    }
  }

  /// The least that was looked for: misfit and faces.
  var energy: Double {
    var sum = 0.0
    for value in residuals() { sum += Double(value) * Double(value) }
    var faces = 0
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let i = shape.index(z: z, y: y, x: x)
          if x + 1 < shape.x, labels[i] != labels[i + 1] { faces += 1 }
          if y + 1 < shape.y, labels[i] != labels[i + shape.x] { faces += 1 }
          if z + 1 < shape.z, labels[i] != labels[i + shape.x * shape.y] { faces += 1 }
        }
      }
    }
    return sum * Double(weight) + Double(faces) * Double(Self.faceCosts.last ?? 0)
  }

  /// Labels of a part of the box.
  func labels(of region: Region) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(region.count)
    for z in region.z {
      for y in region.y {
        let row = shape.index(z: z, y: y, x: 0)
        result += labels[(row + region.x.lowerBound)..<(row + region.x.upperBound)]
      }
    }
    return result
  }

  private func blurred(_ values: [Float]) -> [Float] {
    SeparableFilter.gaussian(values, shape: shape, sigma: sigma, truncate: Self.truncation, threads: 1)
  }

  /// The grey values that the labels stand for.
  func blurredLabels() -> [Float] { blurred(labels.map { means[Int($0)] }) }

  private func residuals() -> [Float] {
    var result = blurredLabels()
    let measured = grey.span
    var rest = result.mutableSpan
    for i in measured.indices {
      let value = measured[i] - rest[i]
      rest[i] = value.isFinite ? value : 0
    }
    return result
  }

  /// Changes labels where that gains most among the neighbours.
  private mutating func sweep(_ faceCost: Float) -> Int {
    let pulls = blurred(residuals())
    var candidates: [Int] = []
    var labels: [UInt8] = []
    swap(&labels, &self.labels)
    Self.look(
      labels.span, pulls.span, means, shape, weight, kernelSquare, faceCost, &changes, &chosen, &candidates)
    swap(&labels, &self.labels)
    candidates.removeAll { !Self.isLeast(changes.span, $0, shape) }
    for i in candidates { self.labels[i] = chosen[i] }
    return candidates.count
  }

  /// Change of the sum for the best other label of every voxel: `w (-2 D p + D^2 k) + b (n_own - n_other)`, with the
  /// difference D of the two values, the blurred residual p, and the neighbours n of either label.
  private static func look(
    _ labels: Span<UInt8>, _ pulls: Span<Float>, _ means: [Float], _ shape: Shape, _ weight: Float,
    _ square: Float, _ faceCost: Float, _ changes: inout [Float], _ chosen: inout [UInt8],
    _ candidates: inout [Int]
  ) {
    let slice = shape.x * shape.y
    let classes = means.count
    let values = means.span
    // Below this the residual gains nothing in a voxel whose three neighbours at least are all like it.
    var quiet = Float.infinity
    for low in 0..<classes {
      for high in low..<classes where high > low {
        let gap = means[high] - means[low]
        quiet = min(quiet, 0.5 * square * gap + 1.5 * faceCost / (weight * gap))
      }
    }
    var differing = [UInt8](repeating: 0, count: shape.x)
    var change = changes.mutableSpan
    var choice = chosen.mutableSpan
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let row = shape.index(z: z, y: y, x: 0)
        marked(labels, z, y, shape, &differing)
        let differs = differing.span
        for x in 0..<shape.x {
          let i = row + x
          change[i] = 0
          if differs[x] == 0, abs(pulls[i]) <= quiet { continue }
          let own = labels[i]
          let before = x > 0 ? labels[i - 1] : own
          let after = x + 1 < shape.x ? labels[i + 1] : own
          let above = y > 0 ? labels[i - shape.x] : own
          let below = y + 1 < shape.y ? labels[i + shape.x] : own
          let under = z > 0 ? labels[i - slice] : own
          let over = z + 1 < shape.z ? labels[i + slice] : own
          let value = values[Int(own)]
          var least: Float = 0
          var best = own
          func count(_ label: UInt8) -> Int32 {
            (before == label ? 1 : 0) + (after == label ? 1 : 0) + (above == label ? 1 : 0)
              + (below == label ? 1 : 0) + (under == label ? 1 : 0) + (over == label ? 1 : 0)
          }
          let same = count(own)
          for other in 0..<classes where other != Int(own) {
            let step = values[other] - value
            let gain =
              weight * (step * step * square - 2 * step * pulls[i])
              + faceCost * Float(same - count(UInt8(truncatingIfNeeded: other)))
            if gain < least {
              least = gain
              best = UInt8(truncatingIfNeeded: other)
            }
          }
          if least < -1e-6 {
            change[i] = least
            choice[i] = best
            candidates.append(i)
          }
        }
      }
    }
  }

  /// Marks the voxels of a row that have a neighbour of another label.
  private static func marked(
    _ labels: Span<UInt8>, _ z: Int, _ y: Int, _ shape: Shape, _ marks: inout [UInt8]
  ) {
    let width = shape.x
    let row = shape.index(z: z, y: y, x: 0)
    let own = labels.extracting(row..<(row + width))
    for x in own.indices { marks[x] = 0 }
    if y > 0 { mark(own, labels.extracting((row - width)..<row), &marks, from: 0) }
    if y + 1 < shape.y { mark(own, labels.extracting((row + width)..<(row + 2 * width)), &marks, from: 0) }
    let slice = width * shape.y
    if z > 0 { mark(own, labels.extracting((row - slice)..<(row - slice + width)), &marks, from: 0) }
    if z + 1 < shape.z {
      mark(own, labels.extracting((row + slice)..<(row + slice + width)), &marks, from: 0)
    }
    let left = own.extracting(0..<(width - 1))
    let right = own.extracting(1..<width)
    mark(left, right, &marks, from: 0)
    mark(left, right, &marks, from: 1)
  }

  private static func mark(
    _ own: Span<UInt8>, _ neighbour: Span<UInt8>, _ marks: inout [UInt8], from start: Int
  ) {
    var target = marks.mutableSpan
    var row = target._mutatingExtracting(start..<(start + own.count))
    for x in own.indices { row[x] |= own[x] ^ neighbour[x] }
  }

  /// Whether no neighbour gains more; of two that gain alike the first.
  private static func isLeast(_ changes: Span<Float>, _ i: Int, _ shape: Shape) -> Bool {
    let slice = shape.x * shape.y
    let (z, y, x) = (i / slice, i / shape.x % shape.y, i % shape.x)
    let own = changes[i]
    for dz in max(0, z - 1)...min(shape.z - 1, z + 1) {
      for dy in max(0, y - 1)...min(shape.y - 1, y + 1) {
        let row = dz * slice + dy * shape.x
        for dx in max(0, x - 1)...min(shape.x - 1, x + 1) {
          let other = changes[row + dx]
          if other < own || (other == own && row + dx < i) { return false }
        }
      }
    }
    return true
  }
}
