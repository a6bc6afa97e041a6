import Volumetry

/// Live time of every point of a scan, from what a detector stores of it.
///
/// It is the stored live time, or the real time less the dead time, whichever way the file tells that: a time, a fraction, a
/// factor of correction, or the rates of events in and out. Of elements that are added up the mean counts (their
/// counts go with their own times, and counts over the mean time then are the sum of their rates), of frames the sum.
struct DetectorTimes {
  /// One for every point, or one for all.
  var seconds: [Double]
  var source: String

  private static let live = [
    "live_time", "livetime", "live", "trigger_livetime", "energy_livetime", "LiveTime",
  ]
  private static let real = [
    "real_time", "realtime", "RealTime", "elapsed_time", "count_time", "exposure_time", "dwell_time",
  ]

  /// Looks for live times in groups one after the other, and then for real ones; nil where none has a time that fits the points.
  ///
  /// The group of the detector that recorded the array goes first. Where several others tell different live times nobody knows
  /// which is meant.
  ///
  /// - Parameters:
  ///   - own: the group of the array.
  ///   - detectors: the detectors of its entry.
  /// - Throws: `data` where a unit is not understood, a live time is not positive, or several detectors may be meant.
  static func find(
    of array: SpectralArray, own: HDF5Group, detectors: [HDF5Group]
  ) throws(VoxelithError) -> DetectorTimes? {
    let identity = try array.array.identity()
    let name = array.array.path.split(separator: "/").last
    let recorders = detectors.filter { group in
      group.path.split(separator: "/").last == name
        || ["data", "counts", "spectra", "spectrum"].contains {
          (try? group.datasetIfPresent($0)?.identity()) == identity
        }
    }
    let others = recorders.isEmpty ? detectors : recorders
    for isLive in [true, false] {
      if let found = try find(of: array, in: own, isLive: isLive) { return found }
      var known: DetectorTimes?
      for group in others {
        guard let found = try find(of: array, in: group, isLive: isLive) else { continue }
        if let known, known.seconds != found.seconds {
          throw VoxelithError(
            .data, "several detectors give different live times: \(known.source) and \(found.source)",
            file: own.file.path, place: array.array.path,
            advice: "name the data of the detector that is meant with --dataset, or give --live-time")
        }
        known = known ?? found
      }
      if let known { return known }
    }
    return nil
  }

  /// - Throws: `data` where a group has live times that fit no points: counts over no or another time would be wrong in silence.
  static func checkFit(
    of array: SpectralArray, in groups: [HDF5Group]
  ) throws(VoxelithError) {
    for group in groups {
      for name in live {
        guard let dataset = group.datasetIfPresent(name), dataset.type != nil, dataset.count ?? 0 > 0,
          try PointValues(group, name, array) == nil
        else { continue }
        throw VoxelithError(
          .data,
          "the live times of the shape \(dataset.shape) do not fit the points of the shape \(array.scanShape)",
          file: group.file.path, place: dataset.path, advice: "give the live time with --live-time")
      }
    }
  }

  private static func find(
    of array: SpectralArray, in group: HDF5Group, isLive: Bool
  ) throws(VoxelithError) -> DetectorTimes? {
    for name in live where isLive {
      guard let values = try PointValues(group, name, array, isTime: true) else { continue }
      try checkReal(values, in: group, array)
      return DetectorTimes(array, [values], "\(values.place) (\(values.unit))") { values[$0, $1, $2] }
    }
    for name in real where !isLive {
      guard let total = try PointValues(group, name, array, isTime: true), !total.isClock else { continue }
      let told = "\(total.place) (\(total.unit))"
      if let dead = try dead(group, array) {
        return DetectorTimes(array, [total, dead.values], told + " and \(dead.words)") {
          dead.live(total[$0, $1, $2], dead.values[$0, $1, $2])
        }
      }
      if let output = try PointValues(group, "ocr", array), let input = try PointValues(group, "icr", array) {
        return DetectorTimes(
          array, [total, output, input], told + " times \(output.place) over \(input.place)"
        ) { frame, element, point in
          let rate = input[frame, element, point]
          return rate > 0 ? total[frame, element, point] * output[frame, element, point] / rate : .nan
        }
      }
      return DetectorTimes(array, [total], told + ", no dead time is given") { total[$0, $1, $2] }
    }
    return nil
  }

