extension RichText {
  /// A chemical formula with its numbers and variables lowered: `LixNi0.8Mn0.1Co0.1O2`, `Li1-xCoO2`.
  ///
  /// Two letters that are an element are read as one (`Co` is cobalt, never carbon and oxygen); a small
  /// letter that belongs to no element is a variable.
  public init(formula: String) {
    var runs: [Run] = []
    let signs = Array(formula)
    var position = 0
    var afterAtom = false
    while position < signs.count {
      let sign = signs[position]
      if sign.isUppercase {
        var symbol = String(sign)
        if position + 1 < signs.count, elements.contains(symbol + String(signs[position + 1])) {
          symbol.append(signs[position + 1])
        }
        runs.append(Run(text: symbol, level: .normal))
        position += symbol.count
        afterAtom = true
      } else if sign == ")" || sign == "]" {
        runs.append(Run(text: String(sign), level: .normal))
        position += 1
        afterAtom = true
      } else if afterAtom, Self.isAmount(sign) {
        var amount = ""
        while position < signs.count, Self.isAmount(signs[position]) || "+-.".contains(signs[position]) {
          amount.append(signs[position] == "-" ? "\u{2212}" : signs[position])
          position += 1
        }
        runs.append(Run(text: amount, level: .lower))
        afterAtom = false
      } else {
        runs.append(Run(text: String(sign), level: .normal))
        position += 1
        afterAtom = false
      }
    }
    self.init(runs: Self.joined(runs))
  }

  private static func isAmount(_ sign: Character) -> Bool {
    sign.isNumber || sign.isLowercase && sign.isLetter
  }

  private static func joined(_ runs: [Run]) -> [Run] {
    var result: [Run] = []
    for run in runs {
      if result.last?.level == run.level {
        result[result.count - 1].text += run.text
      } else {
        result.append(run)
      }
    }
    return result
  }
}

/// Symbols of two letters; those of one letter need no list.
private let elements: Set<String> = [
  "He", "Li", "Be", "Ne", "Na", "Mg", "Al", "Si", "Cl", "Ar", "Ca", "Sc", "Ti", "Cr", "Mn", "Fe", "Co",
  "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Zr", "Nb", "Mo", "Tc", "Ru", "Rh",
  "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "Xe", "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu",
  "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl",
  "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "Np", "Pu", "Am",
]
