import Readers
public import Volumetry

/// Panels in three dimensions.
extension PanelLoader {
  private func camera(_ spec: PanelSpec) -> Camera {
    var camera = Camera(fieldOfView: spec.fieldOfView)
    if let azimuth = spec.azimuth { camera.azimuth = azimuth }
    if let elevation = spec.elevation { camera.elevation = elevation }
    return camera
  }

  func volume(_ spec: PanelSpec, showsColorBar: Bool) throws(VoxelithError) -> VolumePanel {
    VolumePanel(
      try rendering(spec), label: showsColorBar ? label(spec) : nil, title: spec.title.map { RichText($0) },
      threads: resources.threads)
  }

  func rendering(_ spec: PanelSpec) throws(VoxelithError) -> VolumeRendering {
    let source = try solid(spec)
    let (lower, upper) =
      spec.phase != nil && spec.range == nil
      ? (0, 1)
      : try ValueSummary(source, resources: resources).resolve(try range(spec.range), name: source.name)
    let scale = try ColorScale(
      map: try map(spec.map, .batlow), lower: lower, upper: upper, center: spec.center)
    var opacity: [(value: Double, opacity: Double)] =
      spec.phase != nil ? [(0.4, 0), (0.6, 1)] : [(lower, 1)]
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
      source, transfer: try TransferFunction(scale: scale, opacity: opacity), resources: resources)
    rendering.camera = camera(spec)
    rendering.showsVoxels = spec.voxels ?? false
    for plane in spec.clip ?? [] {
      guard plane.count == 6, plane.allSatisfy(\.isFinite), plane[3...].contains(where: { $0 != 0 }) else {
        throw VoxelithError(
          .usage, "a clipping plane is six numbers: a point x, y, z in um and a normal x, y, z")
      }
      rendering.clipping.append(
        .init(
          point: SIMD3(plane[0], plane[1], plane[2]), normal: SIMD3(plane[3], plane[4], plane[5])))
    }
    return rendering
  }

  /// The volume of a solid panel: one phase of labels where asked, smoothed where asked.
  private func solid(_ spec: PanelSpec) throws(VoxelithError) -> any VolumeSource {
    let source = try open(spec.file, spec)
    guard spec.phase != nil || (spec.smoothUm ?? 0) != 0 else { return source }
    var volume = try source.loadFloats()
    if let phase = spec.phase {
      let label = Float(phase)
      guard volume.voxels.contains(label) else {
        throw VoxelithError(.data, "holds no voxel of phase \(phase)", file: source.name)
      }
      volume.withVoxels { voxels in
        for i in voxels.indices { voxels[i] = voxels[i] == label ? 1 : 0 }
      }
    }
    guard let smooth = spec.smoothUm, smooth != 0 else { return volume }
    guard smooth.isFinite, smooth > 0, smooth <= 50 * volume.grid.spacing.min() else {
      throw VoxelithError(.usage, "smooth_um \(Ticks.number(smooth)) is not between 0 and 50 voxels")
    }
    guard !volume.voxels.contains(where: \.isNaN) else {
      throw VoxelithError(.data, "has missing voxels, which cannot be smoothed", file: source.name)
    }
    return Volume(
      grid: volume.grid,
      voxels: SeparableFilter.gaussian(
        volume.voxels, shape: volume.shape, sigma: SIMD3(repeating: smooth) / volume.grid.spacing,
        threads: resources.threads))
  }

  func surface(_ spec: PanelSpec) throws(VoxelithError) -> VolumePanel {
    let (mesh, grid, bar) = try mesh(spec)
    return VolumePanel(
      MeshRendering(mesh, camera: camera(spec)), grid: grid, colorBar: bar,
      title: spec.title.map { RichText($0) })
  }

  func mesh(_ spec: PanelSpec) throws(VoxelithError) -> (mesh: Mesh, grid: Grid, bar: ColorBar?) {
    let source = try solid(spec)
    let mesh = try Mesh(isosurfaceOf: source, level: spec.level ?? 0.5, resources: resources)
    guard !mesh.triangles.isEmpty else {
      throw VoxelithError(
        .data, "has no surface at \(Ticks.number(spec.level ?? 0.5))", file: source.name,
        advice: "choose a level between the smallest and the largest value")
    }
    guard let second = spec.file2 else { return (mesh, source.grid, nil) }
    let colors = try open(second, spec)
    let (lower, upper) = try ValueSummary(colors, resources: resources).resolve(
      try range(spec.range), name: colors.name)
    let scale = try ColorScale(
      map: try map(spec.map, .batlow), lower: lower, upper: upper, center: spec.center)
    return (
      try mesh.colored(by: colors, scale: scale), source.grid, ColorBar(scale, label: label(spec))
    )
  }
}

extension PanelSpec {
  /// The volume of a panel `volume`, ready to be looked through from other sides: a turntable.
  public func volumeRendering(
    in folder: String = ".", resources: Resources = Resources()
  ) throws(VoxelithError) -> VolumeRendering {
    try PanelLoader(folder: folder, resources: resources).rendering(self)
  }

  /// The surface of a panel `surface`, with its colours, to be written as a file.
  public func mesh(
    in folder: String = ".", resources: Resources = Resources()
  ) throws(VoxelithError) -> Mesh {
    try PanelLoader(folder: folder, resources: resources).mesh(self).mesh
  }
}
