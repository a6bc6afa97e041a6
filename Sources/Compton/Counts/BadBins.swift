import Volumetry

/// Bins that no voxel's fit may use: they stop at the end of the counter's range, hold no counts, or are no numbers.
struct BadBins: Sendable, Hashable {
  private(set) var saturated: Set<Int> = []
  private(set) var dead: Set<Int> = []
  private(set) var missing: Set<Int> = []
  /// The number at which saturated bins stop.
  private(set) var level: Double?

  var all: Set<Int> { saturated.union(dead).union(missing) }

  /// Part of the spectra in which a bin must be bad before all voxels do without it.
  private static let leastPart = 0.02
  /// Standard deviations below the level from which on a bin is left out: else it would lose its upper half.
  private static let guardBand = 5.0
  /// Counts of the neighbours, over all spectra, beside which a bin without counts is dead, and the part of theirs that it
  /// may hold.
  private static let fewestBeside = 100.0
  private static let deadPart = 0.02

  /// - Parameter sample: pairs of spectra, each pair of one detector pixel.
  init(_ sample: CountSample) {
    let bins = sample.bins
    let spectra = sample.pairs.flatMap { [$0[..<bins], $0[bins...]] }.map(Array.init)
      .filter { $0.contains { $0 > 0 } }
    guard !spectra.isEmpty, bins > 8 else { return }
    missing = Set(
      (0..<bins).filter { bin in 2 * spectra.count { !$0[bin].isFinite } > spectra.count })
    findDead(spectra)
    level = SaturationLevel(sample).value
    if let level { findSaturated(spectra, level: level) }
  }

  private mutating func findDead(_ spectra: [[Float]]) {
    let bins = spectra[0].count
    var totals = [Double](repeating: 0, count: bins)
    for spectrum in spectra {
      for bin in 0..<bins where spectrum[bin].isFinite { totals[bin] += Double(spectrum[bin]) }
    }
    for bin in 4..<max(4, bins - 4) where !missing.contains(bin) {
      let beside = [(bin - 4)..<bin, (bin + 1)..<(bin + 5)].map { side in
        side.reduce(0.0) { $0 + totals[$1] } / 4
      }
      let least = min(beside[0], beside[1])
      if least >= Self.fewestBeside, abs(totals[bin]) < Self.deadPart * least { dead.insert(bin) }
    }
  }

  private mutating func findSaturated(_ spectra: [[Float]], level: Double) {
    let bins = spectra[0].count
    let brightest = spectra.filter { $0.contains { Double($0) >= level * (1 - 1e-6) } }
    guard Double(brightest.count) >= Self.leastPart * Double(spectra.count) else { return }
    let limit = level - Self.guardBand * level.squareRoot()
    let place = min(brightest.count - 1, Int(0.9 * Double(brightest.count)))
    for bin in 0..<bins where !missing.contains(bin) {
      let values = brightest.map { $0[bin] }.filter(\.isFinite).sorted()
      guard !values.isEmpty else { continue }
      if Double(values[min(place, values.count - 1)]) >= limit { saturated.insert(bin) }
    }
  }
}

/// The number at which bins stop to grow.
private struct SaturationLevel {
  private(set) var value: Double?

  /// Ends of the ranges of integers that detectors count in.
  private static let fullScales: [Float] = [255, 1023, 4095, 16383, 32767, 65535]
  /// Counts below which two bins share their highest number by chance.
  private static let chance: Float = 200

  init(_ sample: CountSample) {
    var levels: [Double] = []
    if let all = Self.ofAll(sample) { levels.append(all) }
    if let own = Self.ofPixels(sample) { levels.append(own) }
    value = levels.min()
  }

  private static func step(_ sample: CountSample) -> Double {
    var numbers = NumberCensus()
    for pair in sample.pairs { numbers.add(pair, bins: sample.bins) }
    return numbers.areWhole ? numbers.unit(liveTime: nil) ?? 1 : 1
  }

  /// The highest number of all, where more spectra reach it than such as end near it would by chance.
  private static func ofAll(_ sample: CountSample) -> Double? {
    var maxima: [Float] = []
    var reached = 0
    for pair in sample.pairs {
      for spectrum in [pair[..<sample.bins], pair[sample.bins...]] {
        if let highest = spectrum.filter(\.isFinite).max() { maxima.append(highest) }
      }
    }
    guard let highest = maxima.max(), highest >= chance else { return nil }
    for pair in sample.pairs { reached += pair.count { $0 == highest } }
    if fullScales.contains(highest), reached >= 2 { return Double(highest) }
    let root = highest.squareRoot()
    let near = maxima.count { $0 < highest && $0 >= highest - root }
    let byChance = Double(near) * step(sample) / Double(root)
    let spectra = maxima.count { $0 == highest }
    return reached >= 4 && Double(spectra) >= 3 + 5 * byChance ? Double(highest) : nil
  }

  /// The lowest number that both spectra of a pixel end at in several bins: counters of their own range.
  private static func ofPixels(_ sample: CountSample) -> Double? {
    guard step(sample) <= 1 else { return nil }
    var levels: [Float: Int] = [:]
    for pair in sample.pairs {
      let (first, second) = (pair[..<sample.bins], pair[sample.bins...])
      guard let highest = first.filter(\.isFinite).max(), highest >= chance,
        second.filter(\.isFinite).max() == highest
      else { continue }
      if first.count(where: { $0 == highest }) >= 2, second.count(where: { $0 == highest }) >= 2 {
        levels[highest, default: 0] += 1
      }
    }
    return levels.filter { $0.value >= 2 }.keys.min().map(Double.init)
  }
}

/// Neighbouring bins that are left out of every fit, and why: for people and `map.json`.
public struct LeftOutBins: Sendable, Hashable, Codable {
  public enum Reason: String, Sendable, Hashable, Codable {
    case saturated, dead
    case missing = "not_a_number"
  }

  public var reason: Reason
  /// Bins of the file.
  public var first: Int
  public var last: Int
  /// Centres of these in keV.
  public var from: Double
  public var to: Double

  enum CodingKeys: String, CodingKey {
    case reason
    case first = "first_bin"
    case last = "last_bin"
    case from = "from_keV"
    case to = "to_keV"
  }

  static func runs(_ bad: BadBins, centers: [Double]) -> [LeftOutBins] {
    var result: [LeftOutBins] = []
    for (reason, bins) in [(Reason.saturated, bad.saturated), (.dead, bad.dead), (.missing, bad.missing)] {
      for bin in bins.sorted() {
        if let last = result.last, last.reason == reason, last.last == bin - 1 {
          result[result.count - 1].last = bin
          result[result.count - 1].to = centers[bin]
        } else {
          result.append(
            LeftOutBins(reason: reason, first: bin, last: bin, from: centers[bin], to: centers[bin]))
        }
      }
    }
    return result
  }
}
