import Volumetry

/// The axes of an array that are neither space nor energy: elements of a detector, frames of an exposure.
struct ExtraAxes {
  var detector: Int?
  var frame: Int?
  var elements = [0]
  var frames = [0]
  var elementCount = 1
  var origins: [GeometryOrigin] = []

  /// The axis of detector elements is the first of a HEXITEC odin file, or the one that its name tells, or, where the caller
  /// asks for elements or the names say that the detector has several, the one before energy. The axis of frames is the one that its
  /// name tells, or, where the caller asks for frames, the first without a name.
  init(_ data: NexusData, energy: Int, isOdin: Bool, options: SpectralOpenOptions) {
    let signal = data.signal
    let others = signal.shape.indices.filter { $0 != energy }
    func name(_ axis: Int) -> String? { data.axes[axis]?.name ?? data.axisNames[axis] }
    func unnamed(_ axis: Int) -> Bool { name(axis).flatMap(SpatialName.axis) == nil }
    if isOdin && signal.shape.count == 4 {
      detector = 0
      return
    }
    detector = others.last { name($0).map(Self.isDetector) ?? false }
    frame = others.first { $0 != detector && (name($0).map(Self.isFrame) ?? false) }
    let free = others.filter { unnamed($0) && $0 != detector && $0 != frame }
    if detector == nil,
      options.detector != nil || options.elementCoefficients != nil
        || (signal.shape.count >= 4 && Self.hasElements(signal.path) && !Self.isOneAnalyser(data.group))
    {
      detector = free.last { $0 < energy } ?? free.last
    }
    if frame == nil, options.frame != nil { frame = free.first { $0 != detector } }
  }

  /// The axes of the points: all others, but for those of length 1 that are more than three, the first without a name of space
  /// before the last.
  func scan(_ data: NexusData, energy: Int) -> [Int] {
    let shape = data.signal.shape
    var left = shape.indices.filter { $0 != energy && $0 != detector && $0 != frame }
    while left.count > 3,
      let one = left.first(where: { axis in
        shape[axis] == 1
          && (data.axes[axis]?.name ?? data.axisNames[axis]).flatMap(SpatialName.axis) == nil
      })
    { left.removeAll { $0 == one } }
    return left
  }

  /// Names under which detectors with several elements store their spectra.
  private static func hasElements(_ path: String) -> Bool {
    let lower = path.lowercased()
    return lower.contains("xspress") || lower.contains("mca") || lower.contains("xmap")
  }

  /// Whether a group has one calibration, and so one element.
  private static func isOneAnalyser(_ group: HDF5Group) -> Bool {
    MultichannelData.calibration(in: group)?.shape.count == 1
  }

  private static func words(_ name: String) -> Set<String> {
    let last = name.split(separator: "/").last.map { $0.lowercased() } ?? ""
    return Set(last.split { !$0.isLetter }.map(String.init))
  }

  private static func isDetector(_ name: String) -> Bool {
    // `detector_x` is a side of a camera.
    if SpatialName.axis(name) != nil { return false }
    let lower = name.lowercased()
    return lower.contains("detector") || lower.contains("element") || lower.contains("channel")
      || !words(name).isDisjoint(with: ["det", "dets", "mca", "mcas", "sensor", "sensors", "elem", "elt"])
  }

  private static func isFrame(_ name: String) -> Bool {
    !words(name).isDisjoint(with: [
      "frame", "frames", "exposure", "exposures", "repeat", "repeats", "repetition", "repetitions", "cycle",
      "cycles",
    ])
  }

  /// Which elements and frames are taken.
  ///
  /// - Throws: `data` where there is a choice that nobody made, `usage` where there is none or the chosen are not there.
  mutating func check(
    _ data: NexusData, isOdin: Bool, options: SpectralOpenOptions
  ) throws(VoxelithError) {
    let signal = data.signal
    (elements, elementCount) = try Self.chosen(
      detector, options.detector ?? (isOdin ? .sum : nil), signal, "detector element", "--detector")
    (frames, _) = try Self.chosen(frame, options.frame, signal, "frame", "--frames")
    if let detector {
      origins.append(
        GeometryOrigin(
          "detector elements", Self.told(elements, of: elementCount),
          (options.detector == nil ? "axis \(detector) of the array" : "--detector")))
    }
    if let frame {
      origins.append(
        GeometryOrigin(
          "frames", Self.told(frames, of: signal.shape[frame]),
          options.frame == nil ? "the only one" : "--frames"))
    }
  }

  private static func told(_ chosen: [Int], of count: Int) -> String {
    let list =
      chosen.count == count
      ? "all \(count)" : chosen.map(String.init).joined(separator: ", ") + " of \(count)"
    return list + (chosen.count > 1 ? ", added up" : "")
  }

  private static func chosen(
    _ axis: Int?, _ choice: AxisChoice?, _ signal: HDF5Dataset, _ what: String, _ option: String
  ) throws(VoxelithError) -> ([Int], Int) {
    let (file, path) = (signal.file.path, signal.path)
    guard let axis else {
      if choice == nil { return ([0], 1) }
      throw VoxelithError(
        .usage, "the array \(signal.summary) has no axis of \(what)s", file: file, place: path)
    }
    let count = signal.shape[axis]
    guard let choice else {
      if count == 1 { return ([0], 1) }
      throw VoxelithError(
        .data, "the spectra come from \(count) \(what)s", file: file, place: path,
        advice:
          "choose one with \(option) N (from 0), some with \(option) 0,2, or their sum with \(option) sum")
    }
    guard let chosen = choice.chosen(of: count) else {
      throw VoxelithError(
        .usage, "there is no \(what) \(choice.text): there are \(count), counted from 0", file: file,
        place: path)
    }
    return (chosen, count)
  }
}
