public import Volumetry

/// Which keys each kind of panel can use.
extension PanelSpec.Kind {
  private typealias Keys = PanelSpec.CodingKeys

  /// How a volume is opened.
  private static let opening: Set<PanelSpec.CodingKeys> = [
    .path, .voxelSizeUm, .dataset, .channel, .rawShape, .rawType, .rawOffset, .rawBigEndian,
  ]
  private static let plane: Set<PanelSpec.CodingKeys> = [.axis, .slice, .positionUm]
  private static let colors: Set<PanelSpec.CodingKeys> = [.map, .range, .label, .units]
  private static let view: Set<PanelSpec.CodingKeys> = [
    .azimuth, .elevation, .fieldOfView, .phase, .smoothUm,
  ]

  var usable: Set<PanelSpec.CodingKeys> {
    let own: Set<PanelSpec.CodingKeys> =
      switch self {
      case .slice:
        Self.plane.union(Self.colors).union([
          .center, .sigma, .over, .opacity, .gradient, .normal, .pointUm, .upright,
        ])
      case .valueAndSigma: Self.plane.union(Self.colors).union([.sigma])
      case .histogram: [.reference, .sigma, .fit, .bins, .range, .label, .units]
      case .profile: [.axis, .label]
      case .density: [.file2, .bins, .label, .label2, .units]
      case .scatter:
        [.file2, .sigma, .sigma2, .line, .x, .y, .xError, .yError, .label, .label2, .units]
      case .series: [.files, .times, .layers, .axis, .label, .label2]
      case .calibration: [.method]
      case .orientation: Self.plane
      case .rose: [.axis, .label]
      case .polar: [.axis, .map]
      case .volume: Self.view.union(Self.colors).union([.center, .opacities, .voxels, .clip])
      case .surface: Self.view.union(Self.colors).union([.center, .level, .file2])
      }
    let common: Set<PanelSpec.CodingKeys> = [.kind, .title]
    if self == .calibration { return own.union(common).union([.path]) }
    // Directions take their channels from the file.
    if [.orientation, .rose, .polar].contains(self) {
      return own.union(common).union(Self.opening).subtracting([.channel])
    }
    return own.union(common).union(Self.opening)
  }

  /// Names of the kinds that can use a key.
  static func kinds(using key: PanelSpec.CodingKeys) -> [String] {
    allCases.filter { $0.usable.contains(key) }.map(\.rawValue)
  }
}

extension PanelSpec {
  /// - Throws: `usage` naming the first key that the kind cannot use, and the kinds that can.
  public func checkKeys() throws(VoxelithError) {
    guard case .object(let given) = try SettingsCoding.value(self) else { return }
    let usable = kind.usable
    for key in CodingKeys.allCases where given[key.rawValue] != nil && !usable.contains(key) {
      throw VoxelithError(
        .usage, "a panel '\(kind.rawValue)' cannot use \(key.rawValue)",
        advice: "kinds that can: " + Kind.kinds(using: key).joined(separator: ", "))
    }
    try checkPairs()
  }

  /// Keys that are of use beside others only.
  private func checkPairs() throws(VoxelithError) {
    let isTable = file.lowercased().hasSuffix(".csv")
    let rules: [(isWrong: Bool, key: CodingKeys, needs: String)] = [
      (opacity != nil && over == nil, .opacity, "over"),
      (pointUm != nil && normal == nil, .pointUm, "normal"),
      (slice != nil && positionUm != nil, .slice, "no position_um"),
      (
        normal != nil && (slice != nil || positionUm != nil || axis != nil), .normal,
        "no axis, slice or position_um"
      ),
      (over != nil && sigma != nil, .over, "no sigma"),
      (upright != nil && (over != nil || normal != nil), .upright, "no over and no normal"),
      (
        kind == .surface && file2 == nil && (map != nil || range != nil || center != nil), .map,
        "file2, which colours the surface"
      ),
      (
        kind == .surface && file2 == nil && (label != nil || units != nil), .label,
        "file2, which colours the surface"
      ),
      (
        kind == .scatter && isTable && (file2 != nil || sigma != nil || sigma2 != nil), .file2,
        "volumes, not a table"
      ),
      (
        kind == .scatter && !isTable && (x != nil || y != nil || xError != nil || yError != nil), .x,
        "a table (.csv)"
      ),
    ]
    for rule in rules where rule.isWrong {
      throw VoxelithError(.usage, "\(rule.key.rawValue) of a panel '\(kind.rawValue)' needs \(rule.needs)")
    }
  }
}

extension PanelSpec {
  /// Whether nothing but the kind and the file is said.
  public var hasOnlyFile: Bool {
    var other = PanelSpec(kind: kind, file: file)
    other.title = nil
    let values = [self, other].map { try? SettingsCoding.value($0) }
    return values[0] == values[1]
  }

  /// Every file that the panel reads.
  var allFiles: [String] { [path, file2, sigma, sigma2, reference, over].compactMap { $0 } + (files ?? []) }
}

extension FigureSpec {
  /// Every file that the figure reads, once each.
  ///
  /// - Parameter folder: where relative names start.
  public func files(in folder: String = ".") -> [String] {
    let loader = PanelLoader(folder: folder)
    var seen: Set<String> = []
    return panels.flatMap { panel in
      let named = panel.allFiles.map(loader.path)
      guard panel.kind == .slice || panel.kind == .volume, panel.sigma == nil else { return named }
      return named
        + [KnownQuantity.sigma(besideFile: loader.path(panel.file), dataset: panel.dataset)].compactMap { $0 }
    }.filter { seen.insert($0).inserted }
  }
}
