/// How often the values of a volume occur.
public struct HistogramPanelSpec: Sendable, PanelSettings {
  public var volume: PanelVolume
  /// Volume that is subtracted first.
  public var reference: String?
  /// Standard deviations, by which the values are divided.
  public var sigma: String?
  /// Number of normal curves fitted to the histogram.
  public var fit: Int?
  public var bins: Int?
  public var range: [Double]?
  /// What the values are.
  public var label: String?
  public var units: String?
  public var title: String?

  public init(file: String) { volume = PanelVolume(file) }

  init() { volume = PanelVolume() }

  static var kind: PanelSpec.Kind { .histogram }
  var spec: PanelSpec { .histogram(self) }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.volume),
      [
        .init(.reference, \.reference), .init(.sigma, \.sigma), .init(.fit, \.fit), .init(.bins, \.bins),
        .init(.range, \.range), .init(.label, \.label), .init(.units, \.units), .init(.title, \.title),
      ])
  }

  var rules: [PanelRule] {
    [
      PanelRule(
        .bins, needs: "a number from 1 to 1000", isWrong: bins.map { !(1...1000).contains($0) } ?? false)
    ]
  }
}

/// Mean and band of a volume along an axis.
public struct ProfilePanelSpec: Sendable, PanelSettings {
  public var volume: PanelVolume
  public var axis: String?
  /// What the values are.
  public var label: String?
  public var title: String?

  public init(file: String) { volume = PanelVolume(file) }

  init() { volume = PanelVolume() }

  static var kind: PanelSpec.Kind { .profile }
  var spec: PanelSpec { .profile(self) }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.volume), [.init(.axis, \.axis), .init(.label, \.label), .init(.title, \.title)])
  }
}

/// How often the values of two volumes on one grid occur together.
public struct DensityPanelSpec: Sendable, PanelSettings {
  public var volume: PanelVolume
  /// Volume of the y values.
  public var file2: String?
  public var bins: Int?
  /// What stands along x and along y.
  public var label: String?
  public var label2: String?
  public var units: String?
  public var title: String?

  public init(file: String, file2: String) {
    volume = PanelVolume(file)
    self.file2 = file2
  }

  init() { volume = PanelVolume() }

  static var kind: PanelSpec.Kind { .density }
  var spec: PanelSpec { .density(self) }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.volume),
      [
        .init(.file2, \.file2), .init(.bins, \.bins), .init(.label, \.label), .init(.label2, \.label2),
        .init(.units, \.units), .init(.title, \.title),
      ])
  }

  var rules: [PanelRule] {
    [
      PanelRule(
        .bins, needs: "a number from 2 to 1000", isWrong: bins.map { !(2...1000).contains($0) } ?? false)
    ]
  }
}

/// Means of volumes at their times.
public struct SeriesPanelSpec: Sendable, PanelSettings {
  /// How the volumes are opened; its file is the one volume where `files` names none.
  public var volume: PanelVolume
  public var files: [String]?
  public var times: [Double]?
  public var layers: Int?
  public var axis: String?
  /// What the values are, and what stands along x.
  public var label: String?
  public var label2: String?
  public var title: String?

  public init(files: [String]) {
    volume = PanelVolume()
    self.files = files
  }

  init() { volume = PanelVolume() }

  static var kind: PanelSpec.Kind { .series }
  var spec: PanelSpec { .series(self) }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.volume),
      [
        .init(.files, \.files), .init(.times, \.times), .init(.layers, \.layers), .init(.axis, \.axis),
        .init(.label, \.label), .init(.label2, \.label2), .init(.title, \.title),
      ])
  }
}

/// Standards, line and residuals of a calibration file.
public struct CalibrationPanelSpec: Sendable, PanelSettings {
  public var file: String?
  /// `s-parameter` or `valence-core`.
  public var method: String?
  public var title: String?

  public init(file: String) { self.file = file }

  init() {}

  static var kind: PanelSpec.Kind { .calibration }
  var spec: PanelSpec { .calibration(self) }

  static var fields: [PanelField<Self>] {
    [.init(.file, \.file), .init(.method, \.method), .init(.title, \.title)]
  }
}
