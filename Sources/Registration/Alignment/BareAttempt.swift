import Foundation
import Volumetry

/// The alignment of a pair that may share a pattern of the detector, which stays where it is whatever the object does.
///
/// The pair is aligned as it is. Where both volumes have rings, have one pattern at the same places of their slices, agree by
/// little else than what all slices share, or have ``GridFaults``, it is aligned once more without that. The bare pair is believed
/// where the two differ.
struct BareAttempt {
  enum Pattern {
    /// Rings of one detector; what is round about the middle of the slices of both, but not alike; what all slices share; what
    /// ``GridFaults`` has.
    case rings, round, slices, grid
  }

  private(set) var attempt: Attempt
  /// What was taken off; nil where the pair was taken as it is.
  private(set) var pattern: Pattern?
  /// What was taken off with it, or alone.
  private(set) var faults: [GridFaults.Kind] = []
  /// Distance in um to the other alignment beyond what noise makes of it.
  private(set) var drift = 0.0

  /// Errors by which two metrics differ where one is wrong.
  private static let apart = 1.5
  /// Ratio of two errors, below which the one is of a better metric rather than of other noise.
  private static let better = 0.6
  /// Fewest voxels along every axis with which mutual information is asked beside a line.
  private static let thinnest = 8
  /// Part of the detail's correlation that is left at a place that a pattern did not make.
  private static let kept = 0.9
  /// Likeness of two patterns beyond chance.
  private static let alike = 5.0
  /// Likeness of a pattern in the first and the last slices of one volume, below which it is of its object.
  private static let persistent = 3.0

  /// - Throws: `data` as ``Attempt``, and where nothing but a pattern agrees; `cancelled`.
  init(
    _ fixed: FixedSamples, _ moving: WorkingImage, options: RegistrationOptions, pair: String,
    resources: Resources
  ) throws(VoxelithError) {
    let plain: Attempt
    let threads = resources.threads
    let faults = GridFaults(fixed, moving, threads: threads)
    let (values, voxels) = (faults.fixed.values, faults.moving.voxels)
    let circles = (
      RingPattern(values, shape: fixed.lattice.shape, threads: threads),
      RingPattern(voxels, shape: moving.grid.shape, threads: threads)
    )
    let rings = [circles.0?.removed(from: values), circles.1?.removed(from: voxels)].compactMap { $0 }
    let hasRings = rings.count == 2
    var kind = Pattern.round
    if let first = circles.0, let second = circles.1, first.isLike(second) { kind = .rings }
    do {
      plain = try Attempt(fixed, moving, options: options, pair: pair, resources: resources)
    } catch {
      guard hasRings || !faults.kinds.isEmpty, error.code != .cancelled else { throw error }
      let bare = hasRings ? Self.pair(fixed, moving, rings) : (faults.fixed, faults.moving)
      attempt = try Attempt(bare.0, bare.1, options: options, pair: pair, resources: resources)
      pattern = hasRings ? kind : .grid
      self.faults = faults.kinds
      return
    }
    let slices = [
      SlicePattern(values, shape: fixed.lattice.shape, threads: threads),
      SlicePattern(voxels, shape: moving.grid.shape, threads: threads),
    ].compactMap { $0 }
    // A pattern at the same places of both speaks for an alignment that moves nothing.
    let sharesSlices =
      slices.count == 2 && slices[0].likeness(to: slices[1]) > Self.alike
      && slices.allSatisfy { $0.persistence > Self.persistent }
    let isAlike = sharesSlices || hasRings || faults.isShared
    var bares: [(pattern: Pattern, fixed: FixedSamples, moving: WorkingImage)] = []
    if hasRings {
      let bare = Self.pair(fixed, moving, rings)
      bares.append((kind, bare.0, bare.1))
    }
    if sharesSlices || (!hasRings && slices.count == 2 && Self.restsOnSlices(plain, threads: threads)) {
      let bare = Self.pair(
        fixed, moving, [slices[0].removed(from: values), slices[1].removed(from: voxels)])
      bares.append((.slices, bare.0, bare.1))
    }
    if bares.isEmpty, !faults.kinds.isEmpty { bares.append((.grid, faults.fixed, faults.moving)) }
    guard !bares.isEmpty else {
      attempt = plain
      return
    }
    var found: [(attempt: Attempt, pattern: Pattern?)] = []
    for bare in bares {
      func again(from start: SpatialTransform?) throws(VoxelithError) -> Attempt? {
        var options = options
        if let start { options.start = start }
        do throws(VoxelithError) {
          let next = try Attempt(bare.fixed, bare.moving, options: options, pair: pair, resources: resources)
          return next.isSure ? next : nil
        } catch {
          if error.code == .cancelled { throw error }
          return nil
        }
      }
      let near = plain.isSure ? try again(from: plain.place) : nil
      if let near, near.agrees(with: plain),
        !isAlike || near.trial.agreement.correlation > Self.kept * plain.trial.agreement.correlation
      {
        found.append((near, bare.pattern))
        found.append((plain, nil))
        continue
      }
      let anywhere = try again(from: options.start)
      found += [near, anywhere].compactMap { $0 }.map { ($0, bare.pattern) }
    }
    // The object changes slowly as well, at the same places where it has hardly moved: only what draws the pair elsewhere is a fault.
    if bares.allSatisfy({ $0.pattern == .grid }), faults.kinds == [.shading],
      found.contains(where: { $0.pattern == nil })
    {
      attempt = plain
      return
    }
    // Rings take less of the object with them: slices must agree by clearly more.
    func likeness(_ found: (attempt: Attempt, pattern: Pattern?)) -> Double {
      (found.pattern == .slices ? Self.kept : 1) * found.attempt.trial.agreement.correlation
    }
    let best = found.filter { $0.pattern != nil }.max { likeness($0) < likeness($1) }
    guard let best else {
      guard plain.isSure, isAlike || bares.contains(where: { $0.pattern != .grid }) else {
        attempt = plain
        return
      }
      throw VoxelithError(
        .data, "\(pair) agree by what all of their slices share alone, as rings and stripes of a detector do",
        advice: "take these off first; an object that does not change along z cannot be told from them")
    }
    // Of those that lie at one place, the one that promises least. With what all slices share a part of the object goes, alike in all
    // of them, which no statistics of the residuals sees.
    func promise(_ found: (attempt: Attempt, pattern: Pattern?)) -> Double {
      (found.pattern == .slices ? 2 : 1) * found.attempt.error
    }
    let same = found.filter { $0.attempt.agrees(with: best.attempt) }
    let taken = same.min { promise($0) < promise($1) } ?? best
    attempt = taken.attempt
    pattern = taken.pattern
    self.faults = pattern == nil ? [] : faults.kinds
    for other in same {
      // Of two estimates of nearly the same voxels (Hausman, Econometrica 46 (1978) 1251); errors are known to a part of them.
      let (a, b) = (other.attempt.error, taken.attempt.error)
      let distance = other.attempt.distance(to: taken.attempt)
      let chance = max(abs(a * a - b * b), 0.25 * b * b)
      drift = max(drift, max(0, distance * distance - chance).squareRoot())
    }
  }

