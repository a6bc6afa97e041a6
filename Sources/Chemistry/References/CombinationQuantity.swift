public import Volumetry

/// What is written of a combination of references.
public enum CombinationMeasure: String, Sendable, Hashable, Codable, CaseIterable {
  /// Amounts over their sum.
  case fraction
  case amount
}

/// Amounts of reference spectra, none negative, that describe a spectrum best.
///
/// Least squares with weights 1 / variance by the active-set scheme of Lawson and Hanson (Solving Least Squares Problems,
/// 1974, ch. 23). For counts the variance is that of the fit and the weights are repeated, which at the end satisfies the
/// equations of the Poisson likelihood; weights from the counts themselves would be biased. Errors are those of a fit
/// without bounds, so an amount that is held at zero still has one.
public struct CombinationQuantity: SpectralQuantity {
  public let references: [String]
  public let measures: CombinationMeasure
  public private(set) var noise: NoiseModel
  /// The energies that are fitted, in eV.
  public let range: ClosedRange<Double>
  private let bins: [Int]
  private let total: Int
  /// References one after another, on the fitted bins.
  private let shapes: [Double]

  public var channels: [String] { references }
  public var unit: String { measures == .fraction ? "" : "of the reference" }
  /// chi-squared per degree of freedom, and the covariance, upper triangle row by row.
  public var extras: [String] {
    var names = ["chi_squared_per_dof"]
    for (index, first) in references.enumerated() {
      for second in references[index...] { names.append("\(first) \(second)") }
    }
    return names
  }

  public static let largestCount = 16

  /// - Parameter range: energies in eV that are fitted; all by default.
  /// - Throws: `data` where a reference does not span the range or they cannot be told apart.
  public init(
    _ references: [ReferenceSpectrum], measure: CombinationMeasure, noise: NoiseModel,
    range: ClosedRange<Double>? = nil, energy: EnergyAxis, name: String
  ) throws(VoxelithError) {
    guard !references.isEmpty, references.count <= Self.largestCount else {
      throw VoxelithError(
        .usage, "\(references.count) references; a combination takes 1 to \(Self.largestCount)")
    }
    guard Set(references.map(\.name)).count == references.count else {
      throw VoxelithError(.usage, "two references have the same name")
    }
    let axis = SpectralAxis(energy, name: name)
    let wanted = range ?? axis.low...axis.high
    bins = try axis.bins(wanted, least: references.count + 3, what: "the range of the fit")
    let energies = bins.map { axis.energies[$0] }
    self.range = energies[0]...energies[energies.count - 1]
    var shapes: [Double] = []
    for reference in references { shapes += try reference.resampled(to: energies) }
    let size = bins.count
    let count = references.count
    var normal = Matrix(zeros: count, count)
    for i in 0..<count {
      for j in 0..<count {
        for bin in 0..<size { normal[i, j] += shapes[i * size + bin] * shapes[j * size + bin] }
      }
    }
    guard Cholesky(normal, tolerance: 1e-10) != nil else {
      throw VoxelithError(
        .data, "the references depend on each other over the range of the fit", file: name,
        advice: "leave one out, or widen the range")
    }
    self.shapes = shapes
    self.references = references.map(\.name)
    measures = measure
    self.noise = noise
    total = axis.count
  }

  func with(noise: NoiseModel) -> CombinationQuantity {
    var result = self
    result.noise = noise
    return result
  }

  public func makeWorkspace() -> QuantityWorkspace {
    var work = QuantityWorkspace(bins: total, channels: references.count, extras: extras.count)
    let count = references.count
    work.first = [Double](repeating: 0, count: bins.count)
    work.second = work.first
    work.third = [Double](repeating: 0, count: count)
    return work
  }

