import Foundation
import Volumetry

extension ColorMap {
  /// Every map by its published name.
  public static let all: [ColorMap] = [
    batlow, lapaz, oslo, davos, lajolla, viridis, cividis, magma, inferno, plasma, cubehelix, grey,
    vik, broc, berlin, roma, romaO,
  ]

  public static let batlow = crameri("batlow", ColorMapTables.batlow, .sequential)
  public static let lapaz = crameri("lapaz", ColorMapTables.lapaz, .sequential)
  public static let oslo = crameri("oslo", ColorMapTables.oslo, .sequential)
  public static let davos = crameri("davos", ColorMapTables.davos, .sequential)
  public static let lajolla = crameri("lajolla", ColorMapTables.lajolla, .sequential)
  public static let vik = crameri("vik", ColorMapTables.vik, .diverging)
  public static let broc = crameri("broc", ColorMapTables.broc, .diverging)
  public static let berlin = crameri("berlin", ColorMapTables.berlin, .diverging)
  public static let roma = crameri("roma", ColorMapTables.roma, .diverging)
  public static let romaO = crameri("romaO", ColorMapTables.romaO, .cyclic)

  public static let viridis = matplotlib("viridis", ColorMapTables.viridis)
  public static let magma = matplotlib("magma", ColorMapTables.magma)
  public static let inferno = matplotlib("inferno", ColorMapTables.inferno)
  public static let plasma = matplotlib("plasma", ColorMapTables.plasma)
  public static let cividis = ColorMap(
    name: "cividis", kind: .sequential,
    source: "J. R. Nunez, C. R. Anderton and R. S. Renslow, PLOS ONE 13, e0199239 (2018)",
    colors: ColorMapTables.decode(ColorMapTables.cividis))

  /// Black to white, even in sRGB and so nearly even in lightness.
  public static let grey = ColorMap(
    name: "grey", kind: .sequential, source: "equal steps of sRGB",
    colors: (0..<256).map { Color(grey: Double($0) / 255) })

  /// D. A. Green's helix with start 0.5, -1.5 rotations, hue 1, gamma 1.
  public static let cubehelix = ColorMap(
    name: "cubehelix", kind: .sequential,
    source: "D. A. Green, Bulletin of the Astronomical Society of India 39, 289 (2011)",
    colors: (0..<256).map { index in
      let lightness = Double(index) / 255
      let angle = 2 * Double.pi * (0.5 / 3 + 1 - 1.5 * lightness)
      let amplitude = lightness * (1 - lightness) / 2
      func part(_ a: Double, _ b: Double) -> Double {
        min(max(lightness + amplitude * (a * cos(angle) + b * sin(angle)), 0), 1)
      }
      return Color(
        red: part(-0.14861, 1.78277), green: part(-0.29227, -0.90649), blue: part(1.97294, 0))
    })

  private static func crameri(_ name: String, _ table: String, _ kind: Kind) -> ColorMap {
    ColorMap(
      name: name, kind: kind,
      source: "F. Crameri, Scientific colour maps 8.0, doi:10.5281/zenodo.1243862",
      colors: ColorMapTables.decode(table))
  }

  private static func matplotlib(_ name: String, _ table: String) -> ColorMap {
    ColorMap(
      name: name, kind: .sequential, source: "S. van der Walt and N. Smith, matplotlib 1.5 (2015)",
      colors: ColorMapTables.decode(table))
  }
}

/// Published tables, as text.
enum ColorMapTables {
  static func decode(_ text: String) -> [Color] {
    let digits = Array(text.utf8)
    func value(_ index: Int) -> Double {
      func nibble(_ sign: UInt8) -> Int { Int(sign) - (sign < 58 ? 48 : 87) }
      return Double(16 * nibble(digits[index]) + nibble(digits[index + 1])) / 255
    }
    return stride(from: 0, to: digits.count - 5, by: 6).map {
      Color(red: value($0), green: value($0 + 2), blue: value($0 + 4))
    }
  }
}
