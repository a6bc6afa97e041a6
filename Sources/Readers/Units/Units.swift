/// Units of a measurement as files spell them.
package enum Units {
  /// What is measured. Its own unit here is that of the interface: um, keV, s, degrees.
  package enum Quantity: String, Sendable {
    case length, energy, time, angle
  }

  /// How many of our units one of the file's is; nil where the spelling is not understood.
  ///
  /// Symbols are taken with their case, since `meV` and `MeV` differ; those that no case can confuse (`KEV`, `UM`, `SEC`)
  /// also in capitals. Micro signs of every code page, SI prefixes, full names and plurals are understood.
  package static func factor(_ spelling: String, _ quantity: Quantity) -> Double? {
    let text = normalized(spelling)
    if let known = special[quantity]?[text.lowercased()] { return known }
    if let symbol = symbols(quantity).lazy.compactMap({ bySymbol(text, $0, quantity) }).first {
      return symbol
    }
    return byName(text.lowercased(), quantity)
  }

  /// Whether a spelling says that a number only counts (pixels, points) or that there is no unit.
  package static func isCount(_ spelling: String) -> Bool {
    let text = normalized(spelling).lowercased()
    return [
      "", "pixel", "pixels", "px", "pix", "voxel", "voxels", "vx", "index", "indices", "point", "points",
      "frame",
      "frames", "step", "steps", "slice", "slices", "row", "rows", "column", "columns", "number", "count",
      "1",
      "none", "null", "dimensionless", "unitless", "a.u.", "au", "arb", "arbitrary", "unknown", "any", "-",
    ].contains(text)
  }

  /// Whether a spelling says that energies are the numbers of a detector's channels.
  static func isChannel(_ spelling: String) -> Bool {
    let text = normalized(spelling).lowercased()
    return [
      "channel", "channels", "chan", "ch", "ch.", "channel number", "channel_number", "bin", "bins", "adc",
      "adu",
      "adc units", "lsb", "mca channel", "mca_channel", "detector units",
    ].contains(text)
  }

  /// The units that are understood, for messages.
  static func list(_ quantity: Quantity) -> String {
    switch quantity {
    case .length: "pm, angstrom, nm, um, mm, cm, m, inch"
    case .energy: "meV, eV, keV, MeV, GeV, J"
    case .time: "ps, ns, us, ms, s, min, h"
    case .angle: "deg, rad, mrad, arcmin, arcsec"
    }
  }

  /// Without brackets, with single spaces, and with one micro sign for all.
  static func normalized(_ spelling: String) -> String {
    var text = unescaped(spelling.filter { $0 != "\u{0}" }).replacing("\u{3BC}", with: "\u{B5}")
      .replacing("\u{FFFD}", with: "\u{B5}").replacing("\u{C2}\u{B5}", with: "\u{B5}")
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for (open, close) in [("(", ")"), ("[", "]"), ("<", ">"), ("\"", "\"")]
    where text.count > 2 && text.hasPrefix(open) && text.hasSuffix(close) {
      text = String(text.dropFirst().dropLast())
    }
    return text
  }
}

extension Units {
  /// With the letters that `\uXXXX` stands for, as ImageJ and Java's properties spell them.
  private static func unescaped(_ spelling: String) -> String {
    var parts = spelling.split(separator: "\\u", omittingEmptySubsequences: false).map(String.init)
    for index in parts.indices.dropFirst() {
      let digits = parts[index].prefix(4)
      if digits.count == 4, let scalar = UInt32(digits, radix: 16).flatMap({ Unicode.Scalar($0) }) {
        parts[index] = String(Character(scalar)) + parts[index].dropFirst(4)
      } else {
        parts[index] = "\\u" + parts[index]
      }
    }
    return parts.joined()
  }

  private static let prefixes: [(symbol: String, name: String, value: Double)] = [
    ("f", "femto", 1e-15), ("p", "pico", 1e-12), ("n", "nano", 1e-9), ("u", "micro", 1e-6),
    ("\u{B5}", "micro", 1e-6), ("m", "milli", 1e-3), ("c", "centi", 1e-2), ("", "", 1), ("k", "kilo", 1e3),
    ("M", "mega", 1e6), ("G", "giga", 1e9),
  ]