  /// - Throws: `data` where a point was live for longer than it was measured.
  private static func checkReal(
    _ live: PointValues, in group: HDF5Group, _ array: SpectralArray
  ) throws(VoxelithError) {
    for name in real where name.hasPrefix("real") || name.hasPrefix("Real") || name.hasPrefix("elapsed") {
      guard let total = try PointValues(group, name, array, isTime: true), !total.isClock else { continue }
      for frame in array.frames {
        for element in array.elements {
          for point in 0..<(live.isPerPoint || total.isPerPoint ? array.pointCount : 1) {
            let (own, whole) = (live[frame, element, point], total[frame, element, point])
            // Times that were never written are 0, and clocks are read one after the other.
            guard own > 1.001 * whole, whole > 0 else { continue }
            throw VoxelithError(
              .data,
              "the live time \(GeometryOrigin.text(own)) s of point \(point) is longer than its real time "
                + "\(GeometryOrigin.text(whole)) s (\(total.place))",
              file: group.file.path, place: live.place,
              advice: "give the live time with --live-time, in seconds")
          }
        }
      }
    }
  }

  private struct Dead {
    var values: PointValues
    var words: String
    var live: @Sendable (Double, Double) -> Double
  }

  private static func dead(_ group: HDF5Group, _ array: SpectralArray) throws(VoxelithError) -> Dead? {
    for name in ["dead_time_fraction", "deadtime_fraction", "fractional_dead_time", "dead_fraction"] {
      if let values = try PointValues(group, name, array) {
        return Dead(values: values, words: "the fraction \(values.place)") { $0 * (1 - $1) }
      }
    }
    for name in [
      "dead_time_factor", "deadtime_factor", "dtc_factor", "dtc_factors", "deadtime_correction",
      "dead_time_correction",
    ] {
      if let values = try PointValues(group, name, array) {
        return Dead(values: values, words: "the factor \(values.place)") { $1 > 0 ? $0 / $1 : .nan }
      }
    }
    for name in ["dead_time", "deadtime", "DeadTime"] {
      guard let dataset = group.datasetIfPresent(name) else { continue }
      let unit = dataset.attribute("units")?.string.map(Units.normalized) ?? ""
      guard !unit.isEmpty else {
        throw VoxelithError(
          .data, "the dead time has no unit: it may be seconds or a part of the real time",
          file: group.file.path, place: dataset.path, advice: "give the live time with --live-time")
      }
      if ["%", "percent", "percentage"].contains(unit.lowercased()) {
        if let values = try PointValues(group, name, array) {
          return Dead(values: values, words: "the per cent of \(values.place)") { $0 * (1 - $1 / 100) }
        }
      } else if let values = try PointValues(group, name, array, isTime: true) {
        return Dead(values: values, words: "the dead time \(values.place) (\(values.unit))") { $0 - $1 }
      }
    }
    return nil
  }

  /// - Parameters:
  ///   - parts: what the value is made of; where none of them differs among the points one is made for all.
  ///   - value: of a frame, an element and a point.
  private init(
    _ array: SpectralArray, _ parts: [PointValues], _ source: String, of value: (Int, Int, Int) -> Double
  ) {
    let points = parts.contains(where: \.isPerPoint) ? array.pointCount : 1
    var seconds: [Double] = []
    seconds.reserveCapacity(points)
    for point in 0..<points {
      var sum = 0.0
      for frame in array.frames {
        var mean = 0.0
        for element in array.elements { mean += value(frame, element, point) }
        sum += mean / Double(array.elements.count)
      }
      seconds.append(sum)
    }
    self.seconds = seconds
    var words = source
    if array.elements.count > 1 { words += ", mean of \(array.elements.count) elements" }
    if array.frames.count > 1 {
      words +=
        parts.contains(where: \.isPerFrame)
        ? ", sum of \(array.frames.count) frames" : ", for each of \(array.frames.count) frames"
    }
    self.source = words
  }
}

