/// A volume that is looked through.
public struct VolumePanelSpec: Sendable, ColoredPanel {
  public var volume: PanelVolume
  public var view = PanelView()
  public var colors = PanelColors()
  public var center: Double?
  /// Pairs of value and opacity; solid wherever there is a value without them.
  public var opacities: [[Double]]?
  /// Whether every voxel is shown as a block; without it those of a volume of at most 100 voxels a side are, unless it is smoothed or
  /// looked through.
  public var voxels: Bool?
  /// Planes that cut the volume open: point (x, y, z) in micrometres, then the normal to the side that goes.
  public var clip: [[Double]]?
  public var title: String?

  public init(file: String) { volume = PanelVolume(file) }

  init() { volume = PanelVolume() }

  static var kind: PanelSpec.Kind { .volume }
  var spec: PanelSpec { .volume(self) }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.volume), PanelField.part(\.view), PanelField.part(\.colors),
      [
        .init(.center, \.center), .init(.opacities, \.opacities), .init(.voxels, \.voxels),
        .init(.clip, \.clip), .init(.title, \.title),
      ])
  }
}

/// The surface where a volume has one value.
public struct SurfacePanelSpec: Sendable, ColoredPanel {
  public var volume: PanelVolume
  public var level: Double?
  public var view = PanelView()
  /// Volume that colours the surface; without it there are no colours to choose.
  public var file2: String?
  public var colors = PanelColors()
  public var center: Double?
  public var title: String?

  public init(file: String) { volume = PanelVolume(file) }

  init() { volume = PanelVolume() }

  static var kind: PanelSpec.Kind { .surface }
  var spec: PanelSpec { .surface(self) }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.volume), PanelField.part(\.view), PanelField.part(\.colors),
      [
        .init(.center, \.center), .init(.level, \.level), .init(.file2, \.file2), .init(.title, \.title),
      ])
  }

  var rules: [PanelRule] {
    let needs = "file2, which colours the surface"
    return [
      PanelRule(
        .map, needs: needs,
        isWrong: file2 == nil && (colors.map != nil || colors.range != nil || center != nil)),
      PanelRule(
        .label, needs: needs, isWrong: file2 == nil && (colors.label != nil || colors.units != nil)),
    ]
  }
}
