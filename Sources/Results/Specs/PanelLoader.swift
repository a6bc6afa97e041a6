import Drawing
import Foundation
import Readers
import Volumetry

/// Makes panels from their written form.
struct PanelLoader {
  let folder: String
  var resources = Resources()

  func open(_ volume: PanelVolume) throws(VoxelithError) -> any VolumeSource {
    try open(volume.file.name ?? "", like: volume)
  }

  /// - Parameter volume: how the file is opened.
  func open(_ name: String, like volume: PanelVolume) throws(VoxelithError) -> any VolumeSource {
    try open(name, volume.file, channel: volume.channel)
  }

  func open(_ name: String, _ file: PanelFile, channel: Int?) throws(VoxelithError) -> any VolumeSource {
    guard !name.isEmpty else {
      throw VoxelithError(.usage, "the panel names no file", advice: "give 'file:'")
    }
    var how = VolumeInputSettings()
    how.dataset = file.dataset
    how.channel = channel
    how.rawShape = file.rawShape
    how.rawType = file.rawType
    how.rawOffset = file.rawOffset ?? how.rawOffset
    how.rawBigEndian = file.rawBigEndian ?? how.rawBigEndian
    var options = try how.options(threads: resources.threads)
    if let size = file.voxelSizeUm {
      guard size.count == 3 || size.count == 1, size.allSatisfy({ $0.isFinite && $0 > 0 }) else {
        throw VoxelithError(.usage, "voxel_size_um is one positive number or three (z, y, x)")
      }
      options.voxelSize = size.count == 1 ? SIMD3(repeating: size[0]) : SIMD3(size[2], size[1], size[0])
    }
    return KnownQuantity.shown(try VolumeFile.open(path(name), options: options), ofFile: path(name))
  }

  func path(_ name: String) -> String {
    name.hasPrefix("/") || folder == "." ? name : folder + "/" + name
  }

  func map(_ name: String?, _ standard: ColorMap) throws(VoxelithError) -> ColorMap {
    guard let name else { return standard }
    return try ColorMap.named(name)
  }

  func range(_ ends: [Double]?) throws(VoxelithError) -> ValueRange {
    guard let ends else { return .automatic }
    guard ends.count == 2 else { throw VoxelithError(.usage, "a range is two numbers, not \(ends.count)") }
    return .fixed(ends[0], ends[1])
  }

  func axis(_ name: String?) throws(VoxelithError) -> Axis {
    guard let axis = Axis(rawValue: name ?? "z") else {
      throw VoxelithError(.usage, "there is no axis '\(name ?? "")'", advice: "axes are x, y and z")
    }
    return axis
  }

  func plane(_ plane: PanelPlane) throws(VoxelithError) -> SlicePlane {
    let axis = try axis(plane.axis)
    if let index = plane.slice { return .index(axis, index) }
    if let position = plane.positionUm { return .position(axis, um: position) }
    return .middle(axis)
  }

  func slice(_ spec: SlicePanelSpec) throws(VoxelithError) -> SliceImage {
    let source = try open(spec.volume)
    guard let normal = spec.normal else {
      return try SliceImage(source, try plane(spec.plane))
    }
    func vector(_ parts: [Double], _ name: String) throws(VoxelithError) -> SIMD3<Double> {
      guard parts.count == 3 else { throw VoxelithError(.usage, "\(name) is three numbers (x, y, z)") }
      return SIMD3(parts[0], parts[1], parts[2])
    }
    let center =
      try spec.pointUm.map { (p) throws(VoxelithError) in try vector(p, "point_um") } ?? source.grid.middle
    return try SliceImage(source, try ObliquePlane(center: center, normal: try vector(normal, "normal")))
  }

  func panel(_ spec: PanelSpec) throws(VoxelithError) -> any Panel {
    try spec.validate()
    switch spec {
    case .slice(let slice): return try slicePanel(slice)
    case .valueAndSigma(let pair): return try valueAndSigma(pair)
    case .histogram(let histogram): return try self.histogram(histogram)
    case .profile(let profile): return try self.profile(profile)
    case .density(let density): return try self.density(density)
    case .scatter(let scatter): return try self.scatter(scatter)
    case .series(let series): return try self.series(series)
    case .calibration(let calibration): return try self.calibration(calibration)
    case .orientation(let orientation): return try self.orientation(orientation)
    case .rose(let rose): return try self.rose(rose)
    case .polar(let polar): return try self.polar(polar)
    case .volume(let volume): return try self.volume(volume, showsColorBar: true)
    case .surface(let surface): return try self.surface(surface)
    case .diffusivity(let diffusivity): return try self.diffusivity(diffusivity)
    }
  }

  private func valueAndSigma(_ spec: ValueAndSigmaPanelSpec) throws(VoxelithError) -> PanelFigure {
    let sigma: PanelVolume
    if let named = spec.sigma {
      sigma = errors(of: spec.volume, in: named)
    } else if let found = besideFile(spec.volume.file) {
      sigma = errors(of: spec.volume, beside: found)
    } else {
      throw VoxelithError(
        .usage, "value-and-sigma needs the standard errors, and none lie beside the values",
        file: spec.volume.file.name, advice: "name their file: --sigma FILE, or sigma: in a figure file")
    }
    return try PanelFigure.valueAndSigma(
      value: try open(spec.volume), sigma: try open(sigma),
      plane: try plane(spec.plane), map: try map(spec.colors.map, .batlow),
      range: try range(spec.colors.range), label: bareLabel(spec.colors, of: spec.volume.file),
      units: spec.colors.units, title: try title(spec.title, of: spec.volume))
  }

