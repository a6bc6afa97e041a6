import Drawing
import Foundation
import Readers
import Volumetry

/// Makes panels from their written form.
struct PanelLoader {
  let folder: String
  var resources = Resources()

  func open(_ name: String, _ spec: PanelSpec, channel: Int? = nil) throws(VoxelithError) -> any VolumeSource
  {
    guard !name.isEmpty else {
      throw VoxelithError(.usage, "the panel names no file", advice: "give 'file:'")
    }
    var how = VolumeInputSettings()
    how.dataset = spec.dataset
    how.channel = channel ?? spec.channel
    how.rawShape = spec.rawShape
    how.rawType = spec.rawType
    how.rawOffset = spec.rawOffset ?? how.rawOffset
    how.rawBigEndian = spec.rawBigEndian ?? how.rawBigEndian
    var options = try how.options(threads: resources.threads)
    if let size = spec.voxelSizeUm {
      guard size.count == 3 || size.count == 1, size.allSatisfy({ $0.isFinite && $0 > 0 }) else {
        throw VoxelithError(.usage, "voxel_size_um is one positive number or three (z, y, x)")
      }
      options.voxelSize = size.count == 1 ? SIMD3(repeating: size[0]) : SIMD3(size[2], size[1], size[0])
    }
    return try VolumeFile.open(path(name), options: options)
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

  func plane(_ spec: PanelSpec) throws(VoxelithError) -> SlicePlane {
    guard let axis = Axis(rawValue: spec.axis ?? "z") else {
      throw VoxelithError(.usage, "there is no axis '\(spec.axis ?? "")'", advice: "axes are x, y and z")
    }
    if let index = spec.slice { return .index(axis, index) }
    if let position = spec.positionUm { return .position(axis, um: position) }
    return .middle(axis)
  }

  func slice(_ spec: PanelSpec) throws(VoxelithError) -> SliceImage {
    let source = try open(spec.file, spec)
    guard let normal = spec.normal else {
      let slice = try SliceImage(source, try plane(spec))
      return spec.upright == true ? slice.upright : slice
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
    try spec.checkKeys()
    let title = try self.title(spec)
    let label = bareLabel(spec)
    switch spec.kind {
    case .slice: return try slicePanel(spec)
    case .valueAndSigma:
      guard let sigma = spec.sigma else {
        throw VoxelithError(
          .usage, "a panel 'value-and-sigma' needs 'sigma:', the file of the standard deviations")
      }
      return try PanelFigure.valueAndSigma(
        value: try open(spec.file, spec), sigma: try open(sigma, errors(spec, in: sigma)),
        plane: try plane(spec),
        map: try map(spec.map, .batlow), range: try range(spec.range), label: label, units: spec.units,
        title: title)
    case .histogram: return try histogram(spec)
    case .profile: return try profile(spec)
    case .density: return try density(spec)
    case .scatter: return try scatter(spec)
    case .series: return try series(spec)
    case .calibration: return try calibration(spec)
    case .polar: return try polar(spec)
    case .orientation:
      return try OrientationFigure(
        vectors: (
          try open(spec.file, spec, channel: 0), try open(spec.file, spec, channel: 1),
          try open(spec.file, spec, channel: 2)
        ), plane: try plane(spec), colors: .azimuth, title: title)
    case .rose: return try rose(spec)
    case .volume: return try volume(spec, showsColorBar: true)
    case .surface: return try surface(spec)
    }
  }

  func closed(_ ends: [Double]?) throws(VoxelithError) -> ClosedRange<Double>? {
    guard let ends else { return nil }
    let (low, high) = try range(ends).resolve([])
    return low...high
  }

  /// The standard errors of a slice: of `sigma`, else of the file that the program wrote beside the values.
  private func sigmaSlice(_ spec: PanelSpec, like slice: SliceImage) throws(VoxelithError) -> SliceImage? {
    if let sigma = spec.sigma { return try self.slice(errors(spec, in: sigma)) }
    guard let sigma = KnownQuantity.sigma(besideFile: path(spec.file), dataset: spec.dataset) else {
      return nil
    }
    let other = errors(spec, in: sigma)
    // A file of that name that does not fit is not this one's.
    guard let found = try? self.slice(other), found.width == slice.width, found.height == slice.height else {
      return nil
    }
    return found
  }

  /// The panel of the standard errors in a file, which may be the one of the values.
  func errors(_ spec: PanelSpec, in file: String) -> PanelSpec {
    var other = spec
    let isOwn = file == spec.file || file == path(spec.file)
    if isOwn, let errors = HDF5VolumeFile.errors(path: path(spec.file), dataset: spec.dataset) {
      other.dataset = errors
    } else {
      // What was found beside the values has the loader's folder in its path already.
      other.file = file == spec.sigma ? file : PathName.absolute(file)
    }
    return other
  }

  /// Labels and masks are drawn in steps of colour: files of whole numbers with few of them in the slice, where no range asks for
  /// a scale.
  func classes(of slice: SliceImage, _ spec: PanelSpec) throws(VoxelithError) -> [Float]? {
    guard spec.kind == .slice, spec.range == nil, spec.center == nil, spec.units == nil,
      spec.gradient != true,
      spec.sigma == nil, !(try open(spec.file, spec)).voxelType.rawValue.hasPrefix("float")
    else { return nil }
    return slice.classes()
  }

  /// The title of a panel, or the name that the file gives its channel.
  func title(_ spec: PanelSpec) throws(VoxelithError) -> RichText? {
    if let title = spec.title { return RichText(title) }
    guard let channel = spec.channel else { return nil }
    var options = VolumeOpenOptions()
    options.dataset = spec.dataset
    let names =
      spec.rawShape == nil ? try VolumeFile.describe(path(spec.file), options: options).channelNames : nil
    return names.flatMap { $0.indices.contains(channel) ? $0[channel] : nil }.map {
      RichText(plain: $0.replacing("_", with: " "))
    }
  }

  func slicePanel(_ spec: PanelSpec) throws(VoxelithError) -> SliceFigure {
    let title = try title(spec)
    let label = bareLabel(spec)
    let image = try slice(spec)
    var front: SliceFigure
    if let classes = try classes(of: image, spec) {
      front = try SliceFigure(
        image, classes: classes, meanings: KnownQuantity.meanings(ofFile: path(spec.file)),
        map: try map(spec.map, .batlow), label: label, title: title)
    } else {
      front = try SliceFigure(
        image, map: try map(spec.map, .batlow), range: try range(spec.range), center: spec.center,
        label: label, units: spec.units, title: title)
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
    let plane = try self.plane(spec)
    let source = try open(spec.file, spec)
    let back = try open(over, spec)
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
