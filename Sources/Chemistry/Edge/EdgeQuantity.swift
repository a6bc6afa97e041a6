public import Volumetry

/// Position, white line or jump of an absorption edge.
///
/// A line p is fitted before the edge and a polynomial q after it; the jump is q(E0) - p(E0) and the normalised absorption
/// (mu - p) / jump, as in Larch's `pre_edge` (Newville, J. Phys. Conf. Ser. 430 (2013) 012007), whose default ranges and
/// degrees are taken over. E0 is nominal and the same for all voxels, so that p, q and the jump are linear in the values.
///
/// A place where a curve falls through zero is off by the curve's error there over its steepness. Of few counts a voxel's own steepness is no
/// measure of it: of several places that noise makes, the most pronounced is found, and its steepness is too large. It is therefore held
/// to that of the mean spectrum, in the ratio of their jumps, by what each is worth.
public struct EdgeQuantity: SpectralQuantity {
  public let options: EdgeOptions
  /// The ranges that are used, relative to E0, and the degree after the edge.
  public let pre: ClosedRange<Double>
  public let post: ClosedRange<Double>
  public let postDegree: Int
  public let region: ClosedRange<Double>
  public let smoothing: Double
  private let axis: SpectralAxis
  private let before: PolynomialForm
  private let after: PolynomialForm
  private let local: LocalCubics
  /// For the centroid: the limits, and weights of the integral.
  private let limits: ClosedRange<Double>
  private let integral: [Double]
  /// Steepness over jump of the mean spectrum at the place that is looked for; nil where there is none.
  private var typicalBend: Double?
  /// By what part voxels may differ from it.
  private static let bendSpread = 0.15

  public var channels: [String] { [options.measure.rawValue] }
  public var noise: NoiseModel { options.noise }
  public var unit: String {
    switch options.measure {
    case .halfHeight, .derivative, .centroid, .whiteLine: "eV"
    case .whiteLineHeight: ""
    case .jump: "as the data"
    }
  }

  /// - Parameter mean: the mean or summed spectrum of the voxels, which the errors of places are held to.
  /// - Throws: `usage` where ranges overlap the edge or each other, `data` where the axis does not hold them.
  public init(
    _ options: EdgeOptions, energy: EnergyAxis, mean: [Double]? = nil, name: String
  ) throws(VoxelithError) {
    let axis = SpectralAxis(energy, name: name)
    let e0 = options.e0
    guard e0 > axis.low, e0 < axis.high else {
      throw VoxelithError(
        .data, "the edge at \(text(e0)) eV lies outside the spectra",
        file: name, advice: "they run from \(text(axis.low)) to \(text(axis.high)) eV; give the edge in eV")
    }
    let low = axis.low - e0
    let high = axis.high - e0
    pre = options.pre ?? low...(low / 3)
    post = options.post ?? (high / 3)...high
    guard pre.upperBound < post.lowerBound else {
      throw VoxelithError(.usage, "the ranges before and after the edge overlap")
    }
    postDegree =
      options.postDegree
      ?? (post.upperBound - post.lowerBound > 350 ? 2 : post.upperBound - post.lowerBound > 50 ? 1 : 0)
    func absolute(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
      // A hair wider, so that the limits given by the axis itself are within.
      (range.lowerBound + e0 - 1e-6)...(range.upperBound + e0 + 1e-6)
    }
    let needsScatter = options.noise == .scatter
    before = try PolynomialForm(
      try axis.bins(absolute(pre), least: 3, what: "the range before the edge"), degree: 1,
      energies: axis.energies)
    after = try PolynomialForm(
      try axis.bins(absolute(post), least: postDegree + 2, what: "the range after the edge"),
      degree: postDegree, energies: axis.energies)
    guard !needsScatter || before.freedom + after.freedom >= 8 else {
      throw VoxelithError(
        .data, "the ranges leave \(before.freedom + after.freedom) degrees of freedom; the scatter needs 8",
        file: name, advice: "widen the ranges, or give the noise as a number")
    }
    region = options.region ?? pre.upperBound...post.lowerBound
    let inside = try axis.bins(absolute(region), least: 5, what: "the region of the edge")
    local = try LocalCubics(inside, axis: axis, halfWidth: options.smoothing)
    smoothing = local.halfWidth
    limits = axis.energies[inside[0]]...axis.energies[inside[inside.count - 1]]
    var weights = [Double](repeating: 0, count: axis.count)
    for (left, right) in zip(inside, inside.dropFirst()) {
      let half = 0.5 * (axis.energies[right] - axis.energies[left])
      weights[left] += half
      weights[right] += half
    }
    integral = weights
    self.axis = axis
    self.options = options
    if let mean, mean.count == axis.count { typicalBend = bendOverJump(mean) }
  }