  private func orientation(_ spec: OrientationPanelSpec) throws(VoxelithError) -> OrientationFigure {
    let name = spec.file.name ?? ""
    try checkVectors(spec.file)
    return try OrientationFigure(
      vectors: (
        try open(name, spec.file, channel: 0), try open(name, spec.file, channel: 1),
        try open(name, spec.file, channel: 2)
      ), plane: try plane(spec.plane), colors: .azimuth, title: spec.title.map { RichText($0) })
  }

  func closed(_ ends: [Double]?) throws(VoxelithError) -> ClosedRange<Double>? {
    guard let ends else { return nil }
    let (low, high) = try range(ends).resolve([])
    return low...high
  }

  /// The standard errors of a slice: of `sigma`, else of the file that the program wrote beside the values.
  private func sigmaSlice(
    _ spec: SlicePanelSpec, like slice: SliceImage
  ) throws(VoxelithError) -> SliceImage? {
    var other = spec
    if let sigma = spec.sigma {
      other.volume = errors(of: spec.volume, in: sigma)
      return try self.slice(other)
    }
    guard let sigma = besideFile(spec.volume.file) else { return nil }
    other.volume = errors(of: spec.volume, beside: sigma)
    // A file of that name that does not fit is not this one's.
    guard let found = try? self.slice(other), found.width == slice.width, found.height == slice.height else {
      return nil
    }
    return found
  }

  /// The file of standard errors beside the one of the values.
  func besideFile(_ file: PanelFile) -> String? {
    KnownQuantity.sigma(besideFile: path(file.name ?? ""), dataset: file.dataset)
  }

  /// The standard errors of a volume in a file that the panel names, which may be the one of the values.
  func errors(of volume: PanelVolume, in file: String) -> PanelVolume {
    var other = volume
    let own = volume.file.name ?? ""
    let isOwn = file == own || file == path(own)
    if isOwn, let errors = HDF5VolumeFile.errors(path: path(own), dataset: volume.file.dataset) {
      other.file.dataset = errors
    } else {
      other.file.name = file
    }
    return other
  }

  /// The same in a file that was found beside the values, and has the loader's folder in its path already.
  func errors(of volume: PanelVolume, beside file: String) -> PanelVolume {
    errors(of: volume, in: file == path(volume.file.name ?? "") ? file : PathName.absolute(file))
  }

  /// Labels and masks are drawn in steps of colour: files of whole numbers with few of them in the slice, where no range asks for
  /// a scale.
  func classes(of slice: SliceImage, _ spec: SlicePanelSpec) throws(VoxelithError) -> [Float]? {
    guard spec.colors.range == nil, spec.center == nil, spec.colors.units == nil, spec.gradient != true,
      spec.sigma == nil, !(try open(spec.volume)).voxelType.rawValue.hasPrefix("float")
    else { return nil }
    return slice.classes()
  }

  /// The title of a panel, or the name that the file gives its channel.
  func title(_ title: String?, of volume: PanelVolume) throws(VoxelithError) -> RichText? {
    if let title { return RichText(title) }
    guard let channel = volume.channel, volume.file.rawShape == nil else { return nil }
    var options = VolumeOpenOptions()
    options.dataset = volume.file.dataset
    let names = try VolumeFile.describe(path(volume.file.name ?? ""), options: options).channelNames
    return names.flatMap { $0.indices.contains(channel) ? $0[channel] : nil }.map {
      RichText(plain: $0.replacing("_", with: " "))
    }
  }

  func slicePanel(_ spec: SlicePanelSpec) throws(VoxelithError) -> SliceFigure {
    let title = try title(spec.title, of: spec.volume)
    let label = bareLabel(spec.colors, of: spec.volume.file)
    let image = try slice(spec)
    var front: SliceFigure
    if let classes = try classes(of: image, spec) {
      front = try SliceFigure(
        image, classes: classes, meanings: KnownQuantity.meanings(ofFile: path(spec.volume.file.name ?? "")),
        map: try map(spec.colors.map, .batlow), label: label, title: title)
    } else {
      front = try SliceFigure(
        image, map: try map(spec.colors.map, .batlow), range: try range(spec.colors.range),
        center: spec.center, label: label, units: spec.colors.units, title: title)
    }
    let sigma = try sigmaSlice(spec, like: front.slice)
    if spec.sigma != nil, let sigma {
      front = try front.faded(by: sigma)
    } else if let sigma {
      front.note = sigma.typicalError
    }
    if spec.gradient == true { front.arrows = try SliceArrows(front.slice, sigma: sigma) }
    if spec.sigma != nil { return front }
    guard let over = spec.over else { return front }
    let plane = try self.plane(spec.plane)
    let source = try open(spec.volume)
    let back = try open(over, like: spec.volume)
    let index = try plane.index(in: source.grid, name: source.name)
    let position =
      source.grid.origin(along: plane.axis)
      + (Double(index) + 0.5) * source.grid.spacing(along: plane.axis)
    let ground = try SliceFigure(
      back, plane: .position(plane.axis, um: position), map: .grey, label: "grey", title: title)
    let (across, down): (Axis, Axis) = plane.axis == .z ? (.x, .y) : plane.axis == .y ? (.x, .z) : (.y, .z)
    var overlay = SliceOverlay(
      front.slice, scale: front.scale, opacity: spec.opacity ?? 0.5,
      offset: (
        source.grid.origin(along: across) - back.grid.origin(along: across),
        source.grid.origin(along: down) - back.grid.origin(along: down)
      ))
    overlay.steps = front.steps
    var figure = ground.overlaid(with: overlay, label: front.label)
    figure.note = front.note
    return figure
  }
}