  /// Looks at the place by mutual information, too, where a line between the grey values was taken for granted.
  ///
  /// Two metrics that are both right differ by their errors alone. Where they differ by more, something that is no line, or is of one
  /// of the volumes only, has drawn the one that asks more of the values: the other is taken, and a third of the distance
  /// is an error of it, so that the promise covers both.
  mutating func askInformation() throws(VoxelithError) {
    // Where variances or a point spread are given, the line is of the instrument, and knows more than a histogram does.
    // Of a few slices the histogram has too few values.
    let search = attempt.search
    let fixed = search.pyramid.fixed
    guard fixed.weights == nil, search.options.spread.sigma.max() == 0,
      Axis.allCases.allSatisfy({ fixed.lattice.shape[$0] >= Self.thinnest }),
      search.options.metric == .auto, attempt.trial.metric == .model, attempt.isSure,
      let other = try attempt.byInformation
    else { return }
    let (own, theirs) = (attempt.error, hypot(other.error, other.polish.drift))
    let distance = other.distance(to: attempt)
    // Of a line, which is the best there is where it holds, information cannot tell the place much better than the fit of it.
    guard distance > Self.apart * hypot(own, theirs) || theirs < Self.better * own else { return }
    if distance > hypot(own, theirs) { drift = hypot(drift, distance / 3) }
    attempt = other
  }

  private static func pair(
    _ fixed: FixedSamples, _ moving: WorkingImage, _ values: [[Float]]
  ) -> (FixedSamples, WorkingImage) {
    (
      FixedSamples(lattice: fixed.lattice, box: fixed.box, values: values[0], weights: fixed.weights),
      WorkingImage(grid: moving.grid, voxels: values[1], sigma: moving.sigma)
    )
  }

  /// Whether an alignment loses what speaks for it with what all slices share.
  private static func restsOnSlices(_ attempt: Attempt, threads: Int) -> Bool {
    let trial = attempt.trial
    let shape = trial.solver.model.lattice.shape
    let sides = [trial.solver.fixed.values, trial.prediction]
    let patterns = sides.compactMap { SlicePattern($0, shape: shape, threads: threads) }
    guard patterns.count == 2 else { return false }
    let bare = zip(patterns, sides).map { $0.removed(from: $1) }
    let left = [2.5, 5].map {
      Agreement(observed: bare[0], predicted: bare[1], shape: shape, width: $0, threads: threads)
    }
    let own = trial.agreement
    return left.allSatisfy {
      $0.correlation < 0.5 * own.correlation
        || ($0.significance < attempt.needed && own.significance > 2 * attempt.needed)
    }
  }
}
