import Volumetry

extension EffectShapes {
  /// Lines with their weights.
  private typealias Weighted = [(energy: Double, weight: Double)]
  typealias KnownLine = (name: String, energy: Double, rate: Double)

  /// Parts of the counts below which a line is not looked for.
  private static let leastElastic = 1e-9
  private static let leastFluorescence = 0.02

  /// What the elastic line brings into the window; empty where that is nothing.
  static func elastic(
    _ line: NarrowLine, incident: Double, settings: InstrumentSettings
  ) -> [(InstrumentEffect.ElasticPart, [Double])] {
    var parts: [(InstrumentEffect.ElasticPart, [Double])] = []
    let window = (line.edges.first ?? 0)...(line.edges.last ?? 0)
    let inside = settings.escapes.indices.filter { window.contains(incident - settings.escapes[$0]) }
    if !inside.isEmpty {
      let share = inside.reduce(0.0) { $0 + settings.escapeShares[$1] }
      let lines = inside.map { (incident - settings.escapes[$0], settings.escapeShares[$0] / share) }
      parts.append((.escapes, sum(lines) { line.counts(at: $0) }))
      if inside.count > 1 {
        for index in inside {
          parts.append((.escape(index), line.counts(at: incident - settings.escapes[index])))
        }
      }
      for shape in InstrumentEffect.LineShape.all {
        parts.append((.shape(shape), sum(lines) { line.change(shape, at: $0) }))
      }
    }
    for form in InstrumentEffect.LineTail.allCases {
      let tail = line.tail(form, at: incident)
      let seen = tail.reduce(0, +)
      if seen > leastElastic { parts.append((.tail(form), tail.map { $0 / seen })) }
    }
    return parts
  }

  /// K lines of one element; empty where none of them is in the window.
  static func fluorescence(
    _ line: NarrowLine, _ known: [KnownLine]
  ) -> [(InstrumentEffect.LinePart, [Double])] {
    func weighted(_ lines: [KnownLine]) -> Weighted { lines.map { ($0.energy, $0.rate) } }
    func seen(_ lines: [KnownLine]) -> [Double]? {
      let counts = sum(weighted(lines)) { line.counts(at: $0) }
      let total = counts.reduce(0, +)
      return total > leastFluorescence * lines.reduce(0.0) { $0 + $1.rate } ? counts.map { $0 / total } : nil
    }
    let all = sum(weighted(known)) { line.counts(at: $0) }
    let total = all.reduce(0, +)
    guard total > leastFluorescence else { return [] }
    var parts: [(InstrumentEffect.LinePart, [Double])] = [(.lines, all.map { $0 / total })]
    func named(_ prefixes: [String]) -> [KnownLine] {
      known.filter { one in prefixes.contains { one.name.hasPrefix($0) } }
    }
    func more(_ part: InstrumentEffect.LinePart, _ of: [KnownLine], _ less: [KnownLine]) {
      guard !of.isEmpty, !less.isEmpty, let a = seen(of), let b = seen(less) else { return }
      parts.append((part, zip(a, b).map { $0 - $1 }))
    }
    more(.beta, named(["Kb"]), named(["Ka"]))
    more(.alpha2, named(["Ka2"]), named(["Ka1"]))
    more(.beta2, named(["Kb2"]), named(["Kb1", "Kb3"]))
    for shape in InstrumentEffect.LineShape.all {
      parts.append((.shape(shape), sum(weighted(known)) { line.change(shape, at: $0) }.map { $0 / total }))
    }
    return parts
  }

  private static func sum(_ lines: Weighted, _ counts: (Double) -> [Double]) -> [Double] {
    var result: [Double] = []
    for (energy, weight) in lines {
      let values = counts(energy)
      if result.isEmpty { result = [Double](repeating: 0, count: values.count) }
      for bin in values.indices { result[bin] += weight * values[bin] }
    }
    return result
  }
}
