import Compton
import Correlation
import Drawing
import Microstructure
import Readers
import Registration
import Results
import Volumetry

/// What the sections say, as the rooms take it.
extension Pipeline {
  /// - Throws: `data` with the place of a value that makes no sense.
  func validate() throws(VoxelithError) {
    let known = StageName.allCases.map(\.rawValue)
    for name in file.skip ?? [] where !known.contains(name) {
      throw bad("skip", "there is no stage '\(name)'", "stages: " + known.joined(separator: ", "))
    }
    if let window = file.map?.fitWindow, window.count != 2 || !(window[0] < window[1]) {
      throw bad("map.fit_window_au", "needs two increasing numbers")
    }
    for (name, size) in [
      ("inputs.xcs_voxel_size_um", file.inputs.xcsVoxelSize),
      ("inputs.xct_voxel_size_um", file.inputs.xctVoxelSize),
    ] {
      if let size, !(size.vector.min() > 0 && size.vector.max().isFinite) {
        throw bad(name, "a voxel size must be positive")
      }
    }
    for (name, value, range) in [
      ("fractions.sigma", file.fractions?.sigma, 0.0...1.0),
      ("fractions.minimum_coverage", file.fractions?.minimumCoverage, 0.01...1),
      ("segment.threshold_sigma", file.segment?.thresholdSigma, 0...0.5),
      ("correlate.confidence", file.correlate?.confidence, 0.01...0.9999),
      ("register.maximum_angle_deg", file.register?.maximumAngle, 0...180),
      ("register.maximum_error_voxels", file.register?.maximumError, 1e-6...1e6),
      ("map.minimum_counts", file.map?.minimumCounts, 0...1e18),
      ("map.range_sigmas", file.map?.rangeSigmas, 0...1e6),
    ] {
      if let value, !range.contains(value) {
        throw bad(name, "\(value) is not within \(range.lowerBound) to \(range.upperBound)")
      }
    }
    if let replicates = file.correlate?.replicates, replicates < 10 {
      throw bad("correlate.replicates", "\(replicates) are too few", "give 10 or more")
    }
    if let stride = file.orient?.stride, stride < 1 { throw bad("orient.stride", "must be 1 or more") }
    for pair in file.correlate?.pairs ?? [] where pair.count != 2 {
      throw bad("correlate.pairs", "\(pair) is not a pair", "write pairs as [[lithium, porosity], ...]")
    }
    _ = try segmentationOptions()
    _ = try registrationOptions()
    _ = try depthAxis()
    _ = try transportAxes()
    _ = try figureStyle()
    _ = try mapOptions()
    _ = try denoisingRequest()
    try validatePhases()
  }

  func bad(_ place: String, _ message: String, _ advice: String? = nil) -> VoxelithError {
    VoxelithError(.data, message, file: path, place: place, advice: advice)
  }

