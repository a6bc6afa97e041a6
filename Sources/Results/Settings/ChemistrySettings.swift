public import Chemistry
public import Volumetry

/// What kind of map `chemistry` makes.
public enum ChemistryKind: String, Sendable, Hashable, Codable, CaseIterable {
  case edge, peak, area, combination, composition
}

/// What `chemistry` is told. Energies are in eV.
public struct ChemistrySettings: OperationSettings {
  public var quantity = ChemistryKind.edge
  public var measure: String?
  public var noise: NoiseModel?
  public var e0: Double?
  public var pre: [Double]?
  public var post: [Double]?
  public var postDegree: Int?
  public var region: [Double]?
  public var smoothing: Double?
  public var window: [Double]?
  public var secondWindow: [Double]?
  public var background: [[Double]]?
  public var reference: Double?
  public var references: [String]?
  public var range: [Double]?
  public var species: [String]?
  public var ranges: String?
  public var minimumSigmas: Double?
  public var gradientOf: String?
  public var energies: String?

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case quantity, measure, noise, references, species, ranges
    case e0 = "e0_eV"
    case pre = "pre_eV"
    case post = "post_eV"
    case postDegree = "post_degree"
    case region = "region_eV"
    case smoothing = "smoothing_eV"
    case window = "window_eV"
    case secondWindow = "second_window_eV"
    case background = "background_eV"
    case reference = "reference_energy_eV"
    case range = "range_eV"
    case minimumSigmas = "minimum_sigmas"
    case gradientOf = "gradient_of"
    case energies
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .quantity: "What is mapped: edge, peak, area, combination or composition."
    case .measure:
      "Which number: edge half-height, derivative, centroid, white-line, white-line-height or jump; peak centroid, shift or ratio; combination fraction or amount; the first if not given."
    case .noise:
      "How values scatter: counts, scatter (from the fits beside the edge or line), or a standard deviation; counts if not given."
    case .e0: "Nominal edge in eV; the steepest place of the summed spectrum if not given."
    case .pre: "Range before the edge, relative to it, for the line: LO,HI in eV."
    case .post: "Range after the edge, relative to it: LO,HI in eV."
    case .postDegree: "Polynomial after the edge: 0, 1 or 2; by the length of the range if not given."
    case .region:
      "Where the edge or white line is looked for, relative to the edge; between the two ranges if not given."
    case .smoothing: "Half width in eV of the cubic that smooths; 3 eV or 3 steps, the larger, if not given."
    case .window: "Window of the line: LO,HI in eV."
    case .secondWindow: "Window of the second line, for the ratio: LO,HI in eV."
    case .background: "Window of the background: LO,HI in eV (Da with ranges); one or two."
    case .reference: "Energy in eV that a shift is counted from."
    case .references: "Files of the reference spectra (text)."
    case .range: "Energies of the fit of references: LO,HI in eV; all if not given."
    case .species: "A species of the composition and its window: NAME:LO,HI in eV."
    case .ranges: "Range file (.rrng) of atom probe points."
    case .minimumSigmas: "A jump or area of fewer standard deviations is masked; 5 if not given."
    case .gradientOf: "Which channel the gradient is of; the first if not given."
    case .energies: "Energies in eV of a folder of volumes: a list E1,E2,... or a text file."
    }
  }

  /// Keys that a kind can use beyond those of all.
  private static func own(_ kind: ChemistryKind) -> Set<CodingKeys> {
    switch kind {
    case .edge: [.e0, .pre, .post, .postDegree, .region, .smoothing, .minimumSigmas, .measure, .noise]
    case .peak: [.window, .secondWindow, .background, .reference, .minimumSigmas, .measure, .noise]
    case .area: [.window, .background, .noise]
    case .combination: [.references, .range, .measure, .noise, .gradientOf]
    case .composition: [.species, .ranges, .background, .gradientOf]
    }
  }

  private static let common: Set<CodingKeys> = [.quantity, .energies]

  public func validate() throws(VoxelithError) {
    guard case .object(let given) = try SettingsCoding.value(self) else { return }
    let usable = Self.common.union(Self.own(quantity))
    for key in CodingKeys.allCases where given[key.stringValue] != nil && !usable.contains(key) {
      throw VoxelithError(.usage, "\(key.stringValue): is not for \(quantity.rawValue)")
    }
    for (key, range) in [
      (CodingKeys.pre, pre), (.post, post), (.region, region), (.window, window),
      (.secondWindow, secondWindow), (.range, self.range),
    ] { try Self.checkRange(key, range) }
    for window in background ?? [] { try Self.checkRange(CodingKeys.background, window) }
    try SettingsCheck.positive(CodingKeys.e0, e0)
    try SettingsCheck.positive(CodingKeys.smoothing, smoothing)
    try SettingsCheck.positive(CodingKeys.reference, reference)
    try SettingsCheck.range(CodingKeys.minimumSigmas, minimumSigmas, 1...1000)
    try SettingsCheck.range(CodingKeys.postDegree, postDegree.map(Double.init), 0...2)
    try checkMeasure()
  }

  private static func checkRange(_ key: CodingKeys, _ range: [Double]?) throws(VoxelithError) {
    guard let range else { return }
    guard range.count == 2, range.allSatisfy(\.isFinite), range[0] < range[1] else {
      throw VoxelithError(
        .usage, "\(key.stringValue): \(range.map { "\($0)" }.joined(separator: ",")) is not a range LO,HI",
        advice: "the lower energy comes first, and the two differ")
    }
  }

  private func checkMeasure() throws(VoxelithError) {
    let known: [String] =
      switch quantity {
      case .edge: EdgeMeasure.allCases.map(\.rawValue)
      case .peak: LineMeasure.allCases.filter { $0 != .area }.map(\.rawValue)
      case .combination: CombinationMeasure.allCases.map(\.rawValue)
      case .area, .composition: []
      }
    if let measure, !known.contains(measure) {
      throw VoxelithError(
        .usage, "measure: '\(measure)' is not one of \(quantity.rawValue)",
        advice: "possible: " + known.joined(separator: ", "))
    }
    if quantity == .peak {
      let isRatio = measure == LineMeasure.ratio.rawValue
      guard isRatio == (secondWindow != nil) else {
        throw VoxelithError(.usage, "second_window_eV goes with the measure ratio, and only with it")
      }
      guard (measure == LineMeasure.shift.rawValue) == (reference != nil) else {
        throw VoxelithError(.usage, "reference_energy_eV goes with the measure shift, and only with it")
      }
    }
  }

  /// Files that the settings name.
  public var files: [String] {
    (references ?? []) + [ranges, energies.flatMap { Self.list($0) == nil ? $0 : nil }].compactMap { $0 }
  }

  /// Numbers between commas; nil where the text is something else.
  static func list(_ text: String) -> [Double]? {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.compactMap { Double($0) }.filter(\.isFinite)
    return numbers.count == words.count && !numbers.isEmpty ? numbers : nil
  }

  /// Names of the values before the file is opened.
  public var outputs: [String] {
    ["value.tif", "value_sigma.tif", "mask.tif", "gradient.tif", "gradient_sigma.tif", "chemistry.json"]
      + (quantity == .combination ? ["chi_squared.tif", "covariance.tif"] : [])
  }
}

/// A pair of a settings file as a range.
func closed(_ pair: [Double]?) -> ClosedRange<Double>? { pair.map { $0[0]...$0[1] } }
