import Foundation

/// What a detector does to a photon at its own energy, whatever its momentum said: escapes, sharing and tail, on bins.
///
/// In the order of the physics: a photon loses a fluorescence photon that escapes, shares its charge with a neighbour, and
/// leaves some of it in traps. All of these move counts downwards, so the bins must reach to the highest energy that matters.
struct FixedEnergyResponse: Sendable {
  private let edges: [Double]
  private let tailFraction: Double
  private let tailLength: Double
  private let sharingFraction: Double
  private let escapes: [DetectorResponse.Escape]

  private static let passes = 60

  /// - Returns: nil where the detector does nothing of the kind.
  init?(_ response: DetectorResponse, edges: [Double], withTail: Bool = true) {
    let hasTail = withTail && response.tailFraction > 0
    guard hasTail || response.sharingFraction > 0 || !response.escapes.isEmpty, edges.count > 2 else {
      return nil
    }
    self.edges = edges
    tailFraction = hasTail ? response.tailFraction : 0
    tailLength = response.tailLength
    sharingFraction = response.sharingFraction
    escapes = response.escapes
  }

  /// Counts of the bins as the detector records them.
  func applied(_ counts: [Double]) -> [Double] {
    var result = counts
    if !escapes.isEmpty { result = escaped(result) }
    if sharingFraction > 0 { result = shared(result) }
    if tailFraction > 0 { result = trapped(result) }
    return result
  }

  /// Counts of the bins before the detector: applied to them it gives `counts` in the first `known` bins; those above are
  /// what the caller knows of them.
  ///
  /// Each pass takes off what the last one says is not in its own bin (Van Cittert 1931); it converges where less than half
  /// is moved.
  func removed(_ counts: [Double], known: Int) -> [Double] {
    var result = counts
    let size = counts.reduce(0) { max($0, abs($1)) }
    for _ in 0..<Self.passes {
      let seen = applied(result)
      var change = 0.0
      for bin in 0..<known {
        let step = counts[bin] - seen[bin]
        result[bin] += step
        change = max(change, abs(step))
      }
      if change < 1e-12 * size { break }
    }
    return result
  }

  private func escaped(_ counts: [Double]) -> [Double] {
    var sums = [0.0]
    for count in counts { sums.append((sums.last ?? 0) + count) }
    let kept = 1 - escapes.reduce(0) { $0 + $1.fraction }
    var result = counts.map { kept * $0 }
    for escape in escapes {
      var place = 0
      func below(_ energy: Double) -> Double {
        if energy >= edges[counts.count] { return sums[counts.count] }
        if energy <= edges[0] { return 0 }
        while place + 1 < counts.count, edges[place + 1] <= energy { place += 1 }
        let part = (energy - edges[place]) / (edges[place + 1] - edges[place])
        return sums[place] + part * counts[place]
      }
      var last = below(edges[0] + escape.energy)
      for bin in counts.indices {
        let next = below(edges[bin + 1] + escape.energy)
        result[bin] += escape.fraction * (next - last)
        last = next
      }
    }
    return result
  }

  /// The part of a photon's charge that stays in its pixel is spread evenly from a half to all of it.
  private func shared(_ counts: [Double]) -> [Double] {
    let centers = counts.indices.map { 0.5 * (edges[$0] + edges[$0 + 1]) }
    // Counts below E: all of photons below E, and of those from E to 2 E the part (E - c / 2) / (c / 2).
    var whole = 0.0
    var density = counts.indices.reduce(0.0) { $0 + (centers[$1] > 0 ? counts[$1] / (0.5 * centers[$1]) : 0) }
    var moment = counts.reduce(0, +)
    var beyond = counts.count
    var lower = 0
    // Photons above twice the lowest edge do not reach down to it.
    while beyond > 0, 0.5 * centers[beyond - 1] >= edges[0] {
      beyond -= 1
      density -= counts[beyond] / (0.5 * centers[beyond])
      moment -= counts[beyond]
    }
    func below(_ energy: Double) -> Double {
      while lower < counts.count, centers[lower] <= energy {
        whole += counts[lower]
        if lower < beyond, centers[lower] > 0 {
          density -= counts[lower] / (0.5 * centers[lower])
          moment -= counts[lower]
        }
        lower += 1
      }
      while beyond < counts.count, 0.5 * centers[beyond] < energy {
        density += counts[beyond] / (0.5 * centers[beyond])
        moment += counts[beyond]
        beyond += 1
      }
      return whole + density * energy - moment
    }
    var result = counts.map { (1 - sharingFraction) * $0 }
    var last = below(edges[0])
    for bin in counts.indices {
      let next = below(edges[bin + 1])
      result[bin] += sharingFraction * (next - last)
      last = next
    }
    return result
  }

  /// An exponential of the tail's length towards lower energies, its integral over each bin; counts lie evenly in their bins.
  private func trapped(_ counts: [Double]) -> [Double] {
    var result = counts
    var entering = 0.0
    for bin in stride(from: counts.count - 1, through: 0, by: -1) {
      let width = (edges[bin + 1] - edges[bin]) / tailLength
      let passing = exp(-width)
      let leaving = (1 - passing) / width
      result[bin] =
        (1 - tailFraction) * counts[bin]
        + tailFraction * (entering * (1 - passing) + counts[bin] * (1 - leaving))
      entering = entering * passing + counts[bin] * leaving
    }
    return result
  }
}
