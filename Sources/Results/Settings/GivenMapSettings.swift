public import Volumetry

/// A map of another quantity than lithium that a pipeline lays beside it: nickel valence, composition, anything with a value a voxel.
public struct GivenMapSettings: OperationSettings {
  public var name = ""
  public var file = ""
  public var quantity: String?
  public var sigma: String?
  public var unit: String?
  public var place = Self.onSpectra

  /// Places that are not files.
  private static let onSpectra = "xcs"
  private static let onTomogram = "xct"

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case name, file, quantity, sigma, unit, place
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .name: "Name of the map: a word of letters, digits and _."
    case .file: "A folder that chemistry wrote, or a volume."
    case .quantity: "Which value of a folder of chemistry that holds several, by the name of its channel."
    case .sigma: "Volume of standard errors; a folder of chemistry has its own."
    case .unit: "Unit of a volume, as eV; 1 for a pure number; a folder of chemistry has its own."
    case .place:
      "Where the map lies: xcs (on the spectra), xct (on the XCT, through register), or a transform from the spectra to the map (JSON or .tfm)."
    }
  }

  public func validate() throws(VoxelithError) {
    let isWord = !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard isWord, name.first?.isLetter == true, !name.hasSuffix("_sigma"), name.count <= 100
    else {
      throw VoxelithError(
        .usage, "name: '\(name)' cannot name a map",
        advice: "give a word of letters, digits and _ that does not end in _sigma, as nickel_valence")
    }
    guard !file.isEmpty else {
      throw VoxelithError(.usage, "file: the map '\(name)' names no file")
    }
    guard unit?.isEmpty != true, unit?.contains(where: { $0.isWhitespace || ",\"[]".contains($0) }) != true
    else {
      throw VoxelithError(.usage, "unit: '\(unit ?? "")' is not a unit", advice: "write 1 for a pure number")
    }
  }

  /// The file of a transform of its own; nil where the place is that of the spectra or of the XCT.
  public var transform: String? { [Self.onSpectra, Self.onTomogram].contains(place) ? nil : place }

  /// Whether the map lies on the XCT.
  public var isOnTomogram: Bool { place == Self.onTomogram }

  /// Files that the settings name.
  public var files: [String] { [file, sigma, transform].compactMap { $0 } }

  /// The same with the names of files as another function makes them.
  package func resolved(_ resolve: (String) -> String) -> GivenMapSettings {
    var result = self
    result.file = resolve(file)
    result.sigma = sigma.map(resolve)
    if let transform { result.place = resolve(transform) }
    return result
  }
}
