import Volumetry

/// Errors of the states' mean x by the instrument, and what is left of them between two states.
///
/// Where the spectra of a state agree with the standards, ``Misfit/sigma`` is mostly ``Misfit/openSigma``: what the instrument may have done
/// without being seen. One instrument does it to all states of a series alike, but for what changes between them
/// (``InstrumentSettings/betweenStates``), so that it is lost in differences. And what the spectra of one state exclude cannot be in
/// the others: all share the least of their open errors. Errors of corrections come from the counts of each state and stay its own.
/// States whose spectra were not described, or that needed other corrections than their fellows, share nothing.
public struct InstrumentErrors: Sendable {
  private let misfits: [Misfit?]
  /// Variances of each state: that which it shares with its fellows, and its own.
  private let shared: [Double]
  private let own: [Double]

  /// - Parameter misfits: one for each state; nil where it was not judged.
  public init(_ misfits: [Misfit?]) {
    self.misfits = misfits
    var shared: [Double] = []
    var own: [Double] = []
    for (place, misfit) in misfits.enumerated() {
      let all = misfit.map { $0.sigma * $0.sigma } ?? 0
      let fellows = misfits.enumerated().filter { other, found in
        other != place && found.map { misfit?.isLike($0) == true } == true
      }
      let open = misfit?.openSigma ?? 0
      let least = fellows.reduce(open) { min($0, $1.element?.openSigma ?? 0) }
      guard let part = misfit?.betweenStates, !fellows.isEmpty, least > 0 else {
        shared.append(0)
        own.append(all)
        continue
      }
      shared.append((1 - part * part) * least * least)
      own.append(max(0, all - open * open) + part * part * open * open)
    }
    (self.shared, self.own) = (shared, own)
  }

  /// Standard deviation of a state's mean x, now that its fellows are known.
  public func sigma(_ state: Int) -> Double { (shared[state] + own[state]).squareRoot() }

  /// Part of it that the state shares with no other.
  public func ownSigma(_ state: Int) -> Double { own[state].squareRoot() }

  /// Covariance of the means of two states.
  public func covariance(_ a: Int, _ b: Int) -> Double {
    if a == b { return shared[a] + own[a] }
    guard let first = misfits[a], let second = misfits[b], first.isLike(second) else { return 0 }
    return min(shared[a], shared[b])
  }

  /// The most that the means of two states can share: how much states with unlike corrections do is not known.
  public func largestCovariance(_ a: Int, _ b: Int) -> Double {
    min(shared[a] + own[a], shared[b] + own[b])
  }

  /// Variance of the difference of the means of two states.
  public func varianceOfDifference(_ a: Int, _ b: Int) -> Double {
    max(0, covariance(a, a) + covariance(b, b) - 2 * covariance(a, b))
  }
}

extension Misfit {
  /// Corrections further apart than this many standard deviations are those of an instrument that changed.
  private static let mostApart = 3.0

  /// Whether the instrument did the same to two samples, as far as their spectra tell.
  func isLike(_ other: Misfit) -> Bool {
    guard openSigma != nil, other.openSigma != nil, verdict != .notDescribed, other.verdict != .notDescribed,
      corrections.map(\.name) == other.corrections.map(\.name)
    else { return false }
    return zip(corrections, other.corrections).allSatisfy { a, b in
      abs(a.value - b.value) <= Self.mostApart * (a.sigma * a.sigma + b.sigma * b.sigma).squareRoot()
    }
  }
}