/// Numbers that a dataset has for points, elements and frames, or for some of these.
struct PointValues {
  let place: String
  let unit: String
  let isPerFrame: Bool
  /// Whether it differs among the points.
  var isPerPoint: Bool { pointSteps.contains { $0 != 0 } }
  private let values: [Double]
  private let steps: (frame: Int, element: Int)
  private let pointSteps: [Int]
  private let shape: [Int]

  /// Nil where there is no such dataset or its shape is not that of the points, elements and frames.
  ///
  /// - Throws: `data` where the unit of a time is not understood.
  init?(
    _ group: HDF5Group, _ name: String, _ array: SpectralArray, isTime: Bool = false
  ) throws(VoxelithError) {
    guard let dataset = group.datasetIfPresent(name), dataset.type != nil, let count = dataset.count,
      count > 0,
      count <= HDF5Attributes.limit
    else { return nil }
    let sides = array.array.shape
    let others = [array.frame, array.detector].compactMap { $0 }
    var choices: [[Int]] = [array.scan]
    for other in others { choices.append((array.scan + [other]).sorted()) }
    choices.append((array.scan + others).sorted())
    choices += others.map { [$0] } + [others.sorted()]
    if count == 1 { choices.insert([], at: 0) }
    // Axes of length 1 may be left out.
    func trimmed(_ shape: [Int]) -> [Int] { shape.filter { $0 != 1 } }
    // The points may lie in one line, in the order of the scan.
    func listed(_ axes: [Int]) -> [Int]? {
      let points = axes.prefix(array.scan.count)
      guard Array(points) == array.scan, !array.scan.isEmpty else { return nil }
      return [array.pointCount] + axes.dropFirst(array.scan.count).map { sides[$0] }
    }
    guard
      let axes = choices.first(where: { trimmed($0.map { sides[$0] }) == trimmed(dataset.shape) })
        ?? choices.first(where: { listed($0).map(trimmed) == trimmed(dataset.shape) })
    else { return nil }
    var strides: [Int: Int] = [:]
    var step = 1
    for axis in axes.reversed() {
      strides[axis] = step
      step *= sides[axis]
    }
    place = dataset.path
    let spelled = dataset.attribute("units")?.string
    let factor =
      isTime
      ? try Units.factor(
        of: spelled, .time, assumed: 1, what: "the live time", option: "--live-time", file: group.file.path,
        place: dataset.path) : 1
    unit = spelled ?? (isTime ? "no unit, taken for s" : "no unit")
    values = try dataset.readNumbers().map { $0 * factor }
    steps = (
      array.frame.flatMap { strides[$0] } ?? 0, array.detector.flatMap { strides[$0] } ?? 0
    )
    isPerFrame = array.frame.map { strides[$0] != nil } ?? false
    pointSteps = array.scan.map { strides[$0] ?? 0 }
    shape = array.scanShape
  }

  /// Whether it tells when each point was measured and not for how long: it rises from point to point, in steps that are as
  /// even as those of a clock.
  var isClock: Bool {
    guard values.count >= 3, isPerPoint else { return false }
    let steps = zip(values, values.dropFirst()).map { $1 - $0 }
    let mean = steps.reduce(0, +) / Double(steps.count)
    return mean > 0 && steps.allSatisfy { $0 > 0 }
      && steps.count { abs($0 - mean) <= 0.5 * mean } * 2 > steps.count
  }

  subscript(frame: Int, element: Int, point: Int) -> Double {
    var place = frame * steps.frame + element * steps.element
    var rest = point
    for side in shape.indices.reversed() {
      place += rest % shape[side] * pointSteps[side]
      rest /= shape[side]
    }
    return place < values.count ? values[place] : .nan
  }
}
