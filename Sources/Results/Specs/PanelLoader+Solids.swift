import Drawing
import Readers
public import Solids
public import Volumetry

/// Panels in three dimensions.
extension PanelLoader {
  private func camera(_ view: PanelView) -> Camera {
    var camera = Camera(fieldOfView: view.fieldOfView)
    if let azimuth = view.azimuth { camera.azimuth = azimuth }
    if let elevation = view.elevation { camera.elevation = elevation }
    return camera
  }

  func volume(_ spec: VolumePanelSpec, showsColorBar: Bool) throws(VoxelithError) -> VolumePanel {
    var panel = VolumePanel(
      try rendering(spec),
      label: showsColorBar
        ? label(spec.colors.label, units: spec.colors.units, of: spec.volume.file) : nil,
      title: try title(spec.title, of: spec.volume), threads: resources.threads)
    guard spec.view.phase == nil else { return panel }
    let summary = try ValueSummary(try open(spec.volume), resources: resources)
    if let ends = panel.colorBar?.scale.range {
      panel.colorBar?.extendsBelow = summary.minimum < ends.lowerBound
      panel.colorBar?.extendsAbove = summary.maximum > ends.upperBound
    }
    let notes = [try typicalError(spec.volume), Self.leftOut(summary)].compactMap { $0 }
    panel.note = notes.dropFirst().reduce(notes.first) { joined, next in
      joined.map { $0 + RichText(plain: "; ") + next }
    }
    return panel
  }

  /// What a picture in three dimensions, which has no hatching, says of voxels without a value.
  private static func leftOut(_ summary: ValueSummary) -> RichText? {
    guard summary.missing > 0 else { return nil }
    return RichText(
      plain: "left out: \(summary.missing) \(summary.missing == 1 ? "voxel" : "voxels") without a value")
  }

  /// The median of the standard errors that the program wrote beside a volume; nil where there are none of its grid.
  private func typicalError(_ volume: PanelVolume) throws(VoxelithError) -> RichText? {
    guard let sigma = besideFile(volume.file),
      let errors = try? open(errors(of: volume, beside: sigma)),
      errors.grid.shape == (try open(volume)).grid.shape
    else { return nil }
    // Of many voxels every so manieth is enough for two digits.
    let step = max(1, errors.grid.shape.count / 1_000_000)
    var values: [Float] = []
    for z in 0..<errors.grid.shape.z {
      try resources.cancellation.check()
      let layer = try errors.readFloats(Region(slices: z..<(z + 1), of: errors.grid.shape))
      values += stride(from: z % step, to: layer.count, by: step).map { layer[$0] }
    }
    return SliceImage.median(values).map {
      RichText(plain: "median \u{03C3} of the voxels: " + ErrorDigits.error($0))
    }
  }

  func rendering(_ spec: VolumePanelSpec) throws(VoxelithError) -> VolumeRendering {
    let (source, phase) = try volumeSource(spec)
    let isPhase = spec.view.phase != nil
    let (lower, upper) =
      isPhase && spec.colors.range == nil
      ? (0, 1)
      : try ValueSummary(source, resources: resources).resolve(
        try range(spec.colors.range), name: source.name)
    let scale = try ColorScale(
      map: try map(spec.colors.map, .batlow), lower: lower, upper: upper, center: spec.center)
    var opacity: [(value: Double, opacity: Double)] =
      isPhase ? [(0.4, 0), (0.6, 1)] : [(lower, 1)]
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
    try phase?.check()
    rendering.camera = camera(spec.view)
    rendering.showsVoxels = spec.voxels ?? Self.showsVoxels(spec, rendering.grid)
    for plane in spec.clip ?? [] {
      guard plane.count == 6, plane.allSatisfy(\.isFinite), plane[3...].contains(where: { $0 != 0 }) else {
        throw VoxelithError(
          .usage, "a clipping plane is six numbers: a point x, y, z in µm and a normal x, y, z")
      }
      rendering.clipping.append(
        .init(
          point: SIMD3(plane[0], plane[1], plane[2]), normal: SIMD3(plane[3], plane[4], plane[5])))
    }
    return rendering
  }

  /// Longest side of a volume, in voxels, that is drawn in blocks unless the panel says otherwise.
  private static let blocks = 100

  /// Voxels that are seen one by one are not smoothed into values between them, which nobody measured.
  private static func showsVoxels(_ spec: VolumePanelSpec, _ grid: Grid) -> Bool {
    spec.view.phase == nil && spec.view.smoothUm == nil && spec.opacities == nil
      && max(grid.shape.x, grid.shape.y, grid.shape.z) <= blocks
  }

