import Foundation
import Volumetry

/// Everything that x depends on linearly: the modes of the first state, x or the rate at the boundary, the offset of each state.
struct LinearUnknowns: Sendable {
  struct Source: Sendable {
    /// Seconds since the first state.
    let from: Double
    let to: Double
    let prior: Double
    let priorSigma: Double
    let isGiven: Bool
  }

  let times: [Double]
  let initialCount: Int
  let sources: [Source]
  /// States with an offset, and its standard deviation.
  let offsets: [(state: Int, sigma: Double)]

  var extraCount: Int { sources.count + offsets.count }
  var count: Int { initialCount + extraCount }

  /// - Parameter typical: mean of x, of which values at the boundary are not far.
  init(_ states: [OperandoState], model: DiffusionModel, initialCount: Int, typical: Double) {
    let start = states[0].seconds
    let times = states.map { $0.seconds - start }
    self.times = times
    self.initialCount = initialCount
    let last = times[times.count - 1]
    let isFlux = model.boundary == .flux
    let given = isFlux ? model.rates : model.boundaryX
    let sigma = isFlux ? model.rateSigma : model.boundaryXSigma
    let each = given.isEmpty ? isFlux || model.changesEachInterval : given.count > 1
    let spans: [(Double, Double)] = each ? Array(zip(times, times.dropFirst())) : [(0, last)]
    // An error of a rate of a thousandth of the range over the whole time cannot be seen.
    let least = isFlux ? 1e-4 / last : 1e-4
    sources =
      model.boundary == .closed
      ? []
      : spans.enumerated().map { index, span in
        given.isEmpty
          ? Source(
            from: span.0, to: span.1, prior: isFlux ? 0 : typical, priorSigma: isFlux ? 10 / last : 10,
            isGiven: false)
          : Source(
            from: span.0, to: span.1, prior: given[min(index, given.count - 1)],
            priorSigma: max(sigma, least),
            isGiven: true)
      }
    offsets = states.enumerated().compactMap { index, state in
      state.commonSigma > 0 ? (index, state.commonSigma) : nil
    }
  }
}

/// A function of the eigenvalues, by which a mode at a time depends on what was before.
struct TimeFunction: Sendable {
  /// exp(-lambda t), or the integral of exp(-lambda s) over s from `from` to `to`.
  enum Kind: Sendable {
    case decay(Double)
    case source(from: Double, to: Double)
  }

  let kind: Kind
  let eigenvalues: [Double]
  let values: [Double]

  init(_ kind: Kind, _ eigenvalues: [Double]) {
    self.kind = kind
    self.eigenvalues = eigenvalues
    values = eigenvalues.map { Self.value(kind, $0) }
  }

  private static func value(_ kind: Kind, _ rate: Double) -> Double {
    switch kind {
    case .decay(let time): return exp(-rate * time)
    case .source(let from, let to):
      let span = to - from
      if span <= 0 { return 0 }
      let x = rate * span
      let mean = x < 1e-4 ? 1 - x / 2 + x * x / 6 : (1 - exp(-x)) / x
      return exp(-rate * from) * span * mean
    }
  }

  private var longest: Double {
    switch kind {
    case .decay(let time): time
    case .source(_, let to): to
    }
  }

  private func slope(_ rate: Double) -> Double {
    switch kind {
    case .decay(let time): return -time * exp(-rate * time)
    case .source(let from, let to):
      if to <= from { return 0 }
      if rate * to < 1e-3 {
        func power(_ n: Int) -> Double {
          var (a, b) = (1.0, 1.0)
          for _ in 0..<n { (a, b) = (a * to, b * from) }
          return a - b
        }
        return -power(2) / 2 + rate * power(3) / 3 - rate * rate * power(4) / 8
      }
      let ends = to * exp(-rate * to) - from * exp(-rate * from)
      return (ends - Self.value(kind, rate)) / rate
    }
  }

  /// The divided difference between two eigenvalues: how the function of a matrix answers to a change of it (Ju. L. Daleckii, S. G. Krein,
  /// AMS Transl. Ser. 2, 47 (1965) 1).
  func difference(_ a: Int, _ b: Int) -> Double {
    let gap = eigenvalues[a] - eigenvalues[b]
    if abs(gap) * longest > 1e-4 { return (values[a] - values[b]) / gap }
    return slope(0.5 * (eigenvalues[a] + eigenvalues[b]))
  }
}
