import Volumetry

/// Cubics fitted to the bins about each bin of a region (Savitzky and Golay, Anal. Chem. 36 (1964) 1627, on any axis):
/// level, slope and bend as linear forms of the values.
struct LocalCubics: Sendable {
  /// Half width of the windows in eV.
  let halfWidth: Double
  private let places: [Int]
  private let energies: [Double]
  private let starts: [Int]
  private let counts: [Int]
  private let offsets: [Int]
  /// For each place four rows of weights of its window.
  private let weights: [Double]

  /// - Parameter halfWidth: by default the larger of 3 eV and 3 steps.
  /// - Throws: `data` where a window holds fewer than five bins.
  init(_ places: [Int], axis: SpectralAxis, halfWidth asked: Double?) throws(VoxelithError) {
    let energies = axis.energies
    let steps = zip(places, places.dropFirst()).map { energies[$1] - energies[$0] }.sorted()
    let half = asked ?? max(3, 3 * (steps.isEmpty ? 1 : steps[steps.count / 2]))
    var starts: [Int] = []
    var counts: [Int] = []
    var offsets: [Int] = []
    var weights: [Double] = []
    for place in places {
      let center = energies[place]
      var low = place
      var high = place
      while low > 0, energies[low - 1] >= center - half - 1e-9 { low -= 1 }
      while high < energies.count - 1, energies[high + 1] <= center + half + 1e-9 { high += 1 }
      let count = high - low + 1
      guard count >= 5 else {
        throw VoxelithError(
          .data, "a window of \(text(half)) eV to both sides of \(text(center)) eV holds \(count) energies",
          file: axis.name, advice: "five are needed: raise --smoothing")
      }
      var design = Matrix(zeros: count, 4)
      for row in 0..<count {
        let t = (energies[low + row] - center) / half
        design[row, 0] = 1
        design[row, 1] = t
        design[row, 2] = t * t
        design[row, 3] = t * t * t
      }
      guard let factor = Cholesky(design.transposed * design) else {
        throw VoxelithError(
          .data, "the energies about \(text(center)) eV determine no cubic", file: axis.name)
      }
      let rows = factor.inverse * design.transposed
      starts.append(low)
      counts.append(count)
      offsets.append(weights.count)
      var scale = 1.0
      for j in 0..<4 {
        for row in 0..<count { weights.append(rows[j, row] / scale) }
        scale *= half
      }
    }
    self.places = places
    self.energies = energies
    self.starts = starts
    self.counts = counts
    self.offsets = offsets
    self.weights = weights
    self.halfWidth = half
  }

  var count: Int { places.count }
  func energy(_ place: Int) -> Double { energies[places[place]] }

  /// The smoothed curve (order 0), its slope (1) or its bend (2) at the centre of a window.
  func value(_ order: Int, _ place: Int, _ values: [Double]) -> Double {
    Self.factorials[order] * coefficient(order, place, values)
  }

  private static let factorials = [1.0, 1, 2, 6]

  private func coefficient(_ j: Int, _ place: Int, _ values: [Double]) -> Double {
    let (start, count) = (starts[place], counts[place])
    let row = offsets[place] + j * count
    var sum = 0.0
    for index in 0..<count { sum += weights[row + index] * values[start + index] }
    return sum
  }

  /// Adds `factor` times the weights of a derivative at a centre to a form over all bins.
  private func add(_ factor: Double, _ order: Int, _ place: Int, to form: inout [Double]) {
    let (start, count) = (starts[place], counts[place])
    let row = offsets[place] + order * count
    let scale = factor * Self.factorials[order]
    for index in 0..<count { form[start + index] += scale * weights[row + index] }
  }

  /// A derivative between two centres: Hermite's cubic, with slopes from the centres to both sides. It goes over smoothly
  /// from one window to the next, so a place found on it does not jump.
  struct Piece {
    let start: Double
    let width: Double
    let ends: (Double, Double)
    let slopes: (Double, Double)

    func value(at energy: Double) -> Double {
      let w = Weights(energy, start, width)
      return w.left * ends.0 + w.right * ends.1 + w.leftSlope * slopes.0 + w.rightSlope * slopes.1
    }

    func slope(at energy: Double) -> Double {
      let t = (energy - start) / width
      let bow = 6 * t * (t - 1) / width
      return bow * (ends.0 - ends.1) + (1 + t * (3 * t - 4)) * slopes.0 + t * (3 * t - 2) * slopes.1
    }

    /// Where the curve meets a straight line that starts at `level` and rises by `tilt` per eV; the signs at the two
    /// ends differ.
    func crossing(level: Double, tilt: Double) -> Double {
      func over(_ energy: Double) -> Double { value(at: energy) - level - tilt * (energy - start) }
      var low = start
      var high = start + width
      let isRising = over(low) <= 0
      for _ in 0..<60 {
        let middle = 0.5 * (low + high)
        if (over(middle) <= 0) == isRising { low = middle } else { high = middle }
      }
      return 0.5 * (low + high)
    }
  }

  /// Hermite's weights of values and slopes at both ends.
  private struct Weights {
    let left, right, leftSlope, rightSlope: Double

    init(_ energy: Double, _ start: Double, _ width: Double) {
      let t = (energy - start) / width
      left = (1 + 2 * t) * (1 - t) * (1 - t)
      right = t * t * (3 - 2 * t)
      leftSlope = width * t * (1 - t) * (1 - t)
      rightSlope = width * t * t * (t - 1)
    }
  }

  /// The piece from a centre to the next.
  func piece(_ order: Int, _ place: Int, _ values: [Double]) -> Piece {
    Piece(
      start: energy(place), width: energy(place + 1) - energy(place),
      ends: (value(order, place, values), value(order, place + 1, values)),
      slopes: (slope(order, place, values), slope(order, place + 1, values)))
  }

  /// The centres to both sides of one, as far as there are such.
  private func sides(_ place: Int) -> (left: Int, right: Int) {
    (max(place - 1, 0), min(place + 1, count - 1))
  }

  private func slope(_ order: Int, _ place: Int, _ values: [Double]) -> Double {
    let (left, right) = sides(place)
    return (value(order, right, values) - value(order, left, values)) / (energy(right) - energy(left))
  }

  private func addSlope(_ factor: Double, _ order: Int, _ place: Int, to form: inout [Double]) {
    let (left, right) = sides(place)
    let weight = factor / (energy(right) - energy(left))
    add(weight, order, right, to: &form)
    add(-weight, order, left, to: &form)
  }

  /// Adds `factor` times the weights of the value of a piece at an energy.
  func add(_ factor: Double, _ order: Int, _ place: Int, at energy: Double, to form: inout [Double]) {
    let w = Weights(energy, self.energy(place), self.energy(place + 1) - self.energy(place))
    add(factor * w.left, order, place, to: &form)
    add(factor * w.right, order, place + 1, to: &form)
    addSlope(factor * w.leftSlope, order, place, to: &form)
    addSlope(factor * w.rightSlope, order, place + 1, to: &form)
  }
}