  private func choice<Value: RawRepresentable & CaseIterable>(
    _ name: String?, _ fallback: Value, _ place: String
  ) throws(VoxelithError) -> Value where Value.RawValue == String {
    guard let name else { return fallback }
    guard let value = Value(rawValue: name) else {
      throw bad(
        place, "'\(name)' is not known", "known: " + Value.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
  }

  var activeLabel: Int { file.phases?.active ?? 1 }
  var poreLabel: Int { file.phases?.pore ?? 0 }

  /// Names and labels of the components in the order of the standards.
  func components() throws(VoxelithError) -> [(name: String, label: Int)] {
    let names = (try StandardsFile.read(resolve(file.inputs.standards)).components ?? []).map(\.name)
    let labels = file.phases?.components ?? [:]
    for name in labels.keys.sorted() where !names.contains(name) {
      throw bad(
        "phases.components", "the standards have no component '\(name)'",
        names.isEmpty ? "they have no components" : "components: " + names.joined(separator: ", "))
    }
    var result: [(name: String, label: Int)] = []
    for name in names {
      guard let label = labels[name] else {
        throw bad(
          "phases.components", "the label of the component '\(name)' is not given",
          "write components: {\(names.map { "\($0): LABEL" }.joined(separator: ", "))}")
      }
      result.append((name, label))
    }
    return result
  }

  private func validatePhases() throws(VoxelithError) {
    guard plan.has(.fractions) else { return }
    let labels = [activeLabel] + (try components()).map(\.label)
    guard Set(labels).count == labels.count else {
      throw bad("phases", "two phases have one label: \(labels)")
    }
    for label in labels + [poreLabel] where !(0...65535).contains(label) {
      throw bad("phases", "\(label) is no label", "labels run from 0 to 65535")
    }
    if activeLabel == poreLabel { throw bad("phases", "pore and active material have one label") }
  }

  func segmentationOptions() throws(VoxelithError) -> SegmentationOptions {
    let section = file.segment
    let classes = section?.classes ?? max(2, (file.phases?.components?.count ?? 1) + 1)
    guard classes >= 2, classes <= 8 else {
      throw bad("segment.classes", "\(classes) classes", "choose from 2 to 8")
    }
    var method = SegmentationOptions.Method.otsu(classes: classes)
    if let thresholds = section?.thresholds {
      guard !thresholds.isEmpty, zip(thresholds, thresholds.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw bad("segment.thresholds", "must be rising numbers")
      }
      method = .fixed(thresholds)
    }
    return SegmentationOptions(
      method: method,
      denoise: try choice(section?.denoise, .none, "segment.denoise"),
      minimumIsland: max(0, section?.minimumIsland ?? 0))
  }

  var thresholdSigma: Double { file.segment?.thresholdSigma ?? 0.05 }

  var pointSpread: PointSpread {
    get throws(VoxelithError) {
      try PointSpread(fullWidthUm: file.register?.pointSpread?.vector ?? .zero)
    }
  }

  func registrationOptions() throws(VoxelithError) -> RegistrationOptions {
    let section = file.register
    do throws(VoxelithError) {
      return RegistrationOptions(
        model: try TransformModel(degreesOfFreedom: section?.dof ?? 6),
        metric: try choice(section?.metric, .model, "register.metric"), spread: try pointSpread,
        start: try section?.start.map { (name) throws(VoxelithError) in
          try SpatialTransform.read(path: resolve(name))
        },
        maximumAngle: section?.maximumAngle ?? 20, searchesFullTurn: section?.fullTurn ?? false,
        maximumExpectedError: section?.maximumError ?? 0.5)
    } catch {
      throw error.code == .usage ? bad("register", error.message, error.advice) : error
    }
  }

  /// Settings of both maps.
  func mapOptions() throws(VoxelithError) -> MapOptions {
    var options = MapOptions(
      method: method, minimumCounts: file.map?.minimumCounts ?? 50, rangeSigmas: file.map?.rangeSigmas ?? 3)
    options.components = try choice(file.map?.components, .known, "map.components")
    let labels = file.phases?.components ?? [:]
    options.restIsEmpty = file.fractions?.restIsEmpty ?? !labels.values.contains(poreLabel)
    return options
  }

  /// What the map does against noise.
  func denoisingRequest() throws(VoxelithError) -> DenoisingRequest {
    let section = file.map
    do throws(VoxelithError) {
      return try DenoisingRequest(
        binToSigma: section?.binToSigma, binToCounts: section?.binToCounts, largestBin: section?.largestBin,
        denoise: section?.denoise, guide: section?.guide.map(resolve), guideScales: section?.guideScale)
    } catch {
      throw bad("map", error.message, error.advice)
    }
  }

  func depthAxis() throws(VoxelithError) -> Axis {
    try choice(file.correlate?.depthAxis, .z, "correlate.depth_axis")
  }

  func transportAxes() throws(VoxelithError) -> [Axis] {
    let text = file.transport?.axes ?? "xyz"
    let axes = text.compactMap { Axis(rawValue: String($0)) }
    guard !axes.isEmpty, axes.count == text.count, Set(axes).count == axes.count else {
      throw bad("transport.axes", "'\(text)' names no axes", "write letters, as xyz")
    }
    return axes
  }

  func figureStyle() throws(VoxelithError) -> (axis: Axis, colors: ColorMap) {
    do throws(VoxelithError) {
      return (
        try choice(file.figures?.axis, .z, "figures.axis"),
        try ColorMap.named(file.figures?.colorMap ?? "batlow")
      )
    } catch {
      throw error.code == .usage ? bad("figures.color_map", error.message, error.advice) : error
    }
  }
}
