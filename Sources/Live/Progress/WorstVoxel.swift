import Foundation
import Volumetry

/// The largest error that voxels will have when all have more counts.
///
/// The largest of many errors is the largest in part by the noise in which errors are known; that noise falls, and which voxel will be the worst one
/// is not known. So what lies below the noise is described for all voxels together (three normal distributions of largest likelihood, by
/// expectation and maximization), what comes to it is the noise of the counts to come, and the median of the largest of all is told. All
/// is done in one over sigma(x), whose noise is normal and the same for all voxels, see ``MapFacts/precision(_:)``.
struct WorstVoxel {
  /// What a voxel may be: values of it below the noise, with their chance.
  private struct Guess {
    var mean: Double
    var variance: Double
    var chance: Double
  }

  /// Values of 1 / sigma from the worst voxel up, with what lies far above the median in the last.
  private let places: [Double]
  /// Voxels at each place, none without.
  private let voxels: [Double]
  private let guesses: [[Guess]]
  private let noise: Double

  private static let steps = 240
  private static let parts = 3
  private static let rounds = 200
  private static let fewest = 16
  /// Standard deviations from all parts beyond which a voxel is one by itself, and what it is now.
  private static let alone = 5.0

  /// - Parameters:
  ///   - noise: variance of the noise of 1 / sigma.
  ///   - all: voxels that there will be; those to come are like those that are there.
  init?(_ facts: MapFacts, noise: Double, all: Int) {
    guard facts.mapped >= Self.fewest, noise > 0, let worst = facts.sigma(of: .worst),
      let median = facts.sigma(of: .all)
    else { return nil }
    let least = facts.precision(ofSigma: worst)
    // The best voxels do not tell how bad the worst will be.
    let step = 4 * (facts.precision(ofSigma: median) - least) / Double(Self.steps - 1)
    guard step > 0 else { return nil }
    var counts = [Double](repeating: 0, count: Self.steps)
    for voxel in 0..<facts.shape.count {
      let value = facts.precision(voxel)
      if value.isFinite { counts[min(Self.steps - 1, Int(((value - least) / step).rounded()))] += 1 }
    }
    let held = counts.indices.filter { counts[$0] > 0 }
    let places = held.map { least + Double($0) * step }
    let voxels = held.map { counts[$0] }
    guesses = Self.below(places, voxels, noise: noise)
    let share = Double(max(all, facts.mapped)) / Double(facts.mapped)
    (self.places, self.voxels, self.noise) = (places, voxels.map { $0 * share }, noise)
  }

  /// What lies below the noise at each place.
  private static func below(_ places: [Double], _ voxels: [Double], noise: Double) -> [[Guess]] {
    let number = voxels.reduce(0, +)
    let mean = zip(places, voxels).reduce(0) { $0 + $1.0 * $1.1 } / number
    let spread = zip(places, voxels).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 } / number
    let lasting = max(spread - noise, 0.02 * noise) / Double(parts * parts)
    var model = (0..<parts).map { part -> Guess in
      var (sum, place) = (0.0, 0)
      while place < places.count - 1, sum + voxels[place] < (Double(part) + 0.5) / Double(parts) * number {
        sum += voxels[place]
        place += 1
      }
      return Guess(mean: places[place], variance: lasting, chance: 1 / Double(parts))
    }
    func guesses(_ place: Double) -> [Guess] {
      var sum = 0.0
      var found = model.map { part -> Guess in
        let width = part.variance + noise
        let chance =
          part.chance * exp(-0.5 * (place - part.mean) * (place - part.mean) / width) / width.squareRoot()
        sum += chance
        return Guess(
          mean: part.mean + part.variance / width * (place - part.mean),
          variance: part.variance * noise / width, chance: chance)
      }
      if sum < 1e-280 { return [Guess(mean: place, variance: noise, chance: 1)] }
      for part in found.indices { found[part].chance /= sum }
      return found
    }
    for _ in 0..<rounds {
      var next = model.map { _ in Guess(mean: 0, variance: 0, chance: 1e-9) }
      let all = places.map(guesses)
      for (place, count) in zip(all, voxels) where place.count == parts {
        for part in 0..<parts {
          next[part].chance += count * place[part].chance
          next[part].mean += count * place[part].chance * place[part].mean
        }
      }
      for part in 0..<parts { next[part].mean /= next[part].chance }
      for (place, count) in zip(all, voxels) where place.count == parts {
        for part in 0..<parts {
          let off = place[part].mean - next[part].mean
          next[part].variance += count * place[part].chance * (off * off + place[part].variance)
        }
      }
      for part in 0..<parts {
        next[part].variance = max(next[part].variance / next[part].chance, 1e-4 * noise)
        next[part].chance /= number
      }
      model = next
    }
    return places.map { place in
      let isAlone = model.allSatisfy { part in
        abs(place - part.mean) > alone * (part.variance + noise).squareRoot()
      }
      return isAlone ? [Guess(mean: place, variance: noise, chance: 1)] : guesses(place)
    }
  }

  /// Median of the smallest 1 / sigma when the counts have grown by a factor, on the scale of now.
  private func smallest(_ factor: Double) -> Double {
    let later = 1 - 1 / factor
    let then = zip(places, guesses).map { place, all in
      all.map { guess in
        Guess(
          mean: guess.mean + (place - guess.mean) / factor,
          variance: (guess.variance * later * later + noise / factor * later).squareRoot(),
          chance: guess.chance)
      }
    }
    var (low, high) = (Double.infinity, Double.infinity)
    for guess in then.joined() where guess.chance > 1e-12 {
      low = min(low, guess.mean - 8 * guess.variance)
      high = min(high, guess.mean + 2 * guess.variance)
    }
    for _ in 0..<40 {
      let value = 0.5 * (low + high)
      var sum = 0.0
      for (all, count) in zip(then, voxels) {
        let chance = all.reduce(0) {
          $0 + $1.chance * Distributions.normalCDF(($1.mean - value) / max($1.variance, 1e-12))
        }
        sum += count * log(max(1e-300, chance))
      }
      if sum > -log(2) { low = value } else { high = value }
    }
    return low
  }

  /// By how much the counts must grow until the largest variance of x by counts is one that is wanted; 1 where it is that now.
  func factor(untilVariance wanted: Double) -> Double {
    let precision = 1 / wanted.squareRoot()
    guard places[0] < precision else { return 1 }
    var (low, high) = (1.0, 2.0)
    while smallest(high) * high.squareRoot() < precision, high < 1e12 { (low, high) = (high, 2 * high) }
    for _ in 0..<20 {
      let middle = 0.5 * (low + high)
      if smallest(middle) * middle.squareRoot() < precision { low = middle } else { high = middle }
    }
    return 0.5 * (low + high)
  }
}
