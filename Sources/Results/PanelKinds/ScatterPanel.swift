/// Two volumes, or two columns of a table whose name ends in `.csv`.
public struct ScatterPanelSpec: Sendable, PanelSettings {
  public var volume: PanelVolume
  /// Volume of the y values.
  public var file2: String?
  /// Standard deviations of `file` and of `file2`.
  public var sigma: String?
  public var sigma2: String?
  /// Columns of a table.
  public var x: String?
  public var y: String?
  public var xError: String?
  public var yError: String?
  /// `fit` (of voxels as `correlate` has it, of a table weighted by the errors along y) or `identity`.
  public var line: String?
  /// What stands along x and along y.
  public var label: String?
  public var label2: String?
  public var units: String?
  public var title: String?

  public init(file: String) { volume = PanelVolume(file) }

  init() { volume = PanelVolume() }

  static var kind: PanelSpec.Kind { .scatter }
  var spec: PanelSpec { .scatter(self) }

  var isTable: Bool { volume.file.name?.lowercased().hasSuffix(".csv") ?? false }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.volume),
      [
        .init(.file2, \.file2), .init(.sigma, \.sigma), .init(.sigma2, \.sigma2), .init(.x, \.x),
        .init(.y, \.y), .init(.xError, \.xError), .init(.yError, \.yError), .init(.line, \.line),
        .init(.label, \.label), .init(.label2, \.label2), .init(.units, \.units), .init(.title, \.title),
      ])
  }

  var rules: [PanelRule] {
    [
      PanelRule(
        .file2, needs: "volumes, not a table",
        isWrong: isTable && (file2 != nil || sigma != nil || sigma2 != nil)),
      PanelRule(
        .x, needs: "a table (.csv)",
        isWrong: !isTable && (x != nil || y != nil || xError != nil || yError != nil)),
    ]
  }
}
