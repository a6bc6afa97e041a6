import Volumetry

/// Causes that look so much like lithium that they are never corrected: the detector's tail, shared charge, phases that nobody named.
///
/// Where they explain a sum as well as what was corrected, x may be what they make of it: the mean's variance holds how far both lie
/// from each other. Noise in the standards hides these shapes, and a fit that takes its information away can find anything in what is
/// left, so that rivals are weighed in equations that take the standards for exact; only differences to the chosen set are used.
struct RivalCauses: Sendable {
  /// A set of causes beside the chosen one.
  struct Rival: Sendable {
    var effects: [InstrumentEffect]
    /// ln of the odds against the chosen set.
    var advantage: Double
    /// By what the mean of x would differ.
    var change: Double
  }

  /// Sets of the greatest odds, one for each kind of rival.
  private(set) var best: Rival?
  /// Weight of each set over that of the chosen one, and the squared distance of its x with its own variance.
  private(set) var weighed: [(exponent: Double, square: Double)] = []

  /// ln of the odds against an unnamed phase where the chosen set describes the sum, and against a detector that changed otherwise
  /// than in gain and width.
  private static let penaltyOfPhases = 1.4
  private static let penaltyOfDetector = 1.0
  /// Probability of chi-squared below which something is there that nobody named.
  private static let leastProbability = 0.05

  /// - Parameters:
  ///   - system: without the information taken away that noise in the standards feigns.
  ///   - chosen: the effects that are corrected.
  ///   - noise: what variances are multiplied by.
  ///   - probability: of a larger chi-squared than the chosen set leaves.
  init(_ system: EffectSystem, chosen: EffectSystem.Solution, noise: Double, probability: Double) {
    guard let base = system.solve(chosen.members, noise: noise) else { return }
    let penaltyOfPhases = probability < Self.leastProbability ? 0 : Self.penaltyOfPhases
    let own = system.families.filter { !$0.isRival }
    let taken = own.filter { chosen.members.contains($0.members[0]) }
    let rivals = system.families.filter(\.isRival)
    var groups = rivals.map { [$0] }
    for first in rivals.indices {
      for second in rivals.indices where second > first { groups.append([rivals[first], rivals[second]]) }
    }
    var seen: Set<[Int]> = []
    for group in groups {
      var sets = [[], taken]
      for (place, _) in taken.enumerated() {
        var less = taken
        less.remove(at: place)
        sets.append(less)
      }
      for other in own where !taken.contains(other) { sets += [[other], taken + [other]] }
      for others in sets {
        let families = others + group
        let members = families.flatMap(\.members).sorted()
        guard seen.insert(members).inserted, let solution = system.solve(members, noise: noise) else {
          continue
        }
        let penalty = group.reduce(0.0) {
          $0 + ($1.effect == .phase(0) ? penaltyOfPhases : Self.penaltyOfDetector)
        }
        let change = solution.change - base.change
        weighed.append(
          (0.5 * (solution.evidence - base.evidence) - penalty, change * change + solution.variance))
        let advantage = solution.merit - base.merit
        if advantage > best?.advantage ?? -.infinity {
          best = Rival(effects: group.map(\.effect), advantage: advantage, change: change)
        }
      }
    }
  }
}