  public func measure(_ work: inout QuantityWorkspace) -> VoxelReason {
    let (size, count) = (bins.count, references.count)
    var sum = 0.0
    var square = 0.0
    for bin in bins {
      sum += work.values[bin]
      square += work.values[bin] * work.values[bin]
    }
    guard square > 0 else { return .noSignal }
    let floor = max(1e-3 * abs(sum) / Double(size), 1e-12)
    switch noise {
    case .counts:
      // The mean of neighbours is nearer to what is expected than the count.
      for place in 0..<size {
        let low = max(place - 2, 0)
        let high = min(place + 2, size - 1)
        var near = 0.0
        for other in low...high { near += work.values[bins[other]] }
        work.second[place] = max(near / Double(high - low + 1), floor)
      }
    case .scatter: for place in 0..<size { work.second[place] = 1 }
    case .known(let sigma): for place in 0..<size { work.second[place] = sigma * sigma }
    }
    var normal = Matrix(zeros: count, count)
    var factor: Cholesky?
    for _ in 0..<(noise == .counts ? 8 : 1) {
      normal = information(work.second)
      factor = Cholesky(normal)
      guard factor != nil else { return .noSignal }
      solve(normal, &work)
      model(work.third, into: &work.first)
      guard noise == .counts else { break }
      var change = 0.0
      for place in 0..<size {
        let next = max(work.first[place], floor)
        change = max(change, abs(next - work.second[place]) / next)
        work.second[place] = next
      }
      if change < 1e-9 { break }
    }
    guard let factor else { return .noSignal }
    var covariance = factor.inverse
    if noise == .scatter {
      let variance = Self.scatter(work, bins: bins)
      guard variance > 0 else { return .noSignal }
      covariance = variance * covariance
      for place in 0..<size { work.second[place] = variance }
    }
    var chiSquared = 0.0
    for (place, bin) in bins.enumerated() {
      let rest = work.values[bin] - work.first[place]
      chiSquared += rest * rest / work.second[place]
    }
    work.chiSquared = chiSquared
    work.freedom = size - count
    guard write(covariance, &work) else { return .noSignal }
    let excess = (chiSquared - Double(work.freedom)) / (2 * Double(work.freedom)).squareRoot()
    return excess > 6 ? .notDescribed : .good
  }

  /// Amounts or fractions with their covariance; false where the amounts sum to nothing.
  private func write(_ covariance: Matrix, _ work: inout QuantityWorkspace) -> Bool {
    let count = references.count
    var result = covariance
    if measures == .fraction {
      var sum = 0.0
      for amount in work.third { sum += amount }
      guard sum > 0 else { return false }
      var turn = Matrix(zeros: count, count)
      for i in 0..<count {
        work.results[i] = work.third[i] / sum
        for j in 0..<count { turn[i, j] = ((i == j ? 1 : 0) - work.third[i] / sum) / sum }
      }
      result = turn * covariance * turn.transposed
    } else {
      for i in 0..<count { work.results[i] = work.third[i] }
    }
    work.extras[0] = work.chiSquared / Double(work.freedom)
    var place = 1
    for i in 0..<count {
      work.sigmas[i] = max(result[i, i], 0).squareRoot()
      for j in i..<count {
        work.extras[place] = result[i, j]
        place += 1
      }
    }
    return true
  }

  private func information(_ variances: [Double]) -> Matrix {
    let (size, count) = (bins.count, references.count)
    var normal = Matrix(zeros: count, count)
    for i in 0..<count {
      for j in i..<count {
        var sum = 0.0
        for place in 0..<size {
          sum += shapes[i * size + place] * shapes[j * size + place] / variances[place]
        }
        normal[i, j] = sum
        normal[j, i] = sum
      }
    }
    return normal
  }

  private func model(_ amounts: [Double], into values: inout [Double]) {
    let size = bins.count
    for place in 0..<size {
      var sum = 0.0
      for k in 0..<amounts.count { sum += amounts[k] * shapes[k * size + place] }
      values[place] = sum
    }
  }

  private func solve(_ normal: Matrix, _ work: inout QuantityWorkspace) {
    let size = bins.count
    var right = [Double](repeating: 0, count: references.count)
    for k in right.indices {
      for (place, bin) in bins.enumerated() {
        right[k] += shapes[k * size + place] * work.values[bin] / work.second[place]
      }
    }
    work.third = NonNegative.solve(normal, right)
  }

  /// Variance of a value from the second differences of what the fit leaves: a misfit that is smooth does not enter.
  private static func scatter(_ work: QuantityWorkspace, bins: [Int]) -> Double {
    var sum = 0.0
    func rest(_ place: Int) -> Double { work.values[bins[place]] - work.first[place] }
    for place in 1..<(bins.count - 1) {
      let bend = rest(place - 1) - 2 * rest(place) + rest(place + 1)
      sum += bend * bend / 6
    }
    return sum / Double(bins.count - 2)
  }
}
