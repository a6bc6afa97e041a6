import Foundation
import Volumetry

/// Which pixels of a detector differ from the others, and what describes each part.
///
/// Few pixels that differ are taken out of the sum, so that it shows what the others have in common, and are fitted by
/// themselves. Where gain and width scatter from pixel to pixel, each gets its own. Where neither explains what is seen, all
/// units of the kind that shows it best are fitted by themselves.
struct UnevenPixels {
  /// Sums that are fitted together.
  struct Joint {
    var spectra: [SummedSpectrum]
    /// For each sum of pixels its place among the spectra.
    var place: [Int]
    var fit: InstrumentFit
  }

  /// A unit with a fit of its own.
  struct Apart {
    var unit: PixelUnits.Unit
    var joint: Joint
    var voxels: Int
  }

  private(set) var main: Joint
  private(set) var pixels: PixelMisfit
  private(set) var apart: [Apart] = []
  /// Units that differ and are not fitted by themselves, as they are too many.
  private(set) var unexplained: [PixelUnits.Unit] = []

  /// Part of the voxels that may be taken out of the sum, and units that may have fits of their own.
  private static let mostTakenOut = 0.4
  private static let mostUnits = 200
  private static let mostRounds = 16

  /// Whether every unit is fitted by itself.
  var isAllApart = false
  /// Whether parts of the detector differ.
  var isUneven: Bool { !apart.isEmpty || !unexplained.isEmpty }

  /// - Parameter joint: fits all sums but some.
  init(
    _ sums: PixelSums, groups: PixelGroups, joint: ([Int]) throws(VoxelithError) -> Joint
  ) throws(VoxelithError) {
    let everything = Array(0..<sums.count)
    let whole = try joint(everything)
    main = whole
    pixels = try PixelMisfit(sums, fit: whole.fit, place: whole.place, without: [])
    let tested = try PixelUnits(sums, groups: groups, fit: whole.fit, place: whole.place, without: [])
    guard tested.worst > PixelUnits.limit else { return }
    let isScatter = pixels.isCorrected && tested.worstOfOwn <= PixelUnits.limit
    var state = tested
    var taken: Set<Int> = []
    var units: [PixelUnits.Unit] = []
    var rest = whole
    for _ in 0..<Self.mostRounds where state.worst > PixelUnits.limit {
      let found = state.differing
      units += found
      taken.formUnion(found.flatMap(\.members))
      guard sums.voxels(taken) <= Self.mostTakenOut * sums.voxels(Set(everything)) else { break }
      rest = try joint(everything.filter { !taken.contains($0) })
      state = try PixelUnits(sums, groups: groups, fit: rest.fit, place: rest.place, without: taken)
    }
    let isFew =
      state.worst <= PixelUnits.limit
      && sums.voxels(taken) <= Self.mostTakenOut * sums.voxels(Set(everything))
    let others = isFew ? try PixelMisfit(sums, fit: rest.fit, place: rest.place, without: taken) : pixels
    if isFew, !isScatter || !others.isCorrected {
      main = rest
      pixels = others
      apart = try units.map { (unit) throws(VoxelithError) in
        Apart(unit: unit, joint: try joint(unit.members), voxels: Int(sums.voxels(Set(unit.members))))
      }
      return
    }
    guard !isScatter else { return }
    let all = tested.units.filter { $0.kind == tested.kind }
    guard all.count <= Self.mostUnits, Set(all.flatMap(\.members)).count == sums.count else {
      unexplained = tested.differing
      return
    }
    pixels = PixelMisfit(none: sums.count)
    isAllApart = true
    apart = try all.map { (unit) throws(VoxelithError) in
      Apart(unit: unit, joint: try joint(unit.members), voxels: Int(sums.voxels(Set(unit.members))))
    }
  }
}

extension Misfit {
  /// An error by the instrument of a part of the detector beyond this says nothing of its lithium.
  static let largestSigmaOfPart = 0.2
  /// Parts of the detector that a notice names one by one.
  private static let mostTold = 3

  /// Takes in what was found of parts of the detector that differ from the rest.
  ///
  /// - Parameters:
  ///   - parts: what the fit of each says.
  ///   - voxels: of the whole map.
  mutating func take(
    _ uneven: UnevenPixels, parts: [Misfit], voxels: Int, groups: PixelGroups
  ) {
    if !uneven.unexplained.isEmpty {
      let names = Self.names(uneven.unexplained, groups)
      verdict = .notDescribed
      sigma = max(sigma, Self.largestSigma)
      add("\(names) differ from the others by more than gain and width explain; look at these pixels")
      return
    }
    guard !uneven.apart.isEmpty else { return }
    let apart = uneven.apart
    let ownShare =
      uneven.isAllApart ? 0 : 1 - Double(apart.reduce(0) { $0 + $1.voxels }) / Double(max(1, voxels))
    takeAll(
      apart.indices.map { index in
        OwnPart(
          misfit: parts[index], voxels: apart[index].voxels,
          followsLast: index > 0 && apart[index].unit.follows(apart[index - 1].unit, groups),
          words: { apart[index].unit.words(groups, to: apart[$0].unit) }, suffix: " of the detector",
          isMany: { apart[index].unit.isMany(to: apart[$0].unit, groups) })
      }, share: ownShare, voxels: voxels)
  }