  /// Our units in one of each symbol that takes prefixes.
  private static func symbols(_ quantity: Quantity) -> [(text: String, factor: Double)] {
    switch quantity {
    case .length: [("m", 1e6)]
    case .energy: [("eV", 1e-3), ("J", 1e-3 / elementaryCharge)]
    case .time: [("s", 1), ("sec", 1)]
    case .angle: [("rad", 180 / Double.pi)]
    }
  }

  private static func names(_ quantity: Quantity) -> [(text: String, factor: Double)] {
    switch quantity {
    case .length: [("meter", 1e6), ("metre", 1e6)]
    case .energy:
      [
        ("electronvolt", 1e-3), ("electron volt", 1e-3), ("electron-volt", 1e-3), ("electron_volt", 1e-3),
        ("joule", 1e-3 / elementaryCharge),
      ]
    case .time: [("second", 1)]
    case .angle: [("radian", 180 / Double.pi)]
    }
  }

  /// Charge of the electron in coulomb (exact in the SI of 2019), so joule in one electronvolt.
  private static let elementaryCharge = 1.602176634e-19

  private static let special: [Quantity: [String: Double]] = [
    .length: [
      "micron": 1, "microns": 1, "micrometers": 1, "angstrom": 1e-4, "angstroms": 1e-4, "\u{E5}": 1e-4,
      "\u{E5}ngstr\u{F6}m": 1e-4, "a": 1e-4, "ang": 1e-4, "in": 25400, "inch": 25400, "inches": 25400,
    ],
    .energy: [:],
    .time: [
      "min": 60, "mins": 60, "minute": 60, "minutes": 60, "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600,
      "hours": 3600, "d": 86400, "day": 86400, "days": 86400,
    ],
    .angle: [
      "deg": 1, "degs": 1, "degree": 1, "degrees": 1, "\u{B0}": 1, "degr": 1, "arcmin": 1 / 60.0,
      "arcsec": 1 / 3600.0,
    ],
  ]

  private static func bySymbol(
    _ text: String, _ symbol: (text: String, factor: Double), _ quantity: Quantity
  ) -> Double? {
    // The case of what follows the prefix of an electronvolt tells nothing; that of the prefix does.
    let isLoose = symbol.text == "eV" || symbol.text == "sec"
    guard
      isLoose ? text.lowercased().hasSuffix(symbol.text.lowercased()) : text.hasSuffix(symbol.text)
    else { return inCapitals(text, symbol, quantity) }
    let prefix = String(text.dropLast(symbol.text.count))
    if symbol.text == "eV", prefix == "K" { return symbol.factor * 1e3 }
    // `mev` and `MEV` may be either: only the case as the SI has it decides.
    if symbol.text == "eV", prefix.lowercased() == "m", !text.hasSuffix("eV") { return nil }
    // Nobody measures in megametres: `Mm` and `Ms` are slips that are not guessed over.
    let largest = quantity == .energy ? Double.infinity : 1
    return prefixes.first { $0.symbol == prefix && $0.value <= largest }.map { $0.value * symbol.factor }
  }

  /// `UM`, `MM`, `NM`, `CM`, `M` and `S`: programs that know capitals alone, and never mean mega by them.
  private static func inCapitals(
    _ text: String, _ symbol: (text: String, factor: Double), _ quantity: Quantity
  ) -> Double? {
    guard quantity == .length || quantity == .time, text == text.uppercased(), text != text.lowercased(),
      text.hasSuffix(symbol.text.uppercased())
    else { return nil }
    let prefix = String(text.dropLast(symbol.text.count)).lowercased()
    return prefixes.first { $0.symbol == prefix && $0.value <= 1 }.map { $0.value * symbol.factor }
  }

  private static func byName(_ text: String, _ quantity: Quantity) -> Double? {
    for name in names(quantity) {
      for ending in [name.text, name.text + "s"] where text.hasSuffix(ending) {
        var prefix = String(text.dropLast(ending.count))
        while let last = prefix.last, last == " " || last == "-" || last == "_" { prefix.removeLast() }
        if let found = prefixes.first(where: { $0.name == prefix }) { return found.value * name.factor }
      }
    }
    return nil
  }
}
