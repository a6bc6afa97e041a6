import Volumetry

/// What lies along an axis of an array, as far as its name and its unit tell.
enum AxisSense: Sendable, Hashable {
  /// One of space, by its name.
  case space(Axis)
  /// Lengths, or slices one upon the other, that name no axis.
  case length
  /// Something that is no place: what it is, for messages.
  case other(String)
  /// Nothing is told.
  case unknown

  /// A name that says what is measured goes before a unit, a unit before the letters x, y and z of a name.
  init(name: String?, unit: String?) {
    let last = name?.split(separator: "/").last.map(String.init) ?? name ?? ""
    let words = Set(last.lowercased().split { !$0.isLetter }.map(String.init))
    func has(_ names: Set<String>) -> Bool { !words.isDisjoint(with: names) }
    let isLength = unit.map { Units.factor($0, .length) != nil } ?? false
    if has(Self.spectral) || last.lowercased().contains("energ") {
      self = .other("energies")
    } else if !isLength, has(Self.angular) || words.contains(where: { $0.hasSuffix("angle") }) {
      self = .other(Self.angles)
    } else if let unit, !isLength, let other = Self.quantity(unit) {
      self = .other(other)
    } else if let axis = SpatialName.axis(last) {
      self = .space(axis)
    } else if isLength || has(Self.stacked) {
      self = .length
    } else if has(Self.temporal) {
      self = .other(Self.times)
    } else if has(Self.numbered) {
      self = .other("images or scans that follow one another")
    } else if has(Self.physical) {
      self = .other("other quantities")
    } else {
      self = .unknown
    }
  }

  var axis: Axis? {
    if case .space(let axis) = self { return axis }
    return nil
  }

  /// What is no place, as messages name it.
  var other: String? {
    if case .other(let what) = self { return what }
    return nil
  }

  static let angles = "rotation angles"
  static let times = "times"

  private static let spectral: Set<String> = ["wavelength", "wavelengths", "photon", "photons"]
  private static let angular: Set<String> = [
    "angle", "angles", "srot", "theta", "thetas", "twotheta", "tth", "omega", "phi", "chi", "kappa",
    "rotation",
    "rotations", "rot", "tilt", "azimuth", "projection", "projections", "degrees",
  ]
  private static let temporal: Set<String> = [
    "t", "time", "times", "timestamp", "timestamps", "epoch", "seconds", "hours", "elapsed",
  ]
  private static let numbered: Set<String> = [
    "scan", "scans", "image", "images", "shot", "shots", "run", "runs", "acquisition", "acquisitions",
    "frame",
    "frames", "cycle", "cycles", "repetition", "repetitions", "exposure", "exposures",
  ]
  private static let physical: Set<String> = [
    "temperature", "temperatures", "temp", "voltage", "voltages", "potential", "current", "pressure",
    "humidity",
    "load", "force", "strain", "stress", "charge", "capacity", "soc", "concentration", "field",
    "polarization",
  ]
  private static let stacked: Set<String> = [
    "slice", "slices", "layer", "layers", "section", "sections", "plane", "planes", "depth", "height",
    "level",
    "levels", "stack",
  ]
  /// Units that are neither of length, energy, time or angle.
  private static let foreign: Set<String> = [
    "k", "degc", "deg c", "\u{B0}c", "c", "celsius", "kelvin", "v", "mv", "kv", "volt", "volts", "ma",
    "ampere",
    "n", "kn", "mn", "newton", "pa", "kpa", "mpa", "gpa", "bar", "mbar", "hz", "khz", "mhz", "t", "tesla",
    "w",
    "kw", "watt", "ah", "mah", "mah/g", "%", "percent",
  ]

  /// What a unit measures that is no length; nil where it counts or is not known.
  private static func quantity(_ unit: String) -> String? {
    if Units.isCount(unit) { return nil }
    if Units.factor(unit, .angle) != nil { return angles }
    if Units.factor(unit, .time) != nil { return times }
    if Units.factor(unit, .energy) != nil { return "energies" }
    let text = Units.normalized(unit)
    return foreign.contains(text.lowercased()) ? "values in \(text)" : nil
  }

  /// The axis that is not one of space: one that its name or unit tells, or one of which nothing is told beside both x and y.
  ///
  /// - Parameter sides: length of each axis; one of length 1 does no harm.
  static func strange(_ senses: [AxisSense], sides: [Int]) -> (place: Int, what: String)? {
    for place in senses.indices where sides[place] > 1 {
      if let what = senses[place].other { return (place, what) }
    }
    let named = Set(senses.compactMap(\.axis))
    guard named.isSuperset(of: [.x, .y]) else { return nil }
    return senses.indices.first { senses[$0] == .unknown && sides[$0] > 1 }.map {
      ($0, "something that is not told")
    }
  }

  /// Which axis of space each axis of an array is: those that are named keep their names, the others take what is left, the last x.
  static func places(_ senses: [AxisSense]) -> [Axis] {
    let named = senses.compactMap(\.axis)
    guard Set(named).count == named.count else { return places(senses.map { _ in .unknown }) }
    var left = [Axis.x, .y, .z].filter { !named.contains($0) }
    var result: [Axis] = []
    for sense in senses.reversed() { result.append(sense.axis ?? left.removeFirst()) }
    return result.reversed()
  }
}
