import Volumetry

/// Rows, columns and single patches of detector pixels, each tested for what it does not share with the others.
///
/// A part of the detector that differs shows in the unit that holds it and little else: a row's sum has the counts of all its
/// pixels, and a pixel's is not thinned by its neighbours.
struct PixelUnits {
  enum Kind: String, Sendable, CaseIterable {
    case row, column, patch
  }

  struct Unit: Sendable {
    let kind: Kind
    /// Place among its kind: row, column or group of pixels.
    let place: Int
    /// Places of its groups among the sums.
    let members: [Int]
    /// Chi-squared beyond what it should be, in standard deviations: of what describes all, and with a gain and a width of the
    /// unit's own.
    var excess = 0.0
    var excessOfOwn = 0.0
  }

  private(set) var units: [Unit] = []

  /// Standard deviations from which on a unit differs from the others.
  static let limit = 6.0
  static let leastCounts = 1e5

  var worst: Double { units.map(\.excess).max() ?? 0 }
  var worstOfOwn: Double { units.map(\.excessOfOwn).max() ?? 0 }

  /// The kind whose worst unit is the worst of all.
  var kind: Kind? { units.max { $0.excess < $1.excess }?.kind }

  /// Units of that kind that differ most.
  var differing: [Unit] {
    let worstKind = kind
    let least = max(Self.limit, 0.5 * worst)
    return units.filter { $0.kind == worstKind && $0.excess > least }
  }

  /// - Parameters:
  ///   - left: sums that take no part.
  init(
    _ sums: PixelSums, groups: PixelGroups, fit: InstrumentFit, place: [Int], without left: Set<Int>
  ) throws(VoxelithError) {
    let references = fit.spectra.indices.map { PixelMisfit.Reference(fit, place: $0) }
    // Sums over pixels of other angles have no model in common.
    let all = Self.all(sums, groups: groups, without: left).filter { unit in
      unit.members.allSatisfy { place[$0] == place[unit.members[0]] }
    }
    let tests = try sums.tests(
      all.map(\.members), references: references, place: place, relative: true, least: Self.leastCounts)
    for (unit, test) in zip(all, tests) {
      guard let test else { continue }
      let noise = (2 * test.degreesOfFreedom).squareRoot()
      var tested = unit
      tested.excess = (test.chiSquared - test.degreesOfFreedom) / noise
      tested.excessOfOwn = tested.excess
      if let own = test.own { tested.excessOfOwn -= own.explained / noise }
      units.append(tested)
    }
  }

  private static func all(_ sums: PixelSums, groups: PixelGroups, without left: Set<Int>) -> [Unit] {
    var members: [Kind: [Int: [Int]]] = [:]
    for index in 0..<sums.count where !left.contains(index) {
      let group = sums.group(index)
      members[.patch, default: [:]][group] = [index]
      members[.row, default: [:]][group / groups.across, default: []].append(index)
      members[.column, default: [:]][group % groups.across, default: []].append(index)
    }
    return Kind.allCases.flatMap { kind -> [Unit] in
      let own = (members[kind] ?? [:]).sorted { $0.key < $1.key }
      guard own.count > 1 else { return [] }
      return own.filter { kind == .patch || $0.value.count > 1 }
        .map { Unit(kind: kind, place: $0.key, members: $0.value) }
    }
  }
}

extension PixelUnits.Unit {
  /// Pixels of the unit.
  func pixels(_ groups: PixelGroups) -> (rows: ClosedRange<Int>, columns: ClosedRange<Int>) {
    let side = groups.side
    let (height, width) = (groups.height - 1, groups.width - 1)
    switch kind {
    case .row: return ((place * side)...min(place * side + side - 1, height), 0...width)
    case .column: return (0...height, (place * side)...min(place * side + side - 1, width))
    case .patch:
      let own = groups.pixels(place)
      return (
        own.rows.lowerBound...(own.rows.upperBound - 1), own.columns.lowerBound...(own.columns.upperBound - 1)
      )
    }
  }

  /// Which pixels these are, for people, where `last` follows in the same row or column.
  func words(_ groups: PixelGroups, to last: Self) -> String {
    let (from, to) = (pixels(groups), last.pixels(groups))
    func range(_ low: Int, _ high: Int, _ name: String) -> String {
      low == high ? "\(name) \(low)" : "\(name)s \(low) to \(high)"
    }
    switch kind {
    case .row: return range(from.rows.lowerBound, to.rows.upperBound, "row")
    case .column: return range(from.columns.lowerBound, to.columns.upperBound, "column")
    case .patch:
      return range(from.rows.lowerBound, from.rows.upperBound, "row") + ", "
        + range(from.columns.lowerBound, to.columns.upperBound, "column")
    }
  }
}