  private func bendOverJump(_ mean: [Double]) -> Double? {
    var work = makeWorkspace()
    work.values = mean
    before.fit(mean, into: &work.first)
    after.fit(mean, into: &work.second)
    let jump = after.value(work.second, at: options.e0) - before.value(work.first, at: options.e0)
    guard jump > 0 else { return nil }
    switch options.measure {
    case .derivative: return steepestPlace(work).map { $0.bend / jump }
    case .whiteLine, .whiteLineHeight: return highestPlace(work).map { $0.bend / jump }
    case .halfHeight, .centroid, .jump: return nil
    }
  }

  public func makeWorkspace() -> QuantityWorkspace {
    var work = QuantityWorkspace(bins: axis.count, channels: 1)
    work.first = [0, 0]
    work.second = [Double](repeating: 0, count: postDegree + 1)
    return work
  }

  public func measure(_ work: inout QuantityWorkspace) -> VoxelReason {
    before.fit(work.values, into: &work.first)
    after.fit(work.values, into: &work.second)
    let left = before.residuals(work.values, work.first, energies: axis.energies)
    let right = after.residuals(work.values, work.second, energies: axis.energies)
    work.freedom = before.freedom + after.freedom
    var variance: Double?
    switch noise {
    case .counts: work.chiSquared = left.overFit + right.overFit
    case .scatter:
      variance = (left.squares + right.squares) / Double(work.freedom)
      work.chiSquared = Double(work.freedom)
    case .known(let sigma):
      variance = sigma * sigma
      work.chiSquared = (left.squares + right.squares) / (sigma * sigma)
    }
    let e0 = options.e0
    let jump = after.value(work.second, at: e0) - before.value(work.first, at: e0)
    work.clearForm()
    addJump(1, to: &work.form)
    let jumpSigma = work.formSigma(variance)
    guard jump > 0, jumpSigma > 0 || jump > 1e-12, jump >= options.minimumSigmas * jumpSigma else {
      return .noEdge
    }
    switch options.measure {
    case .jump:
      work.results[0] = jump
      work.sigmas[0] = jumpSigma
      return .good
    case .centroid: return centroid(&work, jump: jump, variance: variance)
    case .halfHeight: return halfHeight(&work, jump: jump, variance: variance)
    case .derivative: return steepest(&work, jump: jump, variance: variance)
    case .whiteLine, .whiteLineHeight: return whiteLine(&work, jump: jump, variance: variance)
    }
  }

  private func addJump(_ factor: Double, to form: inout [Double]) {
    after.add(factor, at: options.e0, to: &form)
    before.add(-factor, at: options.e0, to: &form)
  }

  /// E_hi - A / jump, where A is the integral of mu - p from E_lo to E_hi.
  private func centroid(_ work: inout QuantityWorkspace, jump: Double, variance: Double?) -> VoxelReason {
    var area = 0.0
    for bin in integral.indices where integral[bin] != 0 { area += integral[bin] * work.values[bin] }
    // The trapezoid of a line is its middle value times the width.
    let width = limits.upperBound - limits.lowerBound
    let middle = 0.5 * (limits.lowerBound + limits.upperBound)
    area -= width * before.value(work.first, at: middle)
    let length = area / jump
    work.results[0] = limits.upperBound - length
    work.clearForm()
    for bin in integral.indices { work.form[bin] = integral[bin] / jump }
    before.add(-width / jump, at: middle, to: &work.form)
    addJump(-length / jump, to: &work.form)
    work.sigmas[0] = work.formSigma(variance)
    return work.sigmas[0] > width ? .unresolved : .good
  }

  /// Where the smoothed curve first rises through half the jump.
  private func halfHeight(_ work: inout QuantityWorkspace, jump: Double, variance: Double?) -> VoxelReason {
    func height(_ place: Int) -> Double {
      local.value(0, place, work.values) - before.value(work.first, at: local.energy(place)) - 0.5 * jump
    }
    var crossings = 0
    var found = 0
    var last = height(0)
    for place in 1..<local.count {
      let next = height(place)
      if last <= 0, next > 0 {
        if crossings == 0 { found = place - 1 }
        crossings += 1
      }
      last = next
    }
    guard crossings > 0 else { return .notFound }
    let piece = local.piece(0, found, work.values)
    let tilt = before.slope(work.first, at: piece.start)
    let energy = piece.crossing(
      level: before.value(work.first, at: piece.start) + 0.5 * jump, tilt: tilt)
    let slope = piece.slope(at: energy) - tilt
    guard slope > 0 else { return .notFound }
    work.results[0] = energy
    work.clearForm()
    local.add(1 / slope, 0, found, at: energy, to: &work.form)
    before.add(-1 / slope, at: energy, to: &work.form)
    addJump(-0.5 / slope, to: &work.form)
    work.sigmas[0] = work.formSigma(variance)
    if work.sigmas[0] > local.halfWidth { return .unresolved }
    return crossings > 1 ? .severalCrossings : .good
  }

