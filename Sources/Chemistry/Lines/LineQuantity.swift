public import Volumetry

/// Area, centroid, shift or ratio of lines above a linear background.
///
/// All are linear in the values or ratios of two linear forms, so the error follows from the weights of the bins.
public struct LineQuantity: SpectralQuantity {
  public let options: LineOptions
  private let axis: SpectralAxis
  private let background: PolynomialForm
  private let window: [Int]
  private let second: [Int]

  public var channels: [String] { [options.measure.rawValue] }
  public var noise: NoiseModel { options.noise }
  public var unit: String {
    switch options.measure {
    case .area: "as the data times eV"
    case .centroid, .shift: "eV"
    case .ratio: ""
    }
  }

  /// - Throws: `usage` where windows overlap or a number is missing, `data` where the axis does not hold them.
  public init(_ options: LineOptions, energy: EnergyAxis, name: String) throws(VoxelithError) {
    let axis = SpectralAxis(energy, name: name)
    guard (1...2).contains(options.background.count) else {
      throw VoxelithError(.usage, "a linear background needs one or two windows")
    }
    guard options.measure != .ratio || options.secondWindow != nil else {
      throw VoxelithError(.usage, "a ratio needs a second window")
    }
    guard options.measure != .shift || options.reference != nil else {
      throw VoxelithError(.usage, "a shift needs the energy that it is counted from")
    }
    let signal = [options.window] + [options.secondWindow].compactMap { $0 }
    for window in signal where options.background.contains(where: { $0.overlaps(window) }) {
      throw VoxelithError(.usage, "a window of the background overlaps that of a line")
    }
    window = try axis.bins(options.window, least: options.measure == .area ? 1 : 2, what: "the window")
    second =
      try options.secondWindow.map { (range) throws(VoxelithError) in
        try axis.bins(range, least: 1, what: "the second window")
      } ?? []
    var bins: Set<Int> = []
    for range in options.background {
      bins.formUnion(try axis.bins(range, least: 2, what: "a window of the background"))
    }
    background = try PolynomialForm(bins.sorted(), degree: 1, energies: axis.energies)
    guard options.noise != .scatter || background.freedom >= 8 else {
      throw VoxelithError(
        .data, "the background leaves \(background.freedom) degrees of freedom; the scatter needs 8",
        file: name, advice: "widen its windows, or give the noise as a number")
    }
    self.axis = axis
    self.options = options
  }

  public func makeWorkspace() -> QuantityWorkspace {
    var work = QuantityWorkspace(bins: axis.count, channels: 1)
    work.first = [0, 0]
    return work
  }

  public func measure(_ work: inout QuantityWorkspace) -> VoxelReason {
    background.fit(work.values, into: &work.first)
    let rest = background.residuals(work.values, work.first, energies: axis.energies)
    work.freedom = background.freedom
    var variance: Double?
    switch noise {
    case .counts: work.chiSquared = rest.overFit
    case .scatter:
      variance = rest.squares / Double(background.freedom)
      work.chiSquared = Double(background.freedom)
    case .known(let sigma):
      variance = sigma * sigma
      work.chiSquared = rest.squares / (sigma * sigma)
    }
    let center = axis.energies[window[0]]
    let net = area(window, work)
    work.clearForm()
    addArea(window, factor: 1, to: &work.form)
    let netSigma = work.formSigma(variance)
    if options.measure == .area {
      guard netSigma > 0 else { return .noSignal }
      work.results[0] = net
      work.sigmas[0] = netSigma
      return .good
    }
    let (below, belowSigma): (Double, Double)
    if options.measure == .ratio {
      below = area(second, work)
      work.clearForm()
      addArea(second, factor: 1, to: &work.form)
      belowSigma = work.formSigma(variance)
    } else {
      (below, belowSigma) = (net, netSigma)
    }
    guard below > 0, belowSigma > 0, below >= options.minimumSigmas * belowSigma else { return .noSignal }
    work.clearForm()
    if options.measure == .ratio {
      let ratio = net / below
      addArea(window, factor: 1 / below, to: &work.form)
      addArea(second, factor: -ratio / below, to: &work.form)
      work.results[0] = ratio
    } else {
      var moment = 0.0
      for bin in window {
        let energy = axis.energies[bin]
        moment +=
          (energy - center) * axis.widths[bin] * (work.values[bin] - background.value(work.first, at: energy))
      }
      let mean = moment / net
      for bin in window {
        let energy = axis.energies[bin]
        let weight = (energy - center - mean) * axis.widths[bin] / net
        work.form[bin] += weight
        background.add(-weight, at: energy, to: &work.form)
      }
      work.results[0] = center + mean - (options.measure == .shift ? options.reference ?? 0 : 0)
    }
    work.sigmas[0] = work.formSigma(variance)
    return .good
  }

  private func area(_ bins: [Int], _ work: QuantityWorkspace) -> Double {
    var sum = 0.0
    for bin in bins {
      sum +=
        axis.widths[bin] * (work.values[bin] - background.value(work.first, at: axis.energies[bin]))
    }
    return sum
  }

  private func addArea(_ bins: [Int], factor: Double, to form: inout [Double]) {
    for bin in bins {
      form[bin] += factor * axis.widths[bin]
      background.add(-factor * axis.widths[bin], at: axis.energies[bin], to: &form)
    }
  }
}
