public import Transport
public import Volumetry

/// What `transport` is told.
public struct TransportSettings: OperationSettings {
  public var phase: LabelSet?
  public var conductivity: [String: Double]?
  public var axes = "xyz"
  public var tolerance = 1e-6
  public var maximumIterations = 500
  public var tensor = false
  public var sides = TransportSides.insulated
  public var electrode = false
  public var separator = SeparatorFace.lower
  public var chargedSides = false

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case phase, conductivity, axes, tolerance, tensor, sides, electrode, separator
    case chargedSides = "charged_sides"
    case maximumIterations = "maximum_iterations"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .phase:
      "Label of the phase that conducts, or several; each conducts like the free medium. In a pipeline the pores by default."
    case .conductivity: "Relative diffusivity of each conducting label, as 0=1.0,2=0.05."
    case .axes: "Axes to solve along: any of x, y, z."
    case .tolerance: "Residual over right-hand side at which the solver stops."
    case .maximumIterations: "Iterations after which the solver gives up."
    case .tensor: "Solve for the full 3x3 tensor too, in a periodic box."
    case .sides: "The four sides that the flux does not pass: insulated, or periodic."
    case .electrode:
      "Solve for the electrode (blocking) tortuosity too, as the impedance of symmetric cells gives it."
    case .separator: "Face that the separator lies on, for the electrode tortuosity: lower or upper."
    case .chargedSides:
      "Count the sides of the box as charged surface in the electrode tortuosity, as TauFactor does."
    }
  }

  public func validate() throws(VoxelithError) {
    guard phase == nil || conductivity == nil else {
      throw VoxelithError(.usage, "phase and conductivity exclude each other")
    }
    guard electrode || (separator == .lower && !chargedSides) else {
      throw VoxelithError(
        .usage, "separator and charged_sides are for the electrode tortuosity", advice: "ask for it")
    }
    guard !chargedSides || sides == .insulated else {
      throw VoxelithError(.usage, "charged_sides: periodic sides are no surface")
    }
    _ = try diffusivities()
    _ = try axisList()
    try TransportOptions(tolerance: tolerance, maximumIterations: maximumIterations).validate()
  }

  /// - Throws: `usage` where a letter is no axis or stands twice.
  public func axisList() throws(VoxelithError) -> [Axis] {
    let list = axes.compactMap { Axis(rawValue: String($0)) }
    guard !list.isEmpty, list.count == axes.count, Set(list).count == list.count else {
      throw VoxelithError(.usage, "axes: '\(axes)' names no axes", advice: "write letters, as xyz")
    }
    return list
  }

  /// Relative diffusivity by label; label 0 alone where nothing is said.
  public func diffusivities() throws(VoxelithError) -> [UInt32: Double] {
    guard let conductivity else {
      return Dictionary((phase?.labels ?? [0]).map { ($0, 1) }, uniquingKeysWith: { first, _ in first })
    }
    var result: [UInt32: Double] = [:]
    for (name, value) in conductivity {
      guard let label = UInt32(name), value.isFinite, value >= 0 else {
        throw VoxelithError(
          .usage, "conductivity: '\(name)=\(value)' is not a label and a diffusivity of 0 or more")
      }
      result[label] = value
    }
    return result
  }

  /// Solves and gives the report.
  ///
  /// - Parameters:
  ///   - perAxis: takes the place of the plain solution along an axis, for maps.
  /// - Throws: `data` where a label that is named is not there; errors of the solver.
  public func solve(
    _ source: any VolumeSource, file: String, resources: Resources,
    perAxis: ((Axis, inout TransportSolver) throws(VoxelithError) -> AxisTransport)? = nil
  ) throws(VoxelithError) -> TransportReport {
    try validate()
    let phases = try diffusivities()
    var solver = try TransportSolver(
      labels: source, conductivity: try Conductivity(phases),
      options: TransportOptions(
        tolerance: tolerance, maximumIterations: maximumIterations, sides: sides),
      resources: resources)
    let name = file.split(separator: "/").last.map(String.init) ?? file
    var report = TransportReport(file: name, grid: source.grid, conductivity: phases, tolerance: tolerance)
    report.missingVoxels = solver.missingVoxels > 0 ? solver.missingVoxels : nil
    for axis in try axisList() {
      if let perAxis {
        report.add(try perAxis(axis, &solver))
      } else {
        report.add(try solver.transport(along: axis))
      }
    }
    report.sides = sides
    if tensor { report.tensor = try solver.tensor() }
    guard electrode else { return report }
    for axis in try axisList() {
      report.add(try solver.electrode(along: axis, separator: separator, chargesSides: chargedSides))
    }
    return report
  }
}

/// One label, or several. Encoded as a list.
public struct LabelSet: Codable, Sendable, Hashable {
  public var labels: [UInt32]

  public init(_ labels: [UInt32]) { self.labels = labels }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let one = try? container.decode(UInt32.self) {
      labels = [one]
    } else {
      labels = try container.decode([UInt32].self)
    }
    guard !labels.isEmpty else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "needs a label or several")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(labels)
  }
}