  /// A part of a map with a fit of its own.
  struct OwnPart {
    var misfit: Misfit
    var voxels: Int
    /// Whether it is the neighbour of the part before it.
    var followsLast: Bool
    /// Its name together with those of the parts up to one.
    var words: (Int) -> String
    /// What follows the name in a sentence.
    var suffix = ""
    /// Whether these words are in the plural.
    var isMany: (Int) -> Bool
  }

  /// Takes in the corrections of parts that were fitted by themselves.
  ///
  /// - Parameter share: part of the voxels that lie in none of them.
  mutating func takeAll(_ parts: [OwnPart], share: Double, voxels: Int) {
    if share == 0 {
      verdict = .described
      corrections = []
      notice = nil
    }
    var error = share * sigma
    var isWrong = verdict == .notDescribed
    for part in parts {
      error += Double(part.voxels) / Double(max(1, voxels)) * part.misfit.sigma
      if part.misfit.verdict == .notDescribed { isWrong = true }
      largestPixelChiSquaredPerDOF = max(largestPixelChiSquaredPerDOF ?? 0, part.misfit.chiSquaredPerDOF)
    }
    // Neighbours with the same corrections are told together.
    var told: [(isWrong: Bool, text: String)] = []
    var start = 0
    while start < parts.count {
      let first = parts[start].misfit
      var end = start + 1
      while end < parts.count, parts[end].followsLast, parts[end].misfit.verdict == first.verdict,
        parts[end].misfit.corrections.map(\.name) == first.corrections.map(\.name)
      {
        end += 1
      }
      let place = parts[start].words(end - 1)
      for (index, correction) in first.corrections.enumerated() {
        let all = parts[start..<end].map { $0.misfit.corrections[index] }
        let n = Double(all.count)
        var mean = correction
        mean.value = all.reduce(0.0) { $0 + $1.value } / n
        mean.sigma = all.reduce(0.0) { $0 + $1.sigma } / n
        mean.biasOfX = all.reduce(0.0) { $0 + $1.biasOfX } / n
        mean.pixels = place
        corrections.append(mean)
      }
      if first.verdict == .notDescribed {
        told.append((true, "\(place)\(parts[start].suffix): \(first.notice ?? "not described")"))
      } else if let cause = first.corrections.first?.cause {
        let names = first.corrections.map(\.name).joined(separator: ", ")
        let size = corrections[corrections.count - first.corrections.count].value
        let verb = parts[start].isMany(end - 1) ? "differ" : "differs"
        told.append(
          (
            false,
            "\(place)\(parts[start].suffix) \(verb) in \(names) (\(Self.significantText(size))): \(cause); corrected"
          ))
      }
      start = end
    }
    let ordered = told.filter(\.isWrong) + told.filter { !$0.isWrong }
    for part in ordered.prefix(Self.mostTold) { add(part.text) }
    if ordered.count > Self.mostTold {
      add("and so do \(ordered.count - Self.mostTold) more parts, each with its own corrections (map.json)")
    }
    if !isWrong, error > Self.largestSigma {
      isWrong = true
      add(Self.openWords(error, limit: Self.largestSigma, counts: .infinity))
    }
    sigma = error
    (openSigma, betweenStates) = (nil, nil)
    verdict = isWrong ? .notDescribed : .corrected
  }

  private static func significantText(_ value: Double) -> String { String(format: "%.3g", value) }

  mutating func add(_ text: String) { notice = notice.map { $0 + "; " + text } ?? text }

  private static func names(_ units: [PixelUnits.Unit], _ groups: PixelGroups) -> String {
    units.prefix(3).map { $0.words(groups, to: $0) }.joined(separator: ", ")
      + (units.count > 3 ? " and \(units.count - 3) more" : "")
  }
}

extension PixelUnits.Unit {
  /// Whether the words for the unit up to another one are in the plural.
  fileprivate func isMany(to last: Self, _ groups: PixelGroups) -> Bool {
    let (from, to) = (pixels(groups), last.pixels(groups))
    switch kind {
    case .row: return to.rows.upperBound > from.rows.lowerBound
    case .column: return to.columns.upperBound > from.columns.lowerBound
    case .patch: return true
    }
  }

  /// Whether the unit lies beside another one that was named before it.
  fileprivate func follows(_ other: Self, _ groups: PixelGroups) -> Bool {
    kind == other.kind && place == other.place + 1 && (kind != .patch || place % groups.across != 0)
  }
}
