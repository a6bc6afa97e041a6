import Volumetry

/// The plottable data of a NeXus file: an array and what lies along its axes.
struct NexusData: Sendable {
  let group: HDF5Group
  let signal: HDF5Dataset
  /// For each axis of the array what lies along it, where the file says so.
  let axes: [NexusAxis?]
  /// For each axis of the array what the file calls it.
  let axisNames: [String?]

  /// The data of a group.
  ///
  /// - Throws: `missing` where the signal leads nowhere, `data` where the group names none.
  init(of group: HDF5Group) throws(VoxelithError) {
    guard let name = try Self.signalName(of: group) else {
      throw VoxelithError(
        .data, "the group names no signal", file: group.file.path, place: group.path)
    }
    guard case .dataset(let dataset) = try group.object(name) else {
      throw VoxelithError(
        .data, "the signal \(name) is not a dataset", file: group.file.path, place: group.path)
    }
    self.init(signal: dataset, in: group)
  }

  /// The array at a path, or that of the NXdata group there.
  ///
  /// - Throws: `missing` where there is none.
  init(at path: String, in file: HDF5File) throws(VoxelithError) {
    switch try file.object(at: path) {
    case .group(let group): try self.init(of: group)
    case .dataset(let dataset):
      let parent = dataset.path.split(separator: "/").dropLast().joined(separator: "/")
      guard case .group(let group) = try file.object(at: "/" + parent) else {
        throw VoxelithError(.data, "the dataset lies in no group", file: file.path, place: path)
      }
      self.init(signal: dataset, in: group)
    }
  }

  /// An array with the axes that its group offers.
  init(signal: HDF5Dataset, in group: HDF5Group) {
    self.group = group
    self.signal = signal
    (axes, axisNames) = NexusAxes.find(for: signal, in: group)
  }

  /// Name of the signal: the group's attribute, or the dataset with the attribute `signal` = 1 as files
  /// before 2014 have it.
  private static func signalName(of group: HDF5Group) throws(VoxelithError) -> String? {
    if let name = group.attribute("signal")?.string, !name.isEmpty { return name }
    if HyperSpyAxes.describe(group) { return HyperSpyAxes.signal }
    for name in try group.names() {
      if let dataset = group.datasetIfPresent(name),
        dataset.attribute("signal")?.number == 1
      {
        return name
      }
    }
    return nil
  }

  /// What the file calls an axis.
  func axisTitle(_ dimension: Int) -> String? { axes[dimension]?.name ?? axisNames[dimension] }

  /// What lies along an axis, as far as its name and unit tell.
  func sense(_ dimension: Int) -> AxisSense {
    AxisSense(name: axisTitle(dimension), unit: axes[dimension]?.units)
  }

  /// Number of the axis that holds energies.
  var energyAxis: Int? { axes.firstIndex { $0?.isEnergy == true } }
}

/// What lies along one axis of an array.
struct NexusAxis: Sendable {
  let name: String
  let values: [Double]
  let units: String?
  /// Size of a voxel along it, in its units, where the file says so.
  let spacing: Double?

  /// Whether it holds photon energies, by its name or its unit.
  var isEnergy: Bool {
    if name.lowercased().contains("energ") || name == "spectra_bins" { return true }
    return units.map { Units.factor($0, .energy) != nil } ?? false
  }

  /// Which axis of space it is, by its name.
  var spatial: Axis? { SpatialName.axis(name) }

  /// Whether the values fall from one to the next, so that the file has the far end first.
  var isDescending: Bool {
    values.count >= 2 && zip(values, values.dropFirst()).allSatisfy { $0 > $1 }
  }

  /// The energies of `count` bins in keV, the lowest first; one value more than bins makes them edges.
  ///
  /// - Parameter keepsDetectorUnits: whether channels, and units that are not understood, are passed on as they are.
  /// - Throws: `data` where their number does not fit, they do not increase, or their unit is not one of energy.
  func energyAxis(
    count: Int, keepsDetectorUnits: Bool = false, file: String
  ) throws(VoxelithError) -> EnergyAxis {
    guard values.count == count || values.count == count + 1 else {
      throw VoxelithError(
        .data, "\(values.count) energies do not fit \(count) bins", file: file, place: name)
    }
    let factor = try EnergyScale.factor(
      of: values, units: units, name: name, keepsDetectorUnits: keepsDetectorUnits, file: file)
    let scaled = factor == 1 ? values : values.map { $0 * factor }
    let centers =
      values.count == count
      ? scaled : (0..<count).map { 0.5 * (scaled[$0] + scaled[$0 + 1]) }
    if !keepsDetectorUnits, values.count == count {
      try EnergyScale.checkSteps(centers, file: file, place: name)
    }
    if isDescending { return try EnergyAxis(centers: centers.reversed(), file: file) }
    return try EnergyAxis(centers: centers, file: file)
  }

  /// Spacing and lower end of the lowest voxel in micrometres, where the unit is a length and the
  /// positions are even; they may fall as well as rise.
  ///
  /// A scatter of the steps of up to a tenth (read-back of a stage) is allowed.
  func extent(count: Int) -> (spacing: Double, lower: Double)? {
    guard let factor = units.flatMap({ Units.factor($0, .length) }),
      values.count == count || values.count == count + 1
    else { return nil }
    var step = spacing ?? .nan
    if step.isNaN, values.count >= 2 {
      guard EvenSteps.areIn(values) else { return nil }
      step = (values[values.count - 1] - values[0]) / Double(values.count - 1)
    }
    guard step.isFinite, step != 0 else { return nil }
    step = abs(step)
    let lowest = isDescending ? values[values.count - 1] : values[0]
    let lower = values.count == count ? lowest - 0.5 * step : lowest
    return (step * factor, lower.isFinite ? lower * factor : 0)
  }
}
