import CXraylib
public import Volumetry

/// A line of known energy in a measured spectrum: fluorescence of an element, or any energy such as that of the
/// elastically scattered beam.
public struct EmissionLine: Sendable, Hashable, Codable, CustomStringConvertible {
  public var name: String
  /// keV.
  public var energy: Double
  /// The element whose fluorescence it is; nil for a bare energy.
  public var element: Int?

  public var description: String { name }

  init(name: String, energy: Double, element: Int? = nil) {
    self.name = name
    self.energy = energy
    self.element = element
  }

  /// Reads `Pb-Ka1` (element and Siegbahn name; energies of xraylib) or `elastic:115.6` (any name, then keV).
  ///
  /// - Throws: `usage` for an unknown element, line or energy.
  public init(_ text: String) throws(VoxelithError) {
    if let colon = text.lastIndex(of: ":") {
      let name = String(text[..<colon])
      guard !name.isEmpty, let energy = Double(text[text.index(after: colon)...]), energy > 0,
        energy.isFinite
      else {
        throw VoxelithError(
          .usage, "'\(text)' gives no energy", advice: "write NAME:keV, as elastic:115.6")
      }
      self.init(name: name, energy: energy)
      return
    }
    let parts = text.split(separator: "-", maxSplits: 1).map(String.init)
    guard parts.count == 2, let z = AtomicData.atomicNumber(parts[0]) else {
      throw VoxelithError(
        .usage, "'\(text)' names no line", advice: "write it as Pb-Ka1, or with its energy as elastic:115.6")
    }
    guard let known = Self.lines(of: z).first(where: { $0.name.lowercased() == parts[1].lowercased() }) else {
      let names = Self.lines(of: z).map(\.name).joined(separator: " ")
      throw VoxelithError(
        .usage, "\(parts[0]) has no line '\(parts[1])'",
        advice: names.isEmpty ? nil : "its lines are: \(names)")
    }
    self.init(name: text, energy: known.energy, element: z)
  }

  /// Siegbahn names and xraylib's numbers of the lines that matter.
  private static let names: [(name: String, number: Int32)] = [
    ("Ka1", -3), ("Ka2", -2), ("Kb1", -6), ("Kb3", -5), ("Kb2", -11), ("Kb2'", -10), ("Kb5", -8),
    ("La1", -90), ("La2", -89), ("Lb1", -63), ("Lb2", -95), ("Lb3", -34), ("Lb4", -33), ("Lg1", -68),
  ]

  /// The lines of an element with their energies in keV and their rates within a series.
  static func lines(of z: Int) -> [(name: String, energy: Double, rate: Double)] {
    names.compactMap { name, number in
      let energy = LineEnergy(Int32(z), number, nil)
      let rate = RadRate(Int32(z), number, nil)
      return energy > 0 && rate > 0 ? (name, energy, rate) : nil
    }
  }
}

/// Lines that the detector cannot tell apart: their distances and relative intensities are known.
struct LineCluster: Sendable {
  struct Part: Sendable {
    let energy: Double
    /// Part of the cluster's counts.
    let share: Double
  }

  let parts: [Part]

  /// Every line that the elements of `lines` have, and the bare energies, joined where they lie closer than
  /// `separation` keV.
  static func all(of lines: [EmissionLine], separation: Double) -> [LineCluster] {
    var known: [(energy: Double, rate: Double, series: String)] = []
    for z in Set(lines.compactMap(\.element)).sorted() {
      let wanted = Set(
        lines.filter { $0.element == z }.compactMap { $0.name.split(separator: "-").last?.first })
      for line in EmissionLine.lines(of: z) {
        guard let series = line.name.first, wanted.contains(where: { $0.lowercased() == series.lowercased() })
        else { continue }
        known.append((line.energy, line.rate, "\(z)\(series)"))
      }
    }
    known += lines.filter { $0.element == nil }.map { ($0.energy, 1, $0.name) }
    known.sort { $0.energy < $1.energy }
    var clusters: [[(energy: Double, rate: Double, series: String)]] = []
    for line in known {
      if let last = clusters.last?.last, line.energy - last.energy < separation, last.series == line.series {
        clusters[clusters.count - 1].append(line)
      } else {
        clusters.append([line])
      }
    }
    return clusters.map { cluster in
      let sum = cluster.reduce(0) { $0 + $1.rate }
      return LineCluster(parts: cluster.map { Part(energy: $0.energy, share: $0.rate / sum) })
    }
  }
}
