import Readers
import Volumetry

/// Panels in three dimensions.
extension PanelLoader {
  private func camera(_ spec: PanelSpec) -> Camera {
    var camera = Camera(fieldOfView: spec.fieldOfView)
    if let azimuth = spec.azimuth { camera.azimuth = azimuth }
    if let elevation = spec.elevation { camera.elevation = elevation }
    return camera
  }

  func volume(_ spec: PanelSpec, showsColorBar: Bool) throws(VoxelithError) -> VolumePanel {
    let source = try open(spec.file, spec)
    let (lower, upper) = try ValueSummary(source).resolve(try range(spec.range), name: source.name)
    let scale = try ColorScale(
      map: try map(spec.map, .batlow), lower: lower, upper: upper, center: spec.center)
    var opacity: [(value: Double, opacity: Double)] = [(lower, 1)]
    if let pairs = spec.opacities {
      opacity = []
      for pair in pairs {
        guard pair.count == 2 else {
          throw VoxelithError(.usage, "opacities are pairs of a value and an opacity")
        }
        opacity.append((pair[0], pair[1]))
      }
    }
    var rendering = try VolumeRendering(
      source, transfer: try TransferFunction(scale: scale, opacity: opacity))
    rendering.camera = camera(spec)
    let label = RichText(spec.label ?? "value") + RichText(plain: spec.units.map { " (\($0))" } ?? "")
    return VolumePanel(
      rendering, label: showsColorBar ? label : nil, title: spec.title.map { RichText($0) })
  }

  func surface(_ spec: PanelSpec) throws(VoxelithError) -> VolumePanel {
    let source = try open(spec.file, spec)
    var mesh = try Mesh(isosurfaceOf: source, level: spec.level ?? 0.5)
    guard !mesh.triangles.isEmpty else {
      throw VoxelithError(
        .data, "has no surface at \(Ticks.number(spec.level ?? 0.5))", file: source.name,
        advice: "choose a level between the smallest and the largest value")
    }
    var bar: ColorBar?
    if let second = spec.file2 {
      let colors = try open(second, spec)
      let (lower, upper) = try ValueSummary(colors).resolve(try range(spec.range), name: colors.name)
      let scale = try ColorScale(
        map: try map(spec.map, .batlow), lower: lower, upper: upper, center: spec.center)
      mesh = try mesh.colored(by: colors, scale: scale)
      bar = ColorBar(scale, label: RichText(spec.label ?? "value"))
    }
    return VolumePanel(
      MeshRendering(mesh, camera: camera(spec)), grid: source.grid, colorBar: bar,
      title: spec.title.map { RichText($0) })
  }
}