  /// The piece about a maximum at `place` in which the derivative of an order falls through `level`.
  private func falling(_ order: Int, from place: Int, level: Double, _ values: [Double]) -> Int? {
    var at = place
    if local.value(order, at, values) > level {
      while at + 1 < local.count {
        if local.value(order, at + 1, values) <= level { return at }
        at += 1
      }
      return nil
    }
    while at > 0 {
      if local.value(order, at - 1, values) > level { return at - 1 }
      at -= 1
    }
    return nil
  }

  /// A place at which a derivative of the smoothed curve falls through a level: the piece that holds it, and how steeply it falls.
  private struct Fall {
    var piece: Int
    var energy: Double
    var bend: Double
  }

  /// A fall's steepness, held to that of the mean spectrum.
  private func held(
    _ fall: Fall, order: Int, jump: Double, _ work: inout QuantityWorkspace, variance: Double?
  ) -> Double {
    guard let typicalBend else { return fall.bend }
    let step = 0.25 * (local.energy(fall.piece + 1) - local.energy(fall.piece))
    work.clearForm()
    local.add(0.5 / step, order, fall.piece, at: fall.energy + step, to: &work.form)
    local.add(-0.5 / step, order, fall.piece, at: fall.energy - step, to: &work.form)
    let own = work.formSigma(variance)
    let spread = Self.bendSpread * abs(typicalBend * jump)
    guard own > 0, spread > 0 else { return fall.bend }
    let share = spread * spread / (own * own + spread * spread)
    return share * fall.bend + (1 - share) * typicalBend * jump
  }

  /// Where the bend of the smoothed curve falls through zero beside its steepest place.
  private func steepestPlace(_ work: QuantityWorkspace) -> Fall? {
    var top = 0
    var best = -Double.infinity
    for place in 0..<local.count {
      let slope = local.value(1, place, work.values)
      if slope > best {
        best = slope
        top = place
      }
    }
    guard top > 0, top < local.count - 1, let found = falling(2, from: top, level: 0, work.values) else {
      return nil
    }
    let piece = local.piece(2, found, work.values)
    let energy = piece.crossing(level: 0, tilt: 0)
    let slope = piece.slope(at: energy)
    guard slope < 0, abs(energy - local.energy(top)) <= local.halfWidth else { return nil }
    return Fall(piece: found, energy: energy, bend: slope)
  }

  private func steepest(_ work: inout QuantityWorkspace, jump: Double, variance: Double?) -> VoxelReason {
    guard let fall = steepestPlace(work) else { return .notFound }
    let bend = held(fall, order: 2, jump: jump, &work, variance: variance)
    work.results[0] = fall.energy
    work.clearForm()
    local.add(-1 / bend, 2, fall.piece, at: fall.energy, to: &work.form)
    work.sigmas[0] = work.formSigma(variance)
    return work.sigmas[0] > local.halfWidth ? .unresolved : .good
  }

  /// Where the slope of the smoothed curve falls through that of the line before, beside the highest place.
  private func highestPlace(_ work: QuantityWorkspace) -> Fall? {
    var top = 0
    var best = -Double.infinity
    for place in 0..<local.count {
      let level = local.value(0, place, work.values) - before.value(work.first, at: local.energy(place))
      if level > best {
        best = level
        top = place
      }
    }
    let tilt = before.slope(work.first, at: options.e0)
    guard top > 0, top < local.count - 1, let found = falling(1, from: top, level: tilt, work.values) else {
      return nil
    }
    let piece = local.piece(1, found, work.values)
    let energy = piece.crossing(level: tilt, tilt: 0)
    let bend = piece.slope(at: energy)
    guard bend < 0, abs(energy - local.energy(top)) <= local.halfWidth else { return nil }
    return Fall(piece: found, energy: energy, bend: bend)
  }

  private func whiteLine(_ work: inout QuantityWorkspace, jump: Double, variance: Double?) -> VoxelReason {
    guard let fall = highestPlace(work) else { return .notFound }
    let (found, energy) = (fall.piece, fall.energy)
    let bend = held(fall, order: 1, jump: jump, &work, variance: variance)
    work.clearForm()
    local.add(-1 / bend, 1, found, at: energy, to: &work.form)
    before.add(1 / bend, at: energy + 0.5, to: &work.form)
    before.add(-1 / bend, at: energy - 0.5, to: &work.form)
    let moves = work.formSigma(variance)
    guard moves <= local.halfWidth else { return .unresolved }
    if options.measure == .whiteLine {
      work.results[0] = energy
      work.sigmas[0] = moves
      return .good
    }
    let level = local.piece(0, found, work.values).value(at: energy)
    let height = (level - before.value(work.first, at: energy)) / jump
    work.results[0] = height
    work.clearForm()
    local.add(1 / jump, 0, found, at: energy, to: &work.form)
    before.add(-1 / jump, at: energy, to: &work.form)
    addJump(-height / jump, to: &work.form)
    work.sigmas[0] = work.formSigma(variance)
    return .good
  }
}