  /// The volume of a solid panel: one phase of labels where asked, smoothed where asked.
  private struct Solid {
    let source: any VolumeSource
    let phase: PhaseSource?
    let isSmoothed: Bool
  }

  /// - Parameter threads: used for smoothing a box.
  private func solid(
    _ volume: PanelVolume, _ view: PanelView, threads: Int
  ) throws(VoxelithError) -> Solid {
    let volume = try open(volume)
    let phase = view.phase.map { PhaseSource(volume, phase: $0) }
    let source: any VolumeSource = phase ?? volume
    guard let smooth = view.smoothUm, smooth != 0 else {
      return Solid(source: source, phase: phase, isSmoothed: false)
    }
    let spacing = source.grid.spacing
    guard smooth.isFinite, smooth > 0, smooth <= 50 * spacing.min() else {
      throw VoxelithError(.usage, "smooth_um \(Ticks.number(smooth)) is not between 0 and 50 voxels")
    }
    let smoothed = SmoothedSource(source, sigma: SIMD3(repeating: smooth) / spacing, threads: threads)
    return Solid(source: smoothed, phase: phase, isSmoothed: true)
  }

  /// The volume of a panel `volume`: a smoothed one in memory, since it is gone through more than once.
  private func volumeSource(
    _ spec: VolumePanelSpec
  ) throws(VoxelithError) -> (any VolumeSource, PhaseSource?) {
    let solid = try solid(spec.volume, spec.view, threads: resources.threads)
    guard solid.isSmoothed else { return (solid.source, solid.phase) }
    let bytes = 2 * MemoryLayout<Float>.size * solid.source.grid.shape.count
    guard bytes <= resources.memory else {
      throw VoxelithError(
        .usage, "smoothing a volume that is looked through takes \(bytes / 1_000_000 + 1) MB",
        file: solid.source.name, advice: "raise --memory, leave out the smoothing, or draw a surface")
    }
    return (try solid.source.loadFloats(), solid.phase)
  }

  func surface(_ spec: SurfacePanelSpec) throws(VoxelithError) -> VolumePanel {
    let (surface, bar) = try isosurface(spec)
    return try VolumePanel(
      IsosurfaceRendering(surface, camera: camera(spec.view)), colorBar: bar,
      title: spec.title.map { RichText($0) }, resources: resources)
  }

  func isosurface(
    _ spec: SurfacePanelSpec
  ) throws(VoxelithError) -> (surface: Isosurface, bar: ColorBar?) {
    let solid = try solid(spec.volume, spec.view, threads: 1)
    let level = spec.level ?? 0.5
    var surface = try Isosurface(of: solid.source, level: level, memory: resources.memory)
    surface.check = { (triangles) throws(VoxelithError) in
      try solid.phase?.check()
      guard triangles > 0 else {
        throw VoxelithError(
          .data, "has no surface at \(Ticks.number(level))", file: solid.source.name,
          advice: "choose a level between the smallest and the largest value")
      }
    }
    guard let second = spec.file2 else { return (surface, nil) }
    let colors = try open(second, like: spec.volume)
    let (lower, upper) = try ValueSummary(colors, resources: resources).resolve(
      try range(spec.colors.range), name: colors.name)
    let scale = try ColorScale(
      map: try map(spec.colors.map, .batlow), lower: lower, upper: upper, center: spec.center)
    let label = label(spec.colors.label, units: spec.colors.units, of: spec.volume.file)
    return (surface.colored(by: colors, scale: scale), ColorBar(scale, label: label))
  }
}

extension VolumePanelSpec {
  /// The volume of a panel `volume`, ready to be looked through from other sides: a turntable.
  public func volumeRendering(
    in folder: String = ".", resources: Resources = Resources()
  ) throws(VoxelithError) -> VolumeRendering {
    try PanelLoader(folder: folder, resources: resources).rendering(self)
  }
}

extension SurfacePanelSpec {
  /// The surface of a panel `surface`, with its colours, to be written as a file.
  ///
  /// Going through it throws `data` at its end where the phase is missing or the surface is empty.
  public func isosurface(
    in folder: String = ".", resources: Resources = Resources()
  ) throws(VoxelithError) -> Isosurface {
    try PanelLoader(folder: folder, resources: resources).isosurface(self).surface
  }
}
