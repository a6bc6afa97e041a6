import Volumetry

/// Which axis of space a name means.
enum SpatialName {
  private static let before: Set<String> = [
    "sam", "samp", "sample", "s", "t", "p", "tr", "pos", "position", "stage", "mot", "motor", "scan", "piezo",
    "fine",
    "coarse", "lab", "table", "real", "th",
  ]
  private static let after: Set<String> = [
    "pos", "position", "positions", "motor", "stage", "readback", "rbv", "enc", "encoder", "coord", "coords",
    "coordinate", "coordinates", "um", "mm", "set", "demand", "value", "axis",
  ]

  /// `x`, `sample_x`, `x_rbv`, `samx`, `stageX`, `xpos`; nil for any other name.
  static func axis(_ name: String) -> Axis? {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    let words = last.lowercased().split { !$0.isLetter }.map(String.init)
    var found: Set<Axis> = []
    for word in words {
      for axis in Axis.allCases {
        let letter = axis.rawValue
        if word == letter || (word.hasSuffix(letter) && before.contains(String(word.dropLast())))
          || (word.hasPrefix(letter) && after.contains(String(word.dropFirst())))
        {
          found.insert(axis)
        }
      }
    }
    return found.count == 1 ? found.first : nil
  }
}
