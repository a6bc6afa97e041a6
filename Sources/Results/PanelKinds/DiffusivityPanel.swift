/// Diffusivities of a file that `diffuse` wrote, with their intervals.
public struct DiffusivityPanelSpec: Sendable, PanelSettings {
  public var file: String?
  /// What the axis shows, so that panels can be compared.
  public var range: [Double]?
  public var title: String?

  public init(file: String) { self.file = file }

  init() {}

  static var kind: PanelSpec.Kind { .diffusivity }
  var spec: PanelSpec { .diffusivity(self) }

  static var fields: [PanelField<Self>] {
    [.init(.file, \.file), .init(.range, \.range), .init(.title, \.title)]
  }
}
