/// Directions in colour. Their three channels are those of the file, as with the two kinds below.
public struct OrientationPanelSpec: Sendable, PanelSettings {
  public var file: PanelFile
  public var plane = PanelPlane()
  public var title: String?

  public init(file: String) { self.file = PanelFile(file) }

  init() { file = PanelFile() }

  static var kind: PanelSpec.Kind { .orientation }
  var spec: PanelSpec { .orientation(self) }
  var rules: [PanelRule] { plane.rules }

  static var fields: [PanelField<Self>] {
    PanelField.joined(PanelField.part(\.file), PanelField.part(\.plane), [.init(.title, \.title)])
  }
}

/// Directions in the plane of the slice as a rose.
public struct RosePanelSpec: Sendable, PanelSettings {
  public var file: PanelFile
  public var axis: String?
  /// What the directions are.
  public var label: String?
  public var title: String?

  public init(file: String) { self.file = PanelFile(file) }

  init() { file = PanelFile() }

  static var kind: PanelSpec.Kind { .rose }
  var spec: PanelSpec { .rose(self) }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.file), [.init(.axis, \.axis), .init(.label, \.label), .init(.title, \.title)])
  }
}

/// Directions as a pole figure about an axis.
public struct PolarPanelSpec: Sendable, PanelSettings {
  public var file: PanelFile
  public var axis: String?
  public var map: String?
  public var title: String?

  public init(file: String) { self.file = PanelFile(file) }

  init() { file = PanelFile() }

  static var kind: PanelSpec.Kind { .polar }
  var spec: PanelSpec { .polar(self) }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.file), [.init(.axis, \.axis), .init(.map, \.map), .init(.title, \.title)])
  }
}
