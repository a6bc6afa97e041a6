public import Volumetry

/// A chemical formula with fractional amounts and, for lithium, the unknown x: `LixNi0.8Mn0.1Co0.1O2`.
public struct ChemicalFormula: Sendable, Hashable, CustomStringConvertible {
  /// The text that was parsed.
  public let description: String
  /// Atoms per formula unit by atomic number, without the lithium of the unknown x.
  public let atoms: [Int: Double]
  /// Whether the formula contains `Lix`.
  public let hasUnknownLithium: Bool

  /// Parses symbols with amounts and parentheses: `Lix(Ni0.8Mn0.1Co0.1)O2`.
  ///
  /// - Throws: `data` at an unknown symbol, a wrong amount or an unbalanced parenthesis.
  public init(_ text: String) throws(VoxelithError) {
    try NumberRange.formulaLength.check(text.utf8.count)
    var parser = FormulaParser(text: text)
    let (atoms, hasUnknown) = try parser.parse()
    guard !atoms.isEmpty || hasUnknown else {
      throw VoxelithError(.data, "the formula is empty", advice: "write it as LixNi0.8Mn0.1Co0.1O2")
    }
    description = text
    self.atoms = atoms
    hasUnknownLithium = hasUnknown
  }

  // Everything else follows from the text.
  public static func == (first: Self, second: Self) -> Bool { first.description == second.description }
  public func hash(into hasher: inout Hasher) { hasher.combine(description) }

  /// Atoms per formula unit at a given x.
  public func atoms(x: Double) -> [Int: Double] {
    guard hasUnknownLithium else { return atoms }
    return atoms.merging([3: x], uniquingKeysWith: +)
  }

  /// Mass of a formula unit in g/mol.
  public func molarMass(x: Double = 0) -> Double {
    atoms(x: x).sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value * AtomicData.atomicWeight($1.key) }
  }

  /// Mass attenuation coefficient in cm2/g.
  public func massAttenuation(energy: Double, x: Double = 0) -> Double {
    let mass = molarMass(x: x)
    return atoms(x: x).sorted { $0.key < $1.key }.reduce(0) {
      $0 + $1.value * AtomicData.atomicWeight($1.key) / mass
        * AtomicData.massAttenuation($1.key, energy: energy)
    }
  }

  /// Linear attenuation coefficient in 1/cm for a density in g/cm3.
  public func attenuation(energy: Double, density: Double, x: Double = 0) -> Double {
    density * massAttenuation(energy: energy, x: x)
  }
}

private struct FormulaParser {
  let characters: [Character]
  let text: String
  var position = 0
  var hasUnknown = false

  init(text: String) {
    self.text = text
    characters = Array(text.filter { !$0.isWhitespace })
  }

  mutating func parse() throws(VoxelithError) -> ([Int: Double], Bool) {
    let atoms = try group(depth: 0)
    return (atoms, hasUnknown)
  }

  private mutating func group(depth: Int) throws(VoxelithError) -> [Int: Double] {
    try NumberRange.formulaDepth.check(depth)
    let isNested = depth > 0
    var atoms: [Int: Double] = [:]
    while position < characters.count {
      let character = characters[position]
      if character == ")" {
        guard isNested else { throw problem("a parenthesis closes that was not opened") }
        return atoms
      }
      if character == "(" {
        position += 1
        let inner = try group(depth: depth + 1)
        guard position < characters.count else { throw problem("a parenthesis is not closed") }
        position += 1
        let amount = try amount() ?? 1
        for (z, count) in inner { atoms[z, default: 0] += amount * count }
        continue
      }
      let z = try element()
      if z == 3, position < characters.count, characters[position] == "x" {
        position += 1
        hasUnknown = true
        continue
      }
      atoms[z, default: 0] += try amount() ?? 1
    }
    if isNested { throw problem("a parenthesis is not closed") }
    return atoms
  }

  private mutating func element() throws(VoxelithError) -> Int {
    for length in [2, 1] where position + length <= characters.count {
      let symbol = String(characters[position..<(position + length)])
      guard let first = symbol.first, first.isUppercase else { break }
      if let z = AtomicData.atomicNumber(symbol) {
        position += length
        return z
      }
    }
    throw problem("no element begins with '\(characters[position])'")
  }

  private mutating func amount() throws(VoxelithError) -> Double? {
    let start = position
    while position < characters.count, characters[position].isNumber || characters[position] == "." {
      position += 1
    }
    guard position > start else { return nil }
    guard let value = Double(String(characters[start..<position])), value >= 0, value.isFinite else {
      throw problem("'\(String(characters[start..<position]))' is not an amount")
    }
    return value
  }

  private func problem(_ message: String) -> VoxelithError {
    VoxelithError(
      .data, "the formula '\(text)' cannot be read at character \(position + 1): \(message)",
      advice: "write it as LixNi0.8Mn0.1Co0.1O2")
  }
}
