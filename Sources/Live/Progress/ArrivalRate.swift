/// Net counts per second, and whether they stay.
///
/// What was there when the watch began came at an unknown time and does not count. The time since then is cut into pieces of about as many
/// arrivals each. The error is the larger one of that by counts and that by the scatter of the pieces about their mean; a straight line
/// through the pieces shows a drift.
package struct ArrivalRate: Sendable, Equatable {
  package let value: Double
  /// Standard error of `value`.
  package let sigma: Double
  /// Change over the time in parts of `value`, where it is beyond its error; nil where the rate stays or little is known.
  package let drift: Double?

  private static let mostPieces = 8
  /// Pieces that show a scatter, and a drift.
  private static let fewestForScatter = 3
  private static let fewestForDrift = 5
  /// Standard errors, and part of the rate, beyond which a drift is told.
  private static let significance = 5.0
  private static let leastDrift = 0.02

  private struct Piece {
    let middle: Double
    let seconds: Double
    let rate: Double
  }

  init?(_ moments: [CountHistory.Moment]) {
    let arrivals = moments.indices.dropFirst().filter { moments[$0 - 1].counts < moments[$0].counts }
    guard let first = moments.first, let end = arrivals.last, moments[end].seconds > first.seconds else {
      return nil
    }
    let (counts, time) = (moments[end].counts - first.counts, moments[end].seconds - first.seconds)
    let mean = counts / time
    let ends = [0] + arrivals
    let number = min(Self.mostPieces, arrivals.count)
    let pieces = (0..<number).compactMap { piece -> Piece? in
      let from = moments[ends[piece * arrivals.count / number]]
      let to = moments[ends[(piece + 1) * arrivals.count / number]]
      let seconds = to.seconds - from.seconds
      guard seconds > 0 else { return nil }
      return Piece(
        middle: 0.5 * (from.seconds + to.seconds) - first.seconds, seconds: seconds,
        rate: (to.counts - from.counts) / seconds)
    }
    let byCounts = counts.squareRoot() / time
    var sigma = byCounts
    if pieces.count >= Self.fewestForScatter {
      let square = pieces.reduce(0) { $0 + $1.seconds * ($1.rate - mean) * ($1.rate - mean) }
      sigma = max(sigma, (square / time / Double(pieces.count - 1)).squareRoot())
    }
    (value, self.sigma, drift) = (mean, sigma, Self.drift(pieces, mean: mean, seconds: time))
  }

  private static func drift(_ pieces: [Piece], mean: Double, seconds: Double) -> Double? {
    guard pieces.count >= fewestForDrift, mean > 0 else { return nil }
    let weight = pieces.reduce(0) { $0 + $1.seconds }
    let middle = pieces.reduce(0) { $0 + $1.seconds * $1.middle } / weight
    let center = pieces.reduce(0) { $0 + $1.seconds * $1.rate } / weight
    var (square, product) = (0.0, 0.0)
    for piece in pieces {
      square += piece.seconds * (piece.middle - middle) * (piece.middle - middle)
      product += piece.seconds * (piece.middle - middle) * (piece.rate - center)
    }
    guard square > 0 else { return nil }
    let slope = product / square
    let residual = pieces.reduce(0) { sum, piece in
      let off = piece.rate - center - slope * (piece.middle - middle)
      return sum + piece.seconds * off * off
    }
    // Counts alone scatter the rate of a piece by the root of rate / seconds.
    let sigma = (max(mean, residual / Double(pieces.count - 2)) / square).squareRoot()
    let change = slope * seconds / mean
    return abs(slope) > significance * sigma && abs(change) > leastDrift ? change : nil
  }

  /// A drift in words.
  var notice: String? {
    drift.map { change in
      let percent = Int((100 * abs(change)).rounded())
      return "the counts per second \(change < 0 ? "fell" : "rose") by \(percent) % since the watch began"
    }
  }
}
